import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError, type Tensor } from '@adjoint/core/functional'
import { countsOf } from './confusionMatrix.ts'
import { CLASS_OPTIONS, type ClassMetricOptions, labelsOf } from './labels.ts'

/**
 * How the classes come together to one number: `'binary'`, class 1 of two alone; `'macro'`, the mean over the classes;
 * `'weighted'`, the mean by how often each class is true; `'micro'`, all examples counted as one, which is the accuracy.
 */
export type Average = 'binary' | 'macro' | 'weighted' | 'micro'

/** Settings of {@link precision}, {@link recall} and {@link f1Score}. */
export interface AverageOptions extends ClassMetricOptions {
  /** Default `'binary'` for two classes, `'macro'` for more. */
  readonly average?: Average
}

/** Right and wrong answers about one class. */
interface Counts {
  /** Of the class, and answered so. */
  readonly right: number
  /** Answered so. */
  readonly answered: number
  /** Of the class. */
  readonly actual: number
}

/**
 * Of the examples that are answered as a class, the share that is of it; 0 for a class that is never answered. Scores and
 * target as for `accuracy`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { precision } from '@adjoint/nn'
 * precision(tensor([0.9, 0.8, 0.1, 0.7]), tensor([1, 0, 1, 1])) // => 0.6667
 * ```
 * @throws ShapeError when scores and target do not belong together; ArgumentError for a class that does not exist, an unknown
 * average, and `'binary'` of more than two classes.
 */
export function precision(scores: Tensor, target: Tensor, options: AverageOptions = {}): number {
  return averaged('precision', scores, target, options, ({ right, answered }) => share(right, answered))
}

/**
 * Of the examples of a class, the share that is answered so; 0 for a class that never occurs. Otherwise as
 * {@link precision}.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { recall } from '@adjoint/nn'
 * recall(tensor([0.9, 0.8, 0.1, 0.7]), tensor([1, 1, 1, 0])) // => 0.6667
 * ```
 * @throws ShapeError and ArgumentError as {@link precision}.
 */
export function recall(scores: Tensor, target: Tensor, options: AverageOptions = {}): number {
  return averaged('recall', scores, target, options, ({ right, actual }) => share(right, actual))
}

/**
 * The harmonic mean of precision and recall, 2 right / (answered + actual); 0 for a class that neither occurs nor is
 * answered. Otherwise as {@link precision}.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { f1Score } from '@adjoint/nn'
 * f1Score(tensor([0.9, 0.8, 0.1, 0.2]), tensor([1, 0, 1, 1])) // => 0.4
 * ```
 * @throws ShapeError and ArgumentError as {@link precision}.
 */
export function f1Score(scores: Tensor, target: Tensor, options: AverageOptions = {}): number {
  return averaged('f1Score', scores, target, options, ({ right, answered, actual }) =>
    share(2 * right, answered + actual),
  )
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

function averaged(
  op: string,
  scores: Tensor,
  target: Tensor,
  options: AverageOptions,
  measure: (counts: Counts) => number,
): number {
  expectOptions(op, options, [...CLASS_OPTIONS, 'average'])
  const { average, ...rest } = options
  const labels = labelsOf(op, scores, target, rest)
  const each = countsPerClass(countsOf(labels), labels.classes)
  const chosen = average ?? (labels.classes === 2 ? 'binary' : 'macro')
  const total = each.reduce((sum, { actual }) => sum + actual, 0)
  switch (chosen) {
    case 'binary':
      if (labels.classes === 2) return measure(each[1]!)
      throw new ArgumentError(
        op,
        `average 'binary' is for two classes, these are ${labels.classes}; choose 'macro', 'weighted' or 'micro'.`,
      )
    case 'macro':
      return each.reduce((sum, counts) => sum + measure(counts), 0) / each.length
    case 'weighted':
      return each.reduce((sum, counts) => sum + measure(counts) * counts.actual, 0) / total
    case 'micro':
      return measure({
        right: each.reduce((sum, { right }) => sum + right, 0),
        answered: total,
        actual: total,
      })
    default:
      throw new ArgumentError(
        op,
        `average must be 'binary', 'macro', 'weighted' or 'micro', got '${String(chosen)}'.`,
      )
  }
}

function countsPerClass(matrix: Int32Array, classes: number): Counts[] {
  return Array.from({ length: classes }, (_, c) => {
    let [answered, actual] = [0, 0]
    for (let k = 0; k < classes; k++) {
      answered += matrix[k * classes + c]!
      actual += matrix[c * classes + k]!
    }
    return { right: matrix[c * classes + c]!, answered, actual }
  })
}
