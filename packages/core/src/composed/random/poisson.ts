import { poissonQuantile } from '../../ops/poissonQuantile.ts'
import { scalar } from '../../tensor/create.ts'
import { expectRng, type Rng } from '../../tensor/rng.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type DrawParameter, drawForm, uniformNoise } from './parameters.ts'

/**
 * Counts from the Poisson distribution: one for every rate, or a `shape` to which they broadcast. Dtype int32. By the
 * inverse distribution function, one uniform number each, for small and large rates alike.
 *
 * A constant: a count jumps as its rate changes, and its derivative says nothing about its mean.
 *
 * @example
 * ```ts
 * import { poisson, Rng, tensor } from '@adjoint/core'
 * poisson(new Rng(0), tensor([0, 3, 1000])).shape // => [3]
 * poisson(new Rng(0), 3, [1000]).mean().item() // => 2.975
 * ```
 * @throws ArgumentError for a rate that is negative, no number, or too large for int32; ShapeError when they do not
 * broadcast to the shape.
 */
export function poisson(rng: Rng, rate: DrawParameter, shape?: readonly number[]): Tensor {
  expectRng('poisson', rng)
  const form = drawForm('poisson', shape, undefined, { rate })
  const u = uniformNoise('poisson', rng, form.shape)
  return poissonQuantile(typeof rate === 'number' ? scalar(rate, 'float64') : rate, u)
}
