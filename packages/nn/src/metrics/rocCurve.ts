import { formatShape } from '@adjoint/core/engine'
import { ArgumentError, ShapeError, type Tensor } from '@adjoint/core/functional'
import { expectTensor } from '../module/shown.ts'

/** One threshold of a {@link rocCurve}. */
export interface RocPoint {
  /** Scores from here on are answered as class 1; Infinity at the start of the curve. */
  readonly threshold: number
  /** Share of class 0 that is answered as class 1. */
  readonly falsePositiveRate: number
  /** Share of class 1 that is answered as class 1. */
  readonly truePositiveRate: number
}

/**
 * The receiver operating characteristic: both rates for every threshold, from (0, 0) to (1, 1). Scores `[m]` or `[m, 1]`,
 * probabilities or logits, only their order counts; target 0 or 1 of as many examples. Equal scores are one point.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { rocCurve } from '@adjoint/nn'
 * rocCurve(tensor([3, 2, 1]), tensor([1, 0, 1])).map(({ falsePositiveRate: x, truePositiveRate: y }) => [x, y])
 * // => [[0, 0], [0, 0.5], [1, 0.5], [1, 1]]
 * ```
 * @throws ShapeError when the sizes differ; ArgumentError for NaN among the scores, targets other than 0 and 1, and when one
 * of the classes does not occur.
 */
export function rocCurve(scores: Tensor, target: Tensor): RocPoint[] {
  return curveOf('rocCurve', scores, target)
}

/**
 * The area under the ROC curve: the probability that an example of class 1 has a larger score than one of class 0, equals
 * counted half. `[m]` or `[m, 1]` each.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { areaUnderCurve } from '@adjoint/nn'
 * areaUnderCurve(tensor([0.1, 0.4, 0.35, 0.8]), tensor([0, 0, 1, 1])) // => 0.75
 * ```
 * @throws ShapeError and ArgumentError as {@link rocCurve}.
 */
export function areaUnderCurve(scores: Tensor, target: Tensor): number {
  const curve = curveOf('areaUnderCurve', scores, target)
  let area = 0
  for (let i = 1; i < curve.length; i++) {
    const [from, to] = [curve[i - 1]!, curve[i]!]
    const width = to.falsePositiveRate - from.falsePositiveRate
    area += (width * (from.truePositiveRate + to.truePositiveRate)) / 2
  }
  return area
}

function curveOf(op: string, scores: Tensor, target: Tensor): RocPoint[] {
  expectTensor(op, 'scores', scores)
  expectTensor(op, 'target', target)
  const isFlat = [scores, target].every(x => x.rank === 1 || (x.rank === 2 && x.size === x.shape[0]))
  if (!isFlat || scores.size !== target.size) {
    const problem = `takes one score and one target of each example, [m] or [m, 1], got ${formatShape(scores.shape)} and ${formatShape(target.shape)}`
    throw new ShapeError(op, `${problem}.`, [scores.shape, target.shape])
  }
  const [score, label] = [scores.data(), target.data()]
  if (Array.from(score).some(Number.isNaN))
    throw new ArgumentError(op, 'a score is NaN, which has no place in an order.')
  const stray = Array.from(label).find(value => value !== 0 && value !== 1)
  if (stray !== undefined) throw new ArgumentError(op, `targets are 0 or 1, got ${stray}.`)
  const positives = Array.from(label).filter(value => value === 1).length
  const negatives = label.length - positives
  if (positives === 0 || negatives === 0) {
    throw new ArgumentError(
      op,
      `needs examples of both classes, all ${label.length} are of class ${positives > 0 ? 1 : 0}.`,
    )
  }
  const order = Uint32Array.from(label, (_, i) => i).sort((a, b) => score[b]! - score[a]!)
  const points: RocPoint[] = [{ threshold: Infinity, falsePositiveRate: 0, truePositiveRate: 0 }]
  let [right, wrong] = [0, 0]
  order.forEach((at, i) => {
    if (label[at] === 1) right++
    else wrong++
    const next = order[i + 1]
    if (next !== undefined && score[next] === score[at]) return
    points.push({
      threshold: score[at]!,
      falsePositiveRate: wrong / negatives,
      truePositiveRate: right / positives,
    })
  })
  return points
}
