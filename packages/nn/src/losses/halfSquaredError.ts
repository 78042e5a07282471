import { formatShape } from '@adjoint/core/engine'
import { mul, type Shape, ShapeError, square, sub, sum, type Tensor } from '@adjoint/core/functional'
import { unitsAxis } from '../module/layout.ts'
import {
  expectOperands,
  type LossShape,
  type Reduction,
  reduce,
  type TargetLike,
  type WeightedLossOptions,
} from './loss.ts'

/**
 * The lecture's loss for regression, ½ Σ (a − y)² over the outputs of an example, averaged over the examples.
 * `∂/∂a = a − y`, divided by the number of examples. Lecture: formulas for regression.
 *
 * rows: `[m, n], [m, n] -> []`; columns: `[n, m], [n, m] -> []`; `'none'` gives `[m]`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { halfSquaredError } from '@adjoint/nn'
 * const [a, y] = [tensor([[1, 2], [3, 4]]), tensor([[1, 4], [3, 0]])]
 * halfSquaredError(a, y).item() // => 5
 * halfSquaredError(a, y, { reduction: 'none' }).toArray() // => [2, 8]
 * halfSquaredError(a, y, { reduction: 'none', layout: 'columns' }).toArray() // => [0, 10]
 * ```
 * @throws ShapeError when prediction and target differ in shape, or have fewer than two axes; ArgumentError for an unknown
 * reduction, layout or setting.
 */
export function halfSquaredError<P extends Shape, T extends Shape, R extends Reduction = 'mean'>(
  prediction: Tensor<P>,
  target: TargetLike<P, T>,
  options: WeightedLossOptions<R> = {},
): Tensor<LossShape<R, Shape>> {
  const op = 'halfSquaredError'
  expectOperands(op, { prediction, target } as Record<string, Tensor>, options)
  if (prediction.rank < 2) {
    throw new ShapeError(
      op,
      `the prediction has shape ${formatShape(prediction.shape)}, and which of its numbers belong to one example ` +
        'cannot be seen. Give it two axes: [m, 1] is m examples with one output each.',
      [prediction.shape],
    )
  }
  const axis = unitsAxis(op, options.layout ?? 'rows')
  const squares = square(sub(prediction as Tensor, target as Tensor))
  return reduce(op, mul(sum(squares, axis), 0.5), options) as Tensor<LossShape<R, Shape>>
}
