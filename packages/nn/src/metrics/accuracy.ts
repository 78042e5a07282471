import type { Tensor } from '@adjoint/core/functional'
import { type ClassMetricOptions, labelsOf } from './labels.ts'

/**
 * The share of examples whose class is answered right, from 0 to 1; NaN of no examples.
 *
 * Scores are `[m, classes]` with the largest winning, or `[m]` and `[m, 1]` with class 1 from `threshold` on, or the chosen
 * classes as int32 `[m]`; the target is int32 `[m]`, 0 or 1 in the shape of single scores, or a distribution.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { accuracy } from '@adjoint/nn'
 * accuracy(tensor([[1, 3], [2, 0], [0, 1]]), tensor([1, 0, 0], { dtype: 'int32' })) // => 0.6667
 * accuracy(tensor([[0.9], [0.2]]), tensor([[1], [1]])) // => 0.5
 * ```
 * @throws ShapeError when scores and target do not belong together; ArgumentError for a class that does not exist.
 */
export function accuracy(scores: Tensor, target: Tensor, options: ClassMetricOptions = {}): number {
  const { chosen, actual } = labelsOf('accuracy', scores, target, options)
  let right = 0
  for (let i = 0; i < actual.length; i++) if (chosen[i] === actual[i]) right++
  return right / actual.length
}
