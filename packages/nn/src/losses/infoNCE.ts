import { formatShape } from '@adjoint/core/engine'
import {
  ArgumentError,
  add,
  diagonal,
  logSoftmax,
  matmul,
  matrixTranspose,
  mul,
  neg,
  normalize,
  type Shape,
  ShapeError,
  type Tensor,
} from '@adjoint/core/functional'
import { unitsAxis } from '../module/layout.ts'
import {
  expectOperands,
  expectSetting,
  type LossShape,
  type Reduction,
  reduce,
  type WeightedLossOptions,
} from './loss.ts'

/** Settings of {@link infoNCE}. */
export interface InfoNCEOptions<R extends Reduction = Reduction> extends WeightedLossOptions<R> {
  /** Similarities are divided by it. Default 0.1. */
  readonly temperature?: number
  /** Whether vectors are taken with length 1, so that similarities are cosines. Default true. */
  readonly normalize?: boolean
  /** Whether keys must find their queries as well, and the mean of both counts: CLIP. Default false. */
  readonly symmetric?: boolean
}

/**
 * The contrastive loss of m pairs that are each other's only match: every query is to find its key among all keys. With
 * similarities s_ij = q_i · k_j / τ it is the cross entropy of row i with class i, −s_ii + log Σ_j e^(s_ij), averaged over the
 * queries. `∂/∂s = softmax(s) − I`, divided by m. van den Oord, Li, Vinyals, Representation learning with contrastive
 * predictive coding, 2018; `symmetric` as in Radford et al., Learning transferable visual models from natural language
 * supervision, 2021.
 *
 * `[m, n], [m, n] -> []`; in columns `[n, m]`; `'none'` gives `[m]`. Further axes may stand in front: batches of their own.
 *
 * @example
 * ```ts
 * import { eye } from '@adjoint/core'
 * import { infoNCE } from '@adjoint/nn'
 * infoNCE(eye(2), eye(2), { temperature: 1 }).item() // => 0.3133
 * ```
 * @throws ShapeError when the shapes differ or have fewer than two axes; ArgumentError for an unknown reduction, layout or
 * setting, or a temperature that is not above 0.
 */
export function infoNCE<S extends Shape, R extends Reduction = 'mean'>(
  queries: Tensor<S>,
  keys: Tensor<NoInfer<S>>,
  options: InfoNCEOptions<R> = {},
): Tensor<LossShape<R, Shape>> {
  const op = 'infoNCE'
  const [q, k] = [queries as Tensor, keys as Tensor]
  expectOperands(op, { queries: q, keys: k }, options, ['temperature', 'normalize', 'symmetric'])
  const { normalize: isUnit = true, symmetric = false, layout = 'rows' } = options
  const temperature = expectSetting(op, 'temperature', options.temperature ?? 0.1, 0)
  const axis = unitsAxis(op, layout)
  if (q.rank < 2) {
    throw new ShapeError(op, `the queries have shape ${formatShape(q.shape)}; give them two axes, [m, n].`, [
      q.shape,
    ])
  }
  if (typeof isUnit !== 'boolean') throw new ArgumentError(op, 'normalize is true or false.')
  const unit = (x: Tensor): Tensor => {
    const vectors = isUnit ? normalize(x, axis) : x
    return axis === -1 ? vectors : matrixTranspose(vectors)
  }
  const similarities = mul(matmul(unit(q), matrixTranspose(unit(k))), 1 / temperature)
  const found = (axis: number): Tensor => diagonalOf(logSoftmax(similarities, axis))
  const losses = symmetric ? mul(add(found(-1), found(-2)), -0.5) : neg(found(-1))
  return reduce(op, losses, options) as Tensor<LossShape<R, Shape>>
}

function diagonalOf(x: Tensor): Tensor {
  return diagonal(x, { axes: [-2, -1] })
}
