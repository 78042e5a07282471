import { formatShape, sameShape } from '@adjoint/core/engine'
import { ShapeError, type Tensor } from '@adjoint/core/functional'
import { expectTensor } from '../module/shown.ts'

/**
 * The share of the variance of the targets that is explained, R² = 1 − Σ (y − a)² / Σ (y − ȳ)²: 1 for perfect predictions, 0
 * for the mean of the targets, below 0 for worse. Of several outputs `[m, n]` the mean over the outputs. Where the targets
 * are constant it is 1 for perfect predictions and −Infinity otherwise; NaN of no examples.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { r2Score } from '@adjoint/nn'
 * r2Score(tensor([2.5, 0, 2, 8]), tensor([3, -0.5, 2, 7])) // => 0.9486
 * ```
 * @throws ShapeError when the shapes differ, or are neither `[m]` nor `[m, n]`.
 */
export function r2Score(prediction: Tensor, target: Tensor): number {
  const [outputs, a, y] = regressionOf('r2Score', prediction, target)
  if (y.length === 0) return Number.NaN
  let total = 0
  for (let k = 0; k < outputs; k++) {
    let [mean, count] = [0, 0]
    for (let i = k; i < y.length; i += outputs) mean += (y[i]! - mean) / ++count
    let [residual, spread] = [0, 0]
    for (let i = k; i < y.length; i += outputs) {
      residual += (y[i]! - a[i]!) ** 2
      spread += (y[i]! - mean) ** 2
    }
    total += residual === 0 ? 1 : 1 - residual / spread
  }
  return total / outputs
}

/**
 * The root of the mean squared error, in the unit of the targets, √(mean (y − a)²) over all elements.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { rootMeanSquaredError } from '@adjoint/nn'
 * rootMeanSquaredError(tensor([1, 2]), tensor([4, 6])) // => 3.5355
 * ```
 * @throws ShapeError when the shapes differ, or are neither `[m]` nor `[m, n]`.
 */
export function rootMeanSquaredError(prediction: Tensor, target: Tensor): number {
  const [, a, y] = regressionOf('rootMeanSquaredError', prediction, target)
  let sum = 0
  for (let i = 0; i < y.length; i++) sum += (y[i]! - a[i]!) ** 2
  return Math.sqrt(sum / y.length)
}

/** Number of outputs of an example, the predictions and the targets. */
function regressionOf(
  op: string,
  prediction: Tensor,
  target: Tensor,
): readonly [outputs: number, a: ArrayLike<number>, y: ArrayLike<number>] {
  expectTensor(op, 'prediction', prediction)
  expectTensor(op, 'target', target)
  const isTable = prediction.rank === 1 || prediction.rank === 2
  if (isTable && sameShape(prediction.shape, target.shape)) {
    return [prediction.shape[1] ?? 1, prediction.data(), target.data()]
  }
  throw new ShapeError(
    op,
    `takes predictions and targets of one shape, [m] or [m, n], got ${formatShape(prediction.shape)} and ${formatShape(target.shape)}.`,
    [prediction.shape, target.shape],
  )
}
