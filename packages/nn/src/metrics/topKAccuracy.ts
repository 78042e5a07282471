import { formatShape } from '@adjoint/core/engine'
import { ArgumentError, ShapeError, type Tensor } from '@adjoint/core/functional'
import { expectTensor } from '../module/shown.ts'

/**
 * The share of examples whose class is among the k largest scores; scores `[m, classes]`, target int32 `[m]`. A class that
 * ties with others for the last place counts with the share of its chance: twice the same score for one place is ½.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { topKAccuracy } from '@adjoint/nn'
 * topKAccuracy(tensor([[3, 2, 1], [3, 2, 1]]), tensor([1, 2], { dtype: 'int32' }), 2) // => 0.5
 * ```
 * @throws ShapeError unless scores are `[m, classes]` and there are m targets; ArgumentError for k that is not a whole number
 * from 1 to the number of classes, and for a class that does not exist.
 */
export function topKAccuracy(scores: Tensor, target: Tensor, k: number): number {
  const op = 'topKAccuracy'
  expectTensor(op, 'scores', scores)
  expectTensor(op, 'target', target)
  const [examples, classes] = scores.shape
  if (scores.rank !== 2 || target.rank !== 1 || target.size !== examples) {
    const problem = `takes scores [m, classes] and m classes, got ${formatShape(scores.shape)} and ${formatShape(target.shape)}`
    throw new ShapeError(op, `${problem}.`, [scores.shape, target.shape])
  }
  if (!Number.isSafeInteger(k) || k < 1 || k > classes!) {
    throw new ArgumentError(op, `k must be a whole number from 1 to ${classes}, got ${k}.`)
  }
  const [data, wanted] = [scores.data(), target.data()]
  let right = 0
  for (let i = 0; i < examples!; i++) {
    const label = wanted[i]!
    if (!Number.isInteger(label) || label < 0 || label >= classes!) {
      throw new ArgumentError(op, `the target names class ${label}; classes are 0 to ${classes! - 1}.`)
    }
    const score = data[i * classes! + label]!
    let [above, equal] = [0, 0]
    for (let c = 0; c < classes!; c++) {
      if (data[i * classes! + c]! > score) above++
      else if (data[i * classes! + c] === score) equal++
    }
    if (equal > 0) right += Math.min(1, Math.max(0, (k - above) / equal))
  }
  return right / examples!
}
