import { logSoftmax, type Tensor } from '@adjoint/core/functional'
import {
  type ClassLoss,
  type ClassLossOptions,
  crossEntropyOf,
  type LogOfScores,
  type SmoothingSettings,
} from './classes.ts'

/**
 * The cross entropy of softmax(z), written with the logits z: −Σ y log softmax(z) over the classes, averaged over the
 * examples. `∂/∂z = softmax(z) − y` for targets that sum to 1, divided by the number of examples.
 *
 * rows: logits `[m, classes]`, targets int32 `[m]` or probabilities `[m, classes]`; columns: logits `[classes, m]`, targets
 * int32 `[m]` or probabilities `[classes, m]`. Further axes may stand in front. `'none'` gives one loss per example.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { crossEntropy } from '@adjoint/nn'
 * const logits = tensor([[1, 1], [0, 1000]])
 * crossEntropy(logits, tensor([0, 0], { dtype: 'int32' }), { reduction: 'none' }).toArray() // => [0.6931, 1000]
 * crossEntropy(logits, tensor([[0.5, 0.5], [0, 1]])).item() // => 0.3466
 * ```
 * @throws ShapeError when the targets fit neither way; ArgumentError for a class that does not exist, an unknown reduction,
 * layout or setting.
 */
export const crossEntropy: ClassLoss<SmoothingSettings> = ((
  logits: Tensor,
  target: Tensor,
  options: ClassLossOptions & SmoothingSettings = {},
) =>
  crossEntropyOf('crossEntropy', logits, target, options, LOG_SOFTMAX, [
    'labelSmoothing',
  ])) as ClassLoss<SmoothingSettings>

const LOG_SOFTMAX: LogOfScores = { elementwise: false, log: logSoftmax }
