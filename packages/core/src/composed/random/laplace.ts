import { logarithm } from '../../backend/portable.ts'
import { add } from '../../ops/add.ts'
import { mul } from '../../ops/mul.ts'
import { expectOptions } from '../../shape/arguments.ts'
import type { Plain } from '../../shape/types.ts'
import type { RandomOptions } from '../../tensor/random.ts'
import { expectRng, type Rng } from '../../tensor/rng.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type DrawParameter, drawForm, drawn, expectPositive, noise } from './parameters.ts'

/** Settings of {@link laplace} and {@link gumbel}. */
export interface LocationScaleOptions extends RandomOptions {
  /** Where the density is largest. Default 0. */
  readonly location?: DrawParameter
  /** How wide the distribution is, in multiples of the standard one. Default 1. */
  readonly scale?: DrawParameter
}

/**
 * Numbers from the Laplace distribution, with the density e^(-|x - location| / scale) / (2 scale). Gradients flow to
 * parameters that are tensors: the draw is location + scale times a standard one, by the inverse distribution function.
 *
 * @example
 * ```ts
 * import { laplace, Rng } from '@adjoint/core'
 * laplace(new Rng(0), [1000], { location: 5 }).mean().item() // => 4.9958
 * ```
 * @throws ArgumentError when the scale is a number that is not positive; ShapeError when a parameter does not broadcast to
 * the shape.
 */
export function laplace<const S extends readonly number[]>(
  rng: Rng,
  shape: S,
  options: LocationScaleOptions = {},
): Tensor<Plain<S>> {
  expectRng('laplace', rng)
  expectOptions('laplace', options, ['location', 'scale', 'dtype'])
  return drawStandard('laplace', rng, shape, options, u =>
    u < 0.5 ? logarithm(2 * u) : -logarithm(2 * (1 - u)),
  ) as unknown as Tensor<Plain<S>>
}

/** location + scale times a function of uniform numbers. */
export function drawStandard(
  op: string,
  rng: Rng,
  shape: readonly number[],
  options: LocationScaleOptions,
  quantile: (u: number) => number,
): Tensor {
  const { location = 0, scale = 1, dtype } = options
  expectPositive(op, 'scale', scale)
  const form = drawForm(op, shape, dtype, { location, scale })
  const standard = noise(op, rng, form.shape, form.dtype, quantile)
  return drawn(add(mul(standard, scale as Tensor), location as Tensor), form)
}
