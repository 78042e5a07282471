import { log, type Tensor } from '@adjoint/core/functional'
import {
  type ClassLoss,
  type ClassLossOptions,
  crossEntropyOf,
  type LogOfScores,
  type SmoothingSettings,
} from './classes.ts'

/**
 * The cross entropy of probabilities a over classes: −Σ y log a over the classes, averaged over the examples.
 * `∂/∂a = −y/a`, divided by the number of examples. Shapes and targets as for `crossEntropy`.
 *
 * A class of probability y = 0 counts 0, also beside log 0, and so does its gradient.
 *
 * **The trap.** It is computed as it is written. A softmax rounds a class to 0 that is 746 (float32: 104) below the
 * largest logit; as the target it costs Infinity, and the gradient of the logits is NaN. `crossEntropy` takes the logits
 * themselves and has no such place; train with that one.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { categoricalCrossEntropy } from '@adjoint/nn'
 * categoricalCrossEntropy(tensor([[0.5, 0.5], [1, 0]]), tensor([1, 0], { dtype: 'int32' })).item() // => 0.3466
 * ```
 * @throws ShapeError when the targets fit neither way; ArgumentError for a class that does not exist, an unknown reduction,
 * layout or setting.
 */
export const categoricalCrossEntropy: ClassLoss<SmoothingSettings> = ((
  probabilities: Tensor,
  target: Tensor,
  options: ClassLossOptions & SmoothingSettings = {},
) =>
  crossEntropyOf('categoricalCrossEntropy', probabilities, target, options, LOG, [
    'labelSmoothing',
  ])) as ClassLoss<SmoothingSettings>

const LOG: LogOfScores = { elementwise: true, log }
