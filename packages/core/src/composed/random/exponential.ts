import { logarithm } from '../../backend/portable.ts'
import { div } from '../../ops/div.ts'
import { expectOptions } from '../../shape/arguments.ts'
import type { Plain } from '../../shape/types.ts'
import type { RandomOptions } from '../../tensor/random.ts'
import { expectRng, type Rng } from '../../tensor/rng.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type DrawParameter, drawForm, drawn, expectPositive, noise } from './parameters.ts'

/** Settings of {@link exponential}. */
export interface ExponentialOptions extends RandomOptions {
  /** One over the mean. Default 1. */
  readonly rate?: DrawParameter
}

/**
 * Numbers from the exponential distribution, with the density rate e^(-rate x) for x > 0: -log(u) / rate. Gradients flow to
 * a rate that is a tensor. `d exponential = -x / rate drate`
 *
 * @example
 * ```ts
 * import { exponential, Rng } from '@adjoint/core'
 * exponential(new Rng(0), [2], { rate: 10 }).toArray() // => [0.0871, 0.1156]
 * ```
 * @throws ArgumentError when the rate is a number that is not positive; ShapeError when it does not broadcast to the shape.
 */
export function exponential<const S extends readonly number[]>(
  rng: Rng,
  shape: S,
  options: ExponentialOptions = {},
): Tensor<Plain<S>> {
  expectRng('exponential', rng)
  expectOptions('exponential', options, ['rate', 'dtype'])
  const { rate = 1, dtype } = options
  expectPositive('exponential', 'rate', rate)
  const form = drawForm('exponential', shape, dtype, { rate })
  const waited = noise('exponential', rng, form.shape, form.dtype, u => -logarithm(u))
  return drawn(div(waited, rate as Tensor), form) as unknown as Tensor<Plain<S>>
}
