import { inverseNormal } from '../../backend/inverseNormal.ts'
import { add } from '../../ops/add.ts'
import { mul } from '../../ops/mul.ts'
import { expectOptions } from '../../shape/arguments.ts'
import { ArgumentError } from '../../shape/errors.ts'
import type { Plain } from '../../shape/types.ts'
import type { RandomOptions } from '../../tensor/random.ts'
import { expectRng, type Rng } from '../../tensor/rng.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type DrawParameter, drawForm, drawn, noise } from './parameters.ts'

/** Settings of {@link normal}. */
export interface NormalOptions extends RandomOptions {
  /** Default 0. */
  readonly mean?: DrawParameter
  /** Standard deviation. Default 1. */
  readonly std?: DrawParameter
}

/**
 * Numbers from the normal distribution. Mean and standard deviation are numbers, or tensors that broadcast to `shape`: then
 * the draw is mean + std z with standard normal z, and gradients flow to both. `d normal = dmean + z dstd`
 *
 * @example
 * ```ts
 * import { normal, Rng, tensor } from '@adjoint/core'
 * normal(new Rng(0), [2, 3], { std: 0.01 }).shape // => [2, 3]
 * const mean = tensor([1, 2], { requiresGrad: true })
 * normal(new Rng(0), [100, 2], { mean }).sum().backward()
 * mean.grad?.toArray() // => [100, 100]
 * ```
 * @throws ArgumentError unless numbers among the parameters are finite and the standard deviation is not negative;
 * ShapeError when a parameter does not broadcast to the shape.
 */
export function normal<const S extends readonly number[]>(
  rng: Rng,
  shape: S,
  options: NormalOptions = {},
): Tensor<Plain<S>> {
  expectRng('normal', rng)
  expectOptions('normal', options, ['mean', 'std', 'dtype'])
  const { mean = 0, std = 1, dtype } = options
  if (typeof mean === 'number' && typeof std === 'number') {
    if (!(Number.isFinite(mean) && Number.isFinite(std) && std >= 0)) {
      throw new ArgumentError(
        'normal',
        `mean (${mean}) and std (${std}) must be finite, and std not negative.`,
      )
    }
    const form = drawForm('normal', shape, dtype, {})
    const draw = (u: number): number => mean + std * inverseNormal(u)
    return noise('normal', rng, form.shape, form.dtype, draw) as unknown as Tensor<Plain<S>>
  }
  const form = drawForm('normal', shape, dtype, { mean, std })
  const z = noise('normal', rng, form.shape, form.dtype, inverseNormal)
  return drawn(add(mul(z, std as Tensor), mean as Tensor), form) as unknown as Tensor<Plain<S>>
}
