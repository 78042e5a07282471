import type { Tensor } from '@adjoint/core/functional'
import { type ClassLoss, type ClassLossOptions, crossEntropyOf, type LogOfScores } from './classes.ts'

/**
 * The negative logarithm of the probability of the target class, of log-probabilities such as `logSoftmax` gives: −x_t of
 * every example, averaged. `∂/∂x = −y`, divided by the number of examples. `crossEntropy` is `logSoftmax` and this.
 *
 * `[m, classes]` and int32 `[m]` `-> []`; axes, weights and ignored classes as for `crossEntropy`. Distributions may
 * stand for class indices: −Σ y x.
 *
 * @example
 * ```ts
 * import { logSoftmax, tensor } from '@adjoint/core'
 * import { negativeLogLikelihood } from '@adjoint/nn'
 * const x = logSoftmax(tensor([[0, 0], [0, 1000]]))
 * negativeLogLikelihood(x, tensor([0, 0], { dtype: 'int32' }), { reduction: 'none' }).toArray() // => [0.6931, 1000]
 * ```
 * @throws ShapeError when the targets fit neither way; ArgumentError for a class that does not exist, an unknown reduction,
 * layout or setting.
 */
export const negativeLogLikelihood: ClassLoss = ((
  logProbabilities: Tensor,
  target: Tensor,
  options: ClassLossOptions = {},
) => crossEntropyOf('negativeLogLikelihood', logProbabilities, target, options, IDENTITY)) as ClassLoss

const IDENTITY: LogOfScores = { elementwise: true, log: x => x }
