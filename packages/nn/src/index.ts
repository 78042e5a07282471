/** `@adjoint/nn`: modules, activations, losses, initialisers, optimizers and schedules on `@adjoint/core`. */

export { LeakyRelu } from './activations/leakyRelu.ts'
export { linear } from './activations/linear.ts'
export { Prelu, type PreluOptions } from './activations/prelu.ts'
export { Rrelu, type RreluOptions } from './activations/rrelu.ts'
export { Softmax } from './activations/softmax.ts'
export type { Nonlinearity } from './initializers/gain.ts'
export type { HeOptions } from './initializers/he.ts'
export * as initializers from './initializers/index.ts'
export type { Initializer, InitializerOptions } from './initializers/initializer.ts'
export type { SparseOptions } from './initializers/sparse.ts'
export type { TruncatedNormalOptions } from './initializers/truncatedNormal.ts'
export type { XavierOptions } from './initializers/xavier.ts'
export {
  AdaptiveAveragePool1d,
  AdaptiveAveragePool2d,
  AdaptiveAveragePool3d,
} from './layers/adaptiveAveragePool.ts'
export {
  type AdaptiveCluster,
  AdaptiveLogSoftmax,
  type AdaptiveLogSoftmaxOptions,
} from './layers/adaptiveLogSoftmax.ts'
export { AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d } from './layers/adaptiveMaxPool.ts'
export { type AlibiOptions, alibiBias } from './layers/alibiBias.ts'
export { AlphaDropout } from './layers/alphaDropout.ts'
export {
  AveragePool1d,
  AveragePool2d,
  AveragePool3d,
  type AveragePoolLayerOptions,
  type AveragePoolSettings,
} from './layers/averagePool.ts'
export { BatchNorm, type BatchNormSettings } from './layers/batchNorm.ts'
export { Bilinear, type BilinearSettings } from './layers/bilinear.ts'
export { ChannelShuffle } from './layers/channelShuffle.ts'
export {
  Conv1d,
  Conv2d,
  Conv3d,
  type ConvLayout,
  type ConvSettings,
  type PaddingMode,
} from './layers/convolution.ts'
export { CosineSimilarity, type CosineSimilarityLayerOptions } from './layers/cosineSimilarity.ts'
export { Dense, type DenseOptions } from './layers/dense.ts'
export { Dropout } from './layers/dropout.ts'
export {
  Embedding,
  type EmbeddingSettings,
  type PretrainedSettings,
  type TableSettings,
} from './layers/embedding.ts'
export { type BagInput, type BagSettings, EmbeddingBag } from './layers/embeddingBag.ts'
export { FeatureAlphaDropout } from './layers/featureAlphaDropout.ts'
export { Flatten } from './layers/flatten.ts'
export { Fold } from './layers/fold.ts'
export {
  FractionalMaxPool2d,
  FractionalMaxPool3d,
  type FractionalMaxPoolLayerOptions,
  type FractionalMaxPoolSettings,
} from './layers/fractionalMaxPool.ts'
export { GroupNorm } from './layers/groupNorm.ts'
export { GRU, type GRUOptions } from './layers/gru.ts'
export { GRUCell, type GRUCellOptions } from './layers/gruCell.ts'
export { Identity } from './layers/identity.ts'
export { InstanceNorm, type InstanceNormSettings } from './layers/instanceNorm.ts'
export { type EnteringNorm, type LastAxes, LayerNorm } from './layers/layerNorm.ts'
export { Lazy, lazy } from './layers/lazy.ts'
export {
  LearnedPositionalEncoding,
  type LearnedPositionalEncodingOptions,
} from './layers/learnedPositionalEncoding.ts'
export { LocalResponseNorm } from './layers/localResponseNorm.ts'
export {
  LpPool1d,
  LpPool2d,
  LpPool3d,
  type LpPoolLayerOptions,
  type LpPoolSettings,
} from './layers/lpPool.ts'
export { LSTM, type LSTMOptions } from './layers/lstm.ts'
export { LSTMCell, type LSTMCellOptions, type LSTMState } from './layers/lstmCell.ts'
export {
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
  type MaxPoolLayerOptions,
  type MaxPoolSettings,
} from './layers/maxPool.ts'
export {
  MaxUnpool1d,
  MaxUnpool2d,
  MaxUnpool3d,
  type MaxUnpoolInput,
  type MaxUnpoolLayerOptions,
  type MaxUnpoolSettings,
} from './layers/maxUnpool.ts'
export { ModuleList } from './layers/moduleList.ts'
export { ModuleRecord } from './layers/moduleRecord.ts'
export {
  AttentionCache,
  type AttentionInput,
  MultiHeadAttention,
  type MultiHeadAttentionOptions,
} from './layers/multiHeadAttention.ts'
export {
  CircularPad,
  ConstantPad,
  type PaddingWidths,
  ReflectionPad,
  ReplicationPad,
  ZeroPad,
} from './layers/padding.ts'
export { PairwiseDistance } from './layers/pairwiseDistance.ts'
export { type Branches, type Merge, Parallel, type ParallelOptions, parallel } from './layers/parallel.ts'
export { PixelShuffle } from './layers/pixelShuffle.ts'
export { PixelUnshuffle } from './layers/pixelUnshuffle.ts'
export type {
  CellOptions,
  CellParameters,
  CellWeights,
  FeaturesOf,
  RecurrentOptions,
  RecurrentResult,
  RunOptions,
  WithFeatures,
} from './layers/recurrent.ts'
export { Residual, type ResidualOptions, residual } from './layers/residual.ts'
export { RMSNorm, type RMSNormSettings } from './layers/rmsNorm.ts'
export { RNN, type RNNOptions } from './layers/rnn.ts'
export { RNNCell, type RNNCellOptions, type RNNNonlinearity } from './layers/rnnCell.ts'
export { type RotaryOptions, rotaryEmbedding } from './layers/rotaryEmbedding.ts'
export { Sequential, sequential } from './layers/sequential.ts'
export {
  type PositionedInput,
  SinusoidalPositionalEncoding,
  type SinusoidalPositionalEncodingOptions,
} from './layers/sinusoidalPositionalEncoding.ts'
export { SpatialDropout } from './layers/spatialDropout.ts'
export {
  Transformer,
  type TransformerInput,
  type TransformerOptions,
  type TransformerStep,
} from './layers/transformer.ts'
export { TransformerDecoder } from './layers/transformerDecoder.ts'
export { type TransformerDecoderInput, TransformerDecoderLayer } from './layers/transformerDecoderLayer.ts'
export { TransformerEncoder, type TransformerStackOptions } from './layers/transformerEncoder.ts'
export {
  type TransformerActivation,
  type TransformerEncoderInput,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from './layers/transformerEncoderLayer.ts'
export {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeLayout,
  type ConvTransposeSettings,
} from './layers/transposedConvolution.ts'
export { Unflatten } from './layers/unflatten.ts'
export { type PatchOptions, Unfold } from './layers/unfold.ts'
export { Upsample } from './layers/upsample.ts'
export { type BinaryCrossEntropySettings, binaryCrossEntropy } from './losses/binaryCrossEntropy.ts'
export {
  type BinaryCrossEntropyWithLogitsSettings,
  binaryCrossEntropyWithLogits,
} from './losses/binaryCrossEntropyWithLogits.ts'
export { categoricalCrossEntropy } from './losses/categoricalCrossEntropy.ts'
export type { ClassLoss, ClassLossOptions, SmoothingSettings } from './losses/classes.ts'
export {
  type ConnectionistTemporalClassificationOptions,
  connectionistTemporalClassification,
} from './losses/connectionistTemporalClassification.ts'
export { type ContrastiveOptions, contrastive } from './losses/contrastive.ts'
export { type CosineEmbeddingOptions, cosineEmbedding } from './losses/cosineEmbedding.ts'
export { crossEntropy } from './losses/crossEntropy.ts'
export { dice } from './losses/dice.ts'
export { type FocalSettings, focal } from './losses/focal.ts'
export {
  type GaussianOptions,
  gaussianNegativeLogLikelihood,
} from './losses/gaussianNegativeLogLikelihood.ts'
export { halfSquaredError } from './losses/halfSquaredError.ts'
export { type HingeSettings, hinge } from './losses/hinge.ts'
export { type HingeEmbeddingSettings, hingeEmbedding } from './losses/hingeEmbedding.ts'
export { type HuberOptions, huber } from './losses/huber.ts'
export { type InfoNCEOptions, infoNCE } from './losses/infoNCE.ts'
export { type JensenShannonOptions, jensenShannon } from './losses/jensenShannon.ts'
export { type KlDivergenceOptions, klDivergence } from './losses/klDivergence.ts'
export {
  type KlDivergenceWithLogitsOptions,
  klDivergenceWithLogits,
} from './losses/klDivergenceWithLogits.ts'
export { logCosh } from './losses/logCosh.ts'
export type {
  ElementLoss,
  LossOptions,
  LossShape,
  Reduction,
  TargetLike,
  WeightedLossOptions,
} from './losses/loss.ts'
export { type MarginRankingOptions, marginRanking } from './losses/marginRanking.ts'
export { meanAbsoluteError } from './losses/meanAbsoluteError.ts'
export { meanSquaredError } from './losses/meanSquaredError.ts'
export { multiLabelMargin } from './losses/multiLabelMargin.ts'
export { type MultiLabelSoftMarginOptions, multiLabelSoftMargin } from './losses/multiLabelSoftMargin.ts'
export { type MultiMarginOptions, multiMargin } from './losses/multiMargin.ts'
export { negativeLogLikelihood } from './losses/negativeLogLikelihood.ts'
export { type PinballSettings, pinball } from './losses/pinball.ts'
export { type PoissonSettings, poissonNegativeLogLikelihood } from './losses/poissonNegativeLogLikelihood.ts'
export { type SmoothL1Settings, smoothL1 } from './losses/smoothL1.ts'
export { softMargin } from './losses/softMargin.ts'
export { type SquaredHingeSettings, squaredHinge } from './losses/squaredHinge.ts'
export { type TripletMarginOptions, tripletMargin } from './losses/tripletMargin.ts'
export {
  type TripletMarginWithDistanceOptions,
  tripletMarginWithDistance,
} from './losses/tripletMarginWithDistance.ts'
export { type OverlapOptions, type TverskyOptions, tversky } from './losses/tversky.ts'
export { accuracy } from './metrics/accuracy.ts'
export { confusionMatrix } from './metrics/confusionMatrix.ts'
export type { ClassMetricOptions } from './metrics/labels.ts'
export { type Average, type AverageOptions, f1Score, precision, recall } from './metrics/precisionRecall.ts'
export { r2Score, rootMeanSquaredError } from './metrics/r2Score.ts'
export { areaUnderCurve, type RocPoint, rocCurve } from './metrics/rocCurve.ts'
export { topKAccuracy } from './metrics/topKAccuracy.ts'
export type { AffineSettings } from './module/affineParameters.ts'
export {
  type AnyLayer,
  type CallOutput,
  callLayer,
  type RuleOf,
  type SignatureOf,
} from './module/callLayer.ts'
export type {
  BatchOfChannels,
  ChannelsOf,
  ConvolutionParameterOptions,
  ConvolvedShape,
  Spaces,
} from './module/convolution.ts'
export { functionalCall, type ParameterValues, withParameters } from './module/functionalCall.ts'
export type { Layout } from './module/layout.ts'
export type { ForwardContext, Layer, Module, PendingParts, ShapeRule, Signature } from './module/module.ts'
export type { FloatingDType } from './module/newParameter.ts'
export { freeze, namedParameters, nameParameters, parameters } from './module/parameters.ts'
export { loadPytorchState, pytorchState } from './module/pytorchState.ts'
export type { SavedTensor } from './module/savedTensor.ts'
export type {
  Entering,
  EnteringChannels,
  InputCheck,
  LookedUp,
  OutputFor,
  ResizedSpace,
  SameShapeCheck,
} from './module/shapes.ts'
export type { WindowSettings } from './module/space.ts'
export { loadState, type ModelState, StateError, stateOf } from './module/state.ts'
export { summary } from './module/summary.ts'
export { type LayerFunction, type Visited, visit } from './module/visit.ts'
export {
  Adadelta,
  type AdadeltaOptions,
  type AdadeltaSettings,
  type AdadeltaState,
  adadeltaRule,
} from './optimizers/adadelta.ts'
export {
  Adagrad,
  type AdagradOptions,
  type AdagradSettings,
  type AdagradState,
  adagradRule,
} from './optimizers/adagrad.ts'
export { Adam, type AdamOptions, type AdamSettings, type AdamState, adamRule } from './optimizers/adam.ts'
export {
  Adamax,
  type AdamaxOptions,
  type AdamaxSettings,
  type AdamaxState,
  adamaxRule,
} from './optimizers/adamax.ts'
export { AdamW, adamWRule } from './optimizers/adamW.ts'
export { ASGD, type ASGDOptions, type ASGDSettings, type ASGDState, asgdRule } from './optimizers/asgd.ts'
export { type ClipGradientNormOptions, clipGradientNorm } from './optimizers/clipGradientNorm.ts'
export { clipGradientValue } from './optimizers/clipGradientValue.ts'
export { type DecayGroup, type DecayGroupsOptions, decayGroups } from './optimizers/decayGroups.ts'
export {
  ExponentialMovingAverage,
  type ExponentialMovingAverageOptions,
} from './optimizers/exponentialMovingAverage.ts'
export { type GroupOptions, ParameterGroup, type Updatable } from './optimizers/group.ts'
export { LAMB, type LAMBOptions, type LAMBSettings, type LAMBState, lambRule } from './optimizers/lamb.ts'
export {
  LBFGS,
  type LBFGSOptions,
  type LBFGSSettings,
  type LBFGSState,
  type LineSearch,
} from './optimizers/lbfgs.ts'
export { Lion, type LionOptions, type LionSettings, type LionState, lionRule } from './optimizers/lion.ts'
export { Lookahead, type LookaheadOptions, type Steppable } from './optimizers/lookahead.ts'
export {
  Muon,
  type MuonOptions,
  type MuonSettings,
  type MuonState,
  muonRule,
  type OrthogonalizeOptions,
  orthogonalize,
} from './optimizers/muon.ts'
export {
  NAdam,
  type NAdamOptions,
  type NAdamSettings,
  type NAdamState,
  nadamRule,
} from './optimizers/nadam.ts'
export { Optimizer } from './optimizers/optimizer.ts'
export { type AverageState, ParameterAverage } from './optimizers/parameterAverage.ts'
export {
  RAdam,
  type RAdamOptions,
  type RAdamSettings,
  type RAdamState,
  radamRule,
} from './optimizers/radam.ts'
export {
  RMSprop,
  type RMSpropOptions,
  type RMSpropSettings,
  type RMSpropState,
  rmspropRule,
} from './optimizers/rmsprop.ts'
export {
  Rprop,
  type RpropOptions,
  type RpropSettings,
  type RpropState,
  rpropRule,
} from './optimizers/rprop.ts'
export {
  type DescentSettings,
  type LiveStep,
  type RuleSettings,
  type Slots,
  type StepReader,
  stepNumber,
  stepPhase,
  type Updated,
  type UpdateInputs,
  type UpdateRule,
} from './optimizers/rule.ts'
export { SGD, type SGDOptions, type SGDSettings, type SGDState, sgdRule } from './optimizers/sgd.ts'
export {
  type GroupState,
  type OptimizerState,
  OptimizerStateError,
  type ParameterState,
} from './optimizers/state.ts'
export { StochasticWeightAverage } from './optimizers/stochasticWeightAverage.ts'
export type { StrongWolfeOptions } from './optimizers/strongWolfe.ts'
export { type AnnealToOptions, annealTo } from './schedules/annealTo.ts'
export { chained } from './schedules/chained.ts'
export { type ConstantFactorOptions, constantFactor } from './schedules/constantFactor.ts'
export { type CosineAnnealingOptions, cosineAnnealing } from './schedules/cosineAnnealing.ts'
export { type CosineWarmRestartsOptions, cosineWarmRestarts } from './schedules/cosineWarmRestarts.ts'
export { type CyclicOptions, type CyclicShape, cyclic, cyclicMomentum } from './schedules/cyclic.ts'
export { type ExponentialDecayOptions, exponentialDecay } from './schedules/exponentialDecay.ts'
export { type InverseSquareRootOptions, inverseSquareRoot } from './schedules/inverseSquareRoot.ts'
export { type LinearRampOptions, linearRamp } from './schedules/linearRamp.ts'
export { multipliedBy } from './schedules/multipliedBy.ts'
export { type MultiStepDecayOptions, multiStepDecay } from './schedules/multiStepDecay.ts'
export {
  type OneCycleMomentumOptions,
  type OneCycleOptions,
  type OneCycleShape,
  oneCycle,
  oneCycleMomentum,
} from './schedules/oneCycle.ts'
export { type PolynomialDecayOptions, polynomialDecay } from './schedules/polynomialDecay.ts'
export {
  type PlateauState,
  ReduceOnPlateau,
  type ReduceOnPlateauOptions,
} from './schedules/reduceOnPlateau.ts'
export { scaledBy } from './schedules/scaledBy.ts'
export type { Annealing, Schedule, SettingSchedules } from './schedules/schedule.ts'
export { type Scheduled, type ScheduledGroup, Scheduler, type SchedulerState } from './schedules/scheduler.ts'
export { sequence } from './schedules/sequence.ts'
export { type StepDecayOptions, stepDecay } from './schedules/stepDecay.ts'
export { type WarmUpOptions, warmUp } from './schedules/warmUp.ts'
export {
  type PaddedSequences,
  type PadSequenceOptions,
  padSequence,
  unpadSequence,
} from './sequences/padSequence.ts'
export { type Lengths, sequenceMask } from './sequences/sequenceMask.ts'
export type {
  Callback,
  EpochRecord,
  History,
  TrainingRun,
  TrainingState,
} from './training/callback.ts'
export { type CheckpointOptions, checkpoints } from './training/checkpoints.ts'
export {
  type EarlyStoppingOptions,
  type EarlyStoppingState,
  earlyStopping,
} from './training/earlyStopping.ts'
export { type Batches, DivergenceError, type FitOptions, fit, type Stepping } from './training/fit.ts'
export { type ProgressBarOptions, progressBar } from './training/progressBar.ts'
export {
  type OutputStream,
  type ProgressField,
  type ProgressLineOptions,
  type ProgressState,
  progressLine,
} from './training/progressLine.ts'
export { type Scheduling, scheduled } from './training/scheduled.ts'
