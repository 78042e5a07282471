import { expectOptions } from '../shape/arguments.ts'
import type { Shape } from '../shape/types.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { expectEpsilon } from './affine.ts'
import { type NormalizedPart, normalizePart } from './layerNorm.ts'

/** Settings of {@link rmsNorm}. */
export interface RMSNormOptions {
  /** Factors, in the shape that is normalised. Default: none. */
  readonly weight?: Tensor | null
  /** Added to the mean square under the root. Default 1e-6. */
  readonly epsilon?: number
}

/**
 * Each example divided by the root of its mean square, x / √(mean x² + epsilon) * weight: a layer norm that takes no mean
 * away. `[...batch, ...shape] -> [...batch, ...shape]`; `shape` as in `layerNorm`.
 * Source: B. Zhang and R. Sennrich, "Root mean square layer normalization", 2019.
 *
 * @example
 * ```ts
 * import { rmsNorm, tensor } from '@adjoint/core'
 * rmsNorm(tensor([[3, 4, 0, 0]]), 4, { epsilon: 0 }).toArray() // => [[1.2, 1.6, 0, 0]]
 * ```
 * @throws ShapeError when the tensor does not end in `shape`, or the weight does not have it; ArgumentError for an epsilon
 * below 0.
 */
export function rmsNorm<S extends Shape>(
  x: Tensor<S>,
  shape: NormalizedPart,
  options: RMSNormOptions = {},
): Tensor<S> {
  expectOptions('rmsNorm', options, ['weight', 'epsilon'])
  const { weight = null, epsilon = 1e-6 } = options
  const checked = expectEpsilon('rmsNorm', epsilon)
  return normalizePart('rmsNorm', x as Tensor, shape, false, checked, { weight }) as unknown as Tensor<S>
}
