import { type Tensor, tensor } from '@adjoint/core/functional'
import { type ClassMetricOptions, type Labels, labelsOf } from './labels.ts'

/**
 * How often each class is taken for each: int32 `[classes, classes]`, the true class by row, the chosen one by column.
 * Scores and target as for `accuracy`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { confusionMatrix } from '@adjoint/nn'
 * const [chosen, actual] = [tensor([0, 1, 1, 2], { dtype: 'int32' }), tensor([0, 1, 2, 2], { dtype: 'int32' })]
 * confusionMatrix(chosen, actual).toArray() // => [[1, 0, 0], [0, 1, 0], [0, 1, 1]]
 * ```
 * @throws ShapeError when scores and target do not belong together; ArgumentError for a class that does not exist.
 */
export function confusionMatrix(
  scores: Tensor,
  target: Tensor,
  options: ClassMetricOptions = {},
): Tensor<[number, number]> {
  const labels = labelsOf('confusionMatrix', scores, target, options)
  const { classes } = labels
  return tensor(countsOf(labels), { shape: [classes, classes], dtype: 'int32' }) as Tensor<[number, number]>
}

/** The matrix row by row. */
export function countsOf({ chosen, actual, classes }: Labels): Int32Array {
  const counts = new Int32Array(classes * classes)
  for (let i = 0; i < actual.length; i++) counts[actual[i]! * classes + chosen[i]!]!++
  return counts
}
