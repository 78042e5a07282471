/** Hand-derived forward and backward passes, in plain loops on typed arrays: the witness autodiff is compared with. */

export type { Activation, ActivationBackwardInputs } from './activations/activation.ts'
export { leakyRelu } from './activations/leakyRelu.ts'
export { linear } from './activations/linear.ts'
export { relu } from './activations/relu.ts'
export { sigmoid } from './activations/sigmoid.ts'
export { softmax } from './activations/softmax.ts'
export { tanh } from './activations/tanh.ts'
export { gradientDescent } from './gradientDescent.ts'
export {
  type DenseBackwardInputs,
  type DenseForwardInputs,
  type DenseGradients,
  dense,
} from './layers/dense.ts'
export { binaryCrossEntropy } from './losses/binaryCrossEntropy.ts'
export { binaryCrossEntropyWithLogits } from './losses/binaryCrossEntropyWithLogits.ts'
export { categoricalCrossEntropy } from './losses/categoricalCrossEntropy.ts'
export { crossEntropy } from './losses/crossEntropy.ts'
export { halfSquaredError } from './losses/halfSquaredError.ts'
export { huber } from './losses/huber.ts'
export type { Loss, LossInputs, LossValue } from './losses/loss.ts'
export { meanAbsoluteError } from './losses/meanAbsoluteError.ts'
export { meanSquaredError } from './losses/meanSquaredError.ts'
export { type Layout, type Matrix, matrix, transpose, zeros, zerosLike } from './matrix.ts'
export {
  type DenseNetwork,
  type DenseNetworkCache,
  type DenseNetworkGradients,
  type DenseNetworkLayer,
  type DenseNetworkOptions,
  denseNetwork,
} from './networks/denseNetwork.ts'
export type {
  ShallowCache,
  ShallowGradients,
  ShallowNetwork,
  ShallowOptions,
  ShallowParameters,
} from './networks/shallow.ts'
export { shallowBinary } from './networks/shallowBinary.ts'
export { shallowRegression } from './networks/shallowRegression.ts'
export { ShapeError } from './shapeError.ts'
