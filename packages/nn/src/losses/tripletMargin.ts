import { add, norm, type Shape, sub, type Tensor } from '@adjoint/core/functional'
import {
  axisOfUnits,
  expectOperands,
  expectSetting,
  type LossShape,
  type Reduction,
  type WeightedLossOptions,
} from './loss.ts'
import { tripletLoss } from './tripletMarginWithDistance.ts'

/** Settings of {@link tripletMargin}. */
export interface TripletMarginOptions<R extends Reduction = Reduction> extends WeightedLossOptions<R> {
  /** How much farther the negative must be than the positive. Default 1. */
  readonly margin?: number
  /** The p of the norm. Default 2. */
  readonly order?: number
  /** Whether the distance of the negative from the positive counts where that is the smaller one. Default false. */
  readonly swap?: boolean
  /** Added to every difference. Default 0; PyTorch adds 1e-6 to keep away from the kink, which is not needed here. */
  readonly epsilon?: number
}

/**
 * For triplets of an anchor, a positive of its kind and a negative of another, averaged over the triplets:
 * max(0, d(anchor, positive) − d(anchor, negative) + margin) with d(x, y) = ‖x − y + ε‖. With u = (x − y)/d, `∂d/∂x = u`
 * and `∂d/∂y = −u` in the Euclidean norm; 0 where the points coincide. With `swap`, d(anchor, negative) is the smaller of
 * it and d(positive, negative). Balntas et al., 2016; Schroff, Kalenichenko, Philbin, FaceNet, 2015.
 *
 * Three of `[m, n] -> []`, or `[n, m]` in columns; `'none'` gives `[m]`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { tripletMargin } from '@adjoint/nn'
 * const [anchor, positive, negative] = [tensor([[0, 0]]), tensor([[3, 4]]), tensor([[0, 5.5]])]
 * tripletMargin(anchor, positive, negative).item() // => 0.5
 * tripletMargin(anchor, positive, negative, { swap: true }).item() // => 2.6459
 * ```
 * @throws ShapeError when the shapes differ; ArgumentError for an unknown reduction, layout or setting.
 */
export function tripletMargin<S extends Shape, R extends Reduction = 'mean'>(
  anchor: Tensor<S>,
  positive: Tensor<NoInfer<S>>,
  negative: Tensor<NoInfer<S>>,
  options: TripletMarginOptions<R> = {},
): Tensor<LossShape<R, Shape>> {
  const op = 'tripletMargin'
  const triplet = { anchor, positive, negative } as unknown as Readonly<Record<string, Tensor>>
  expectOperands(op, triplet, options, ['margin', 'order', 'swap', 'epsilon'])
  const { order = 2, epsilon = 0 } = options
  expectSetting(op, 'epsilon', epsilon, 0, true)
  const axis = axisOfUnits(op, 'the anchor is', anchor as Tensor, options)
  const distance = (x: Tensor, y: Tensor): Tensor => {
    const apart = sub(x, y)
    return norm(epsilon === 0 ? apart : add(apart, epsilon), axis, { order })
  }
  const operands = [triplet.anchor!, triplet.positive!, triplet.negative!] as const
  return tripletLoss(op, operands, options, distance) as Tensor<LossShape<R, Shape>>
}
