import { equal, relu, sub, type Tensor, where } from '@adjoint/core/functional'
import {
  type ElementLoss,
  expectOperands,
  expectSetting,
  expectSigns,
  reduce,
  type WeightedLossOptions,
} from './loss.ts'

/** What {@link hingeEmbedding} has besides the settings of every loss. */
export interface HingeEmbeddingSettings {
  /** The margin. Default 1. */
  readonly margin?: number
}

/**
 * For distances x of pairs, and targets y that are 1 for similar and −1 for dissimilar ones, averaged over all elements: x
 * where y = 1, max(0, margin − x) where y = −1. `∂/∂x` is 1 and −1 there, and 0 from the margin on; divided by the number
 * of elements.
 *
 * `[...shape], [...shape] -> []`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { hingeEmbedding } from '@adjoint/nn'
 * hingeEmbedding(tensor([0.5, 0.2, 3]), tensor([1, -1, -1]), { reduction: 'none' }).toArray() // => [0.5, 0.8, 0]
 * ```
 * @throws ShapeError when prediction and target differ in shape; DTypeError for boolean targets; ArgumentError for an
 * unknown reduction or setting.
 */
export const hingeEmbedding: ElementLoss<HingeEmbeddingSettings> = ((
  prediction: Tensor,
  target: Tensor,
  options: WeightedLossOptions & HingeEmbeddingSettings = {},
) => {
  expectOperands('hingeEmbedding', { prediction, target }, options, ['margin'])
  expectSigns('hingeEmbedding', target)
  const margin = expectSetting('hingeEmbedding', 'margin', options.margin ?? 1, -Infinity)
  return reduce('hingeEmbedding', where(equal(target, 1), prediction, relu(sub(margin, prediction))), options)
}) as ElementLoss<HingeEmbeddingSettings>
