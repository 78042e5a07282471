import { logarithm } from '../../backend/portable.ts'
import { expectOptions } from '../../shape/arguments.ts'
import type { Plain } from '../../shape/types.ts'
import { expectRng, type Rng } from '../../tensor/rng.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { drawStandard, type LocationScaleOptions } from './laplace.ts'

/**
 * Numbers from the Gumbel distribution of the largest of many, with P(X <= x) = e^(-e^(-(x - location) / scale)):
 * location - scale log(-log u). Gradients flow to parameters that are tensors.
 *
 * @example
 * ```ts
 * import { gumbel, Rng } from '@adjoint/core'
 * gumbel(new Rng(0), [3]).shape // => [3]
 * ```
 * @throws ArgumentError when the scale is a number that is not positive; ShapeError when a parameter does not broadcast to
 * the shape.
 */
export function gumbel<const S extends readonly number[]>(
  rng: Rng,
  shape: S,
  options: LocationScaleOptions = {},
): Tensor<Plain<S>> {
  expectRng('gumbel', rng)
  expectOptions('gumbel', options, ['location', 'scale', 'dtype'])
  return drawStandard('gumbel', rng, shape, options, standardGumbel) as unknown as Tensor<Plain<S>>
}

/** The quantile of the standard Gumbel distribution. */
export function standardGumbel(u: number): number {
  return -logarithm(-logarithm(u))
}
