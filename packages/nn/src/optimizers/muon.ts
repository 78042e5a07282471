import {
  add,
  div,
  matmul,
  mul,
  norm,
  reshape,
  sub,
  type Tensor,
  transpose,
  zerosLike,
} from '@adjoint/core/functional'
import type { Updatable } from './group.ts'
import { problemOfShares, runningMean } from './means.ts'
import { Optimizer } from './optimizer.ts'
import { type DescentSettings, shareAfterDecay, stepNumber, type UpdateRule } from './rule.ts'

/** Settings of {@link Muon}. */
export interface MuonOptions {
  /** Default 0.02. */
  readonly learningRate?: number
  /** How much of the mean gradient is kept from step to step. Default 0.95. */
  readonly momentum?: number
  /** Look ahead along the mean gradient. Default true. */
  readonly nesterov?: boolean
  /** Shrinks the parameter by this times the learning rate. Default 0. */
  readonly weightDecay?: number
  /** The number of Newton-Schulz steps. Default 5. */
  readonly iterations?: number
  /** Keeps the first quotient finite where gradients are 0. Default 1e-7. */
  readonly epsilon?: number
  /** Climb in the place of descending. Default false. */
  readonly maximize?: boolean
}

/** All settings of {@link muonRule}. */
export interface MuonSettings extends DescentSettings {
  readonly momentum: number
  readonly nesterov: boolean
  readonly iterations: number
  readonly epsilon: number
}

/** The running mean of the gradient. */
export type MuonState = { readonly mean: Tensor }

/**
 * The rule of {@link Muon}: with G = dW as a matrix of `rows` and `columns`, the momentum μ and the weight decay λ,
 *
 *     B ← μ B + (1 − μ) G
 *     O = orthogonalize(B),  or with nesterov  orthogonalize(μ B + (1 − μ) G)
 *     W ← (1 − α λ) W − α √max(1, rows / columns) O
 *
 * See {@link orthogonalize}. A parameter with more than two axes, `[out, in, ...kernel]`, is the matrix `[out, in · kernel]`.
 */
export const muonRule: UpdateRule<MuonState, MuonSettings> = {
  init: parameter => ({ mean: zerosLike(parameter) }),
  update: inputs => {
    const { value, gradient, state, settings } = inputs
    const { momentum, nesterov, weightDecay, iterations, epsilon, maximize } = settings
    const g = maximize ? mul(gradient, -1) : gradient
    const mean = runningMean(state.mean, g, momentum)
    const rows = value.shape[0]!
    const columns = value.size / rows
    const matrix = reshape(nesterov ? runningMean(mean, g, momentum) : mean, [rows, columns])
    const direction = reshape(orthogonalize(matrix, { iterations, epsilon }), value.shape)
    const kept = weightDecay === 0 ? value : mul(value, stepNumber(inputs, shareAfterDecay))
    const rate = stepNumber(
      inputs,
      ({ learningRate }) => learningRate * Math.sqrt(Math.max(1, rows / columns)),
    )
    return { value: sub(kept, mul(direction, rate)), state: { mean } }
  },
  problem: (settings, parameters) => {
    const other = parameters.find(({ shape, size }) => shape.length < 2 || size === 0)
    if (other === undefined) return problemOfShares(settings, ['momentum'])
    const what = other.shape.length < 2 ? 'is no matrix' : 'is empty'
    return `'${String(other.name)}' ${what}; give it to another optimizer, as AdamW, with a step of its own.`
  },
}

/** Settings of {@link orthogonalize}. */
export interface OrthogonalizeOptions {
  /** Default 5. */
  readonly iterations?: number
  /** Added to the norm, for a matrix of zeros. Default 1e-7. */
  readonly epsilon?: number
}

/** The quintic of Jordan and others: steep at 0, and within 0.3 of 1 after five steps, which is all that is asked for. */
const [LINEAR, CUBIC, QUINTIC] = [3.4445, -4.775, 2.0315]

/**
 * Nearly the orthogonal factor U Vᵀ of a matrix U S Vᵀ, without its decomposition: `[rows, columns] -> [rows, columns]`.
 * From X = M / ‖M‖, wide rather than tall, each Newton-Schulz step is
 *
 *     A = X Xᵀ,  X ← 3.4445 X − 4.775 A X + 2.0315 A² X
 *
 * Each singular value moves to between about 0.7 and 1.2. Those that are tiny beside the norm need more iterations.
 *
 * @example
 * ```ts
 * import { Rng, singularValues } from '@adjoint/core'
 * import { orthogonalize } from '@adjoint/nn'
 * const values = singularValues(orthogonalize(new Rng(0).normal([3, 5])))
 * values.data().every((s) => s > 0.6 && s < 1.3) // => true
 * ```
 */
export function orthogonalize(
  matrix: Tensor,
  { iterations = 5, epsilon = 1e-7 }: OrthogonalizeOptions = {},
): Tensor {
  const isTall = matrix.shape[0]! > matrix.shape[1]!
  const wide = isTall ? transpose(matrix) : matrix
  let x: Tensor = div(wide, add(norm(wide), epsilon))
  for (let i = 0; i < iterations; i++) {
    const a = matmul(x, transpose(x)) as Tensor
    const b = add(mul(a, CUBIC), mul(matmul(a, a) as Tensor, QUINTIC))
    x = add(mul(x, LINEAR), matmul(b, x) as Tensor)
  }
  return isTall ? (transpose(x) as Tensor) : x
}

const DEFAULTS: MuonSettings = {
  learningRate: 0.02,
  momentum: 0.95,
  nesterov: true,
  weightDecay: 0,
  iterations: 5,
  epsilon: 1e-7,
  maximize: false,
}

/**
 * Momentum whose matrix is brought near to the closest orthogonal one, so that every direction moves alike; see
 * {@link muonRule}. Jordan and others, Muon: an optimizer for hidden layers in neural networks, 2024. For the matrices inside
 * of a network; biases, norms, embeddings and the last layer belong to another optimizer, usually AdamW, and vectors are
 * refused.
 *
 * @example
 * ```ts
 * import { Parameter, Rng } from '@adjoint/core'
 * import { Muon } from '@adjoint/nn'
 * const w = new Parameter(new Rng(0).normal([4, 4]), 'w')
 * const before = w.square().sum()
 * const optimizer = new Muon([w])
 * before.backward()
 * optimizer.step()
 * w.square().sum().item() < before.item() // => true
 * ```
 */
export class Muon extends Optimizer<MuonState, MuonSettings> {
  /**
   * @param parameters what to update, as from `parameters(model)`, or groups with settings of their own
   * @throws ArgumentError for settings that are unknown or out of range; see {@link Optimizer}.
   */
  constructor(parameters: Updatable<MuonSettings>, options: MuonOptions = {}) {
    super('Muon', parameters, muonRule, DEFAULTS, options)
  }
}
