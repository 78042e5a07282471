import type { Shape, Tensor } from '@adjoint/core/functional'
import { expectOperands, type LossShape, type Reduction, type TargetLike } from './loss.ts'
import { type OverlapOptions, overlapLoss } from './tversky.ts'

/**
 * How little predicted probabilities a overlap with a region y, averaged over the regions: with the smoothing s,
 *
 *     1 − (2 Σ a y + s)/D,   D = Σ a + Σ y + s
 *
 * over a region; `∂/∂a = ((2 Σ a y + s) − 2 y D)/D²`, divided by the number of regions. Computed as
 * (Σ a (1 − y) + Σ (1 − a) y)/D, which is the same without the difference.
 * Milletari, Navab, Ahmadi, V-Net, 2016; there with squares in D.
 *
 * `[m, ...region], [m, ...region] -> []`; in columns `[...region, m]`; `'none'` gives `[m]`, or what the `axes` leave: the
 * axes [2, 3] of `[m, classes, height, width]` give a loss for every example and class.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { dice } from '@adjoint/nn'
 * dice(tensor([[1, 1, 0]]), tensor([[1, 0, 0]]), { smoothing: 0 }).item() // => 0.3333
 * ```
 * @throws ShapeError when prediction and target differ in shape; AxisError for axes that do not exist; ArgumentError for an
 * unknown reduction, layout or setting.
 */
export function dice<P extends Shape, T extends Shape, R extends Reduction = 'mean'>(
  prediction: Tensor<P>,
  target: TargetLike<P, T>,
  options: OverlapOptions<R> = {},
): Tensor<LossShape<R, Shape>> {
  const [a, y] = [prediction as Tensor, target as Tensor]
  expectOperands('dice', { prediction: a, target: y }, options, ['axes', 'smoothing'])
  return overlapLoss('dice', a, y, options, 0.5, 0.5, 2) as Tensor<LossShape<R, Shape>>
}
