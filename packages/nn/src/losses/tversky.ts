import { ArgumentError, add, div, mul, type Shape, sub, sum, type Tensor } from '@adjoint/core/functional'
import { unitsAxis } from '../module/layout.ts'
import {
  expectOperands,
  expectSetting,
  type LossShape,
  type Reduction,
  reduce,
  type TargetLike,
  type WeightedLossOptions,
} from './loss.ts'

/** Settings of losses of overlap, {@link tversky} and `dice`. */
export interface OverlapOptions<R extends Reduction = Reduction> extends WeightedLossOptions<R> {
  /** The axes of one region. Default: all but the one of the examples. */
  readonly axes?: number | readonly number[]
  /** Added to numerator and denominator, so that regions without anything have a loss. Default 1. */
  readonly smoothing?: number
}

/** Settings of {@link tversky}. */
export interface TverskyOptions<R extends Reduction = Reduction> extends OverlapOptions<R> {
  /** What a false positive costs. Default 0.5. */
  readonly alpha?: number
  /** What a false negative costs. Default 0.5. */
  readonly beta?: number
}

/**
 * How little predicted probabilities a overlap with a region y, averaged over the regions. With the true positives
 * T = Σ a y, the false positives F = Σ a (1 − y) and the false negatives N = Σ (1 − a) y of a region, and the smoothing s,
 *
 *     1 − (T + s)/D,   D = T + α F + β N + s
 *
 * `∂/∂a = −y/D + (T + s) (y + α (1 − y) − β y)/D²`, divided by the number of regions. α = β = ½ is `dice`.
 * Salehi, Erdogmus, Gholipour, Tversky loss function for image segmentation, 2017.
 *
 * `[m, ...region], [m, ...region] -> []`; in columns `[...region, m]`; `'none'` gives `[m]`, or what the `axes` leave.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { tversky } from '@adjoint/nn'
 * tversky(tensor([[1, 1, 0]]), tensor([[1, 0, 0]]), { alpha: 0.75, beta: 0.25, smoothing: 0 }).item() // => 0.4286
 * ```
 * @throws ShapeError when prediction and target differ in shape; AxisError for axes that do not exist; ArgumentError for an
 * unknown reduction, layout or setting.
 */
export function tversky<P extends Shape, T extends Shape, R extends Reduction = 'mean'>(
  prediction: Tensor<P>,
  target: TargetLike<P, T>,
  options: TverskyOptions<R> = {},
): Tensor<LossShape<R, Shape>> {
  const op = 'tversky'
  const [a, y] = [prediction as Tensor, target as Tensor]
  expectOperands(op, { prediction: a, target: y }, options, ['axes', 'smoothing', 'alpha', 'beta'])
  const alpha = expectSetting(op, 'alpha', options.alpha ?? 0.5, 0, true)
  const beta = expectSetting(op, 'beta', options.beta ?? 0.5, 0, true)
  return overlapLoss(op, a, y, options, alpha, beta) as Tensor<LossShape<R, Shape>>
}

/** The loss in the name of another function, of operands that are checked. */
export function overlapLoss(
  op: string,
  a: Tensor,
  y: Tensor,
  options: OverlapOptions,
  alpha: number,
  beta: number,
  times: number = 1,
): Tensor {
  const smoothing = expectSetting(op, 'smoothing', options.smoothing ?? 1, 0, true)
  const axes = regionAxes(op, a.rank, options)
  const over = (x: Tensor): Tensor => sum(x, axes)
  const hits = mul(over(mul(a, y)), times)
  const misses = add(mul(over(mul(a, sub(1, y))), alpha * times), mul(over(mul(sub(1, a), y)), beta * times))
  // The complement, misses over everything: 1 − (T + s)/D without the difference.
  return reduce(op, div(misses, add(add(hits, misses), smoothing)), options)
}

function regionAxes(
  op: string,
  rank: number,
  { axes, layout = 'rows' }: OverlapOptions,
): number | readonly number[] | undefined {
  const isRows = unitsAxis(op, layout) === -1
  if (axes !== undefined) {
    if (typeof axes === 'number' || (Array.isArray(axes) && axes.every(Number.isInteger))) return axes
    throw new ArgumentError(op, 'axes is an axis or a list of axes.')
  }
  if (rank < 2) return undefined
  return Array.from({ length: rank - 1 }, (_, k) => (isRows ? k + 1 : k))
}
