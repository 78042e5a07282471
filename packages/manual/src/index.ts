/** Hand-derived forward and backward passes, in plain loops on typed arrays: the witness autodiff is compared with. */

export type { Activation, ActivationBackwardInputs } from './activations/activation.ts'
export { celu } from './activations/celu.ts'
export { elu } from './activations/elu.ts'
export { gelu } from './activations/gelu.ts'
export { glu } from './activations/glu.ts'
export { hardShrink } from './activations/hardShrink.ts'
export { hardSigmoid } from './activations/hardSigmoid.ts'
export { hardSwish } from './activations/hardSwish.ts'
export { hardTanh } from './activations/hardTanh.ts'
export { leakyRelu } from './activations/leakyRelu.ts'
export { linear } from './activations/linear.ts'
export { logSigmoid } from './activations/logSigmoid.ts'
export { logSoftmax } from './activations/logSoftmax.ts'
export { maxout } from './activations/maxout.ts'
export { mish } from './activations/mish.ts'
export { type PreluInputs, prelu } from './activations/prelu.ts'
export { relu } from './activations/relu.ts'
export { relu6 } from './activations/relu6.ts'
export { rrelu } from './activations/rrelu.ts'
export { selu } from './activations/selu.ts'
export { sigmoid } from './activations/sigmoid.ts'
export { silu } from './activations/silu.ts'
export { softmax } from './activations/softmax.ts'
export { softplus } from './activations/softplus.ts'
export { softShrink } from './activations/softShrink.ts'
export { softsign } from './activations/softsign.ts'
export { sparsemax } from './activations/sparsemax.ts'
export { swiglu } from './activations/swiglu.ts'
export { tanh } from './activations/tanh.ts'
export { tanhShrink } from './activations/tanhShrink.ts'
export { threshold } from './activations/threshold.ts'
export { type AffineGradients, affine, affineBackward, sumOf } from './affine.ts'
export { type NumericArray, numericArray } from './array.ts'
export { gradientDescent } from './gradientDescent.ts'
export {
  type AdaptivePoolBackwardInputs,
  type AdaptivePoolForwardInputs,
  adaptiveAveragePool,
} from './layers/adaptiveAveragePool.ts'
export {
  type AdaptiveLogSoftmaxGradients,
  type AdaptiveLogSoftmaxInputs,
  type AdaptiveLogSoftmaxWeights,
  adaptiveLogSoftmax,
} from './layers/adaptiveLogSoftmax.ts'
export { adaptiveMaxPool } from './layers/adaptiveMaxPool.ts'
export { alibiBias } from './layers/alibiBias.ts'
export { alphaDropout } from './layers/alphaDropout.ts'
export {
  type AveragePoolBackwardInputs,
  type AveragePoolForwardInputs,
  type AveragePoolSettings,
  averagePool,
} from './layers/averagePool.ts'
export { type BatchStatistics, type BatchTrackInputs, batchNorm } from './layers/batchNorm.ts'
export {
  type BilinearBackwardInputs,
  type BilinearForwardInputs,
  type BilinearGradients,
  bilinear,
} from './layers/bilinear.ts'
export {
  type ConvolutionBackwardInputs,
  type ConvolutionForwardInputs,
  type ConvolutionGradients,
  type ConvolutionSettings,
  convolution,
} from './layers/convolution.ts'
export {
  type CosineSimilarityBackwardInputs,
  type CosineSimilarityForwardInputs,
  cosineSimilarity,
} from './layers/cosineSimilarity.ts'
export {
  type DenseBackwardInputs,
  type DenseForwardInputs,
  type DenseGradients,
  dense,
} from './layers/dense.ts'
export { type DropoutMask, dropout } from './layers/dropout.ts'
export { type EmbeddingBackwardInputs, type EmbeddingForwardInputs, embedding } from './layers/embedding.ts'
export {
  type EmbeddingBagBackwardInputs,
  type EmbeddingBagForwardInputs,
  type EmbeddingBagGradients,
  embeddingBag,
} from './layers/embeddingBag.ts'
export { featureAlphaDropout } from './layers/featureAlphaDropout.ts'
export { type FoldBackwardInputs, type FoldForwardInputs, fold } from './layers/fold.ts'
export { type FractionalMaxPoolForwardInputs, fractionalMaxPool } from './layers/fractionalMaxPool.ts'
export { type GroupNormSettings, groupNorm } from './layers/groupNorm.ts'
export { type GRUInputs, gru } from './layers/gru.ts'
export { type GRUCellGradients, type GRUCellInputs, gruCell } from './layers/gruCell.ts'
export { instanceNorm } from './layers/instanceNorm.ts'
export { type LayerNormSettings, layerNorm } from './layers/layerNorm.ts'
export {
  type LearnedPositionGradients,
  learnedPositionalEncoding,
} from './layers/learnedPositionalEncoding.ts'
export { type LocalResponseNormInputs, localResponseNorm } from './layers/localResponseNorm.ts'
export {
  type LpPoolBackwardInputs,
  type LpPoolForwardInputs,
  type LpPoolSettings,
  lpPool,
} from './layers/lpPool.ts'
export { type LSTMInputs, lstm } from './layers/lstm.ts'
export { type LSTMCellGradients, type LSTMCellInputs, lstmCell } from './layers/lstmCell.ts'
export {
  type MaxPoolBackwardInputs,
  type MaxPoolCache,
  type MaxPoolForwardInputs,
  maxPool,
} from './layers/maxPool.ts'
export { type MaxUnpoolBackwardInputs, type MaxUnpoolForwardInputs, maxUnpool } from './layers/maxUnpool.ts'
export {
  type MultiHeadBackwardInputs,
  type MultiHeadForwardInputs,
  type MultiHeadGradients,
  type MultiHeadOutputs,
  type MultiHeadWeights,
  multiHeadAttention,
} from './layers/multiHeadAttention.ts'
export {
  type PaddingBackwardInputs,
  type PaddingForwardInputs,
  type PaddingSettings,
  padding,
} from './layers/padding.ts'
export {
  type PairwiseDistanceBackwardInputs,
  type PairwiseDistanceForwardInputs,
  pairwiseDistance,
} from './layers/pairwiseDistance.ts'
export type {
  RecurrentGradients,
  RecurrentInputs,
  RecurrentOutputs,
  RecurrentWeights,
} from './layers/recurrent.ts'
export { type RMSNormBackwardInputs, type RMSNormForwardInputs, rmsNorm } from './layers/rmsNorm.ts'
export { type RNNInputs, rnn } from './layers/rnn.ts'
export { type RNNCellGradients, type RNNCellInputs, rnnCell } from './layers/rnnCell.ts'
export { type RotarySettings, rotaryEmbedding } from './layers/rotaryEmbedding.ts'
export {
  type AttentionBackwardInputs,
  type AttentionForwardInputs,
  type AttentionGradients,
  type AttentionOutputs,
  scaledDotProductAttention,
} from './layers/scaledDotProductAttention.ts'
export {
  type SinusoidalSettings,
  sinusoidalPositionalEncoding,
} from './layers/sinusoidalPositionalEncoding.ts'
export { spatialDropout } from './layers/spatialDropout.ts'
export {
  type DecoderLayerGradients,
  type DecoderLayerInputs,
  type DecoderLayerWeights,
  transformerDecoderLayer,
} from './layers/transformerDecoderLayer.ts'
export {
  type AttentionSettings,
  type EncoderLayerGradients,
  type EncoderLayerInputs,
  type EncoderLayerWeights,
  type FeedForwardWeights,
  type NormWeights,
  type TransformerDrops,
  type TransformerSettings,
  transformerEncoderLayer,
} from './layers/transformerEncoderLayer.ts'
export {
  type TransposedConvolutionBackwardInputs,
  type TransposedConvolutionForwardInputs,
  type TransposedConvolutionGradients,
  type TransposedConvolutionSettings,
  transposedConvolution,
} from './layers/transposedConvolution.ts'
export { type UnfoldBackwardInputs, type UnfoldForwardInputs, unfold } from './layers/unfold.ts'
export {
  type UpsampleBackwardInputs,
  type UpsampleForwardInputs,
  type UpsampleSettings,
  upsample,
} from './layers/upsample.ts'
export { binaryCrossEntropy, heldBinaryCrossEntropy } from './losses/binaryCrossEntropy.ts'
export { binaryCrossEntropyWithLogits, positivelyWeighted } from './losses/binaryCrossEntropyWithLogits.ts'
export { categoricalCrossEntropy } from './losses/categoricalCrossEntropy.ts'
export { type ClassSettings, effectiveTargets } from './losses/classes.ts'
export {
  connectionistTemporalClassification,
  type TemporalClassificationInputs,
} from './losses/connectionistTemporalClassification.ts'
export { type ContrastiveInputs, contrastive } from './losses/contrastive.ts'
export { type CosineEmbeddingInputs, cosineEmbedding } from './losses/cosineEmbedding.ts'
export { crossEntropy } from './losses/crossEntropy.ts'
export { dice } from './losses/dice.ts'
export { focal } from './losses/focal.ts'
export {
  type GaussianGradients,
  type GaussianInputs,
  gaussianNegativeLogLikelihood,
} from './losses/gaussianNegativeLogLikelihood.ts'
export { halfSquaredError } from './losses/halfSquaredError.ts'
export { hinge } from './losses/hinge.ts'
export { hingeEmbedding } from './losses/hingeEmbedding.ts'
export { huber } from './losses/huber.ts'
export { type InfoNCEInputs, infoNCE } from './losses/infoNCE.ts'
export { jensenShannon } from './losses/jensenShannon.ts'
export { klDivergence } from './losses/klDivergence.ts'
export { klDivergenceWithLogits } from './losses/klDivergenceWithLogits.ts'
export { logCosh } from './losses/logCosh.ts'
export type { ExampleLoss, Loss, LossInputs, LossValue } from './losses/loss.ts'
export { type MarginRankingInputs, marginRanking } from './losses/marginRanking.ts'
export { meanAbsoluteError } from './losses/meanAbsoluteError.ts'
export { meanSquaredError } from './losses/meanSquaredError.ts'
export { multiLabelMargin } from './losses/multiLabelMargin.ts'
export { multiLabelSoftMargin } from './losses/multiLabelSoftMargin.ts'
export { type MultiMarginSettings, multiMargin } from './losses/multiMargin.ts'
export { negativeLogLikelihood } from './losses/negativeLogLikelihood.ts'
export { pinball } from './losses/pinball.ts'
export {
  type PoissonLossSettings,
  poissonNegativeLogLikelihood,
} from './losses/poissonNegativeLogLikelihood.ts'
export { smoothL1 } from './losses/smoothL1.ts'
export { softMargin } from './losses/softMargin.ts'
export { squaredHinge } from './losses/squaredHinge.ts'
export { normDistance, type TripletMarginSettings, tripletMargin } from './losses/tripletMargin.ts'
export {
  type Distance,
  type TripletGradients,
  type TripletInputs,
  tripletMarginWithDistance,
} from './losses/tripletMarginWithDistance.ts'
export { type TverskySettings, tversky } from './losses/tversky.ts'
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
export type { NormBackwardInputs, NormForwardInputs, NormGradients } from './standardNorm.ts'
export type { Windows } from './windows.ts'
