/**
 * `@adjoint/core/engine`: what makers of primitives, of tools and of engines need beyond the public functions: the
 * constructors of the kinds, `apply`, the order of a graph. Written for people who extend Adjoint; may change between
 * minor versions before 1.0.
 */

export {
  type ConvolutionAxis,
  type ConvolutionSettings,
  type Phase,
  phasesOf as convolutionPhases,
} from './backend/convolution.ts'
export { type Kernel, kernel, provideKernel, withoutKernels } from './backend/kernels.ts'
export {
  type NativeMatrixProduct,
  nativeMatrixProduct,
  provideNativeMatrixProduct,
  type StridedMatrixProduct,
} from './backend/nativeMatrixProduct.ts'
export {
  type AdaptiveRule,
  type AverageRule,
  type AxisRule,
  type BetweenRule,
  tapsOf as resamplingTaps,
} from './backend/resampling.ts'
export type { BinaryLoop, Strided, TernaryLoop, UnaryLoop } from './backend/strided.ts'
export { isIdentity as isIdentityMap, type Taps, transposedTaps } from './backend/taps.ts'
export { apply, runUnrecorded } from './graph/apply.ts'
export { isInterpreted } from './graph/interpret.ts'
export { topologicalOrder } from './graph/order.ts'
export { recomputer } from './graph/recompute.ts'
export { isPlainRun, isRecording, isRunningAgain } from './graph/record.ts'
export { type StandIns, withStandIns } from './graph/standIns.ts'
export { currentTracing, liveNumber, type Tracing, type Write } from './graph/tracing.ts'
export { accumulate } from './ops/accumulate.ts'
export { argmode } from './ops/argmode.ts'
export { bernoulliQuantile } from './ops/bernoulliQuantile.ts'
export { paddingPairs } from './ops/convolution.ts'
export { cumargmax } from './ops/cumargmax.ts'
export { cumargmin } from './ops/cumargmin.ts'
export type { DiagonalAttributes } from './ops/diagonal.ts'
export { type DiscreteFourierOp, discreteFourier } from './ops/discreteFourier.ts'
export { eighFactors } from './ops/eighFactors.ts'
export { sumTo } from './ops/expand.ts'
export { fractionalMaxPoolIndices } from './ops/fractionalMaxPoolIndices.ts'
export { type GammaSlopeOp, gammaSlope } from './ops/gammaSlope.ts'
export { gaussian } from './ops/gaussian.ts'
export { type GroupMomentsOp, groupMoments } from './ops/groupMoments.ts'
export { logGammaQuantile } from './ops/logGammaQuantile.ts'
export { luFactors } from './ops/luFactors.ts'
export { luPermutation } from './ops/luPermutation.ts'
export { maxPoolIndices, type WindowRule } from './ops/maxPoolIndices.ts'
export { overwrite } from './ops/overwrite.ts'
export { partners } from './ops/partners.ts'
export { pick } from './ops/pick.ts'
export { place } from './ops/place.ts'
export { type DiagonalPlace, placeDiagonal } from './ops/placeDiagonal.ts'
export { poissonQuantile } from './ops/poissonQuantile.ts'
export { portableExp } from './ops/portableExp.ts'
export { qrFactors } from './ops/qrFactors.ts'
export { type Quadratic, quadraticRsqrt } from './ops/quadraticRsqrt.ts'
export { reflectionSigns } from './ops/reflectionSigns.ts'
export { resample } from './ops/resample.ts'
export { scatterExtreme } from './ops/scatterExtreme.ts'
export { type Ranges, sliceRanges } from './ops/sliceRanges.ts'
export { type SpectralQuotientAttributes, spectralQuotient } from './ops/spectralQuotient.ts'
export { type StandardizeAttributes, type StandardizeOp, standardize } from './ops/standardize.ts'
export { type StandardizeSlopeOp, standardizeSlope } from './ops/standardizeSlope.ts'
export { svdFactors } from './ops/svdFactors.ts'
export { weigh } from './ops/weigh.ts'
export { weighSlope } from './ops/weighSlope.ts'
export { winners } from './ops/winners.ts'
export { type IndexBounds, wrapIndices } from './ops/wrapIndices.ts'
export { type AlongAxisDeclaration, alongAxis, type LineLoop } from './primitive/alongAxis.ts'
export {
  type BinaryDeclaration,
  binary,
  type ComparisonDeclaration,
  comparison,
  type DTypeRule,
  type PredicateDeclaration,
  predicate,
  type UnaryDeclaration,
  unary,
  unaryPrimitive,
} from './primitive/elementwise.ts'
export { type MovementDeclaration, movement } from './primitive/movement.ts'
export {
  type BatchRule,
  type BilinearPrimitive,
  type Call,
  type Derivative,
  type ElementwisePrimitive,
  type GeneralPrimitive,
  type KnownPrimitive,
  type LinearPrimitive,
  type MovementPrimitive,
  NO_ATTRIBUTES,
  type NonDifferentiablePrimitive,
  type Op,
  op,
  type ReductionAttributes,
  type ReductionPrimitive,
  type Transpose,
} from './primitive/primitive.ts'
export { type GroupLoop, type ReductionDeclaration, reduction } from './primitive/reduction.ts'
export type { CallSample, Domain, Draw, InputSample, MatrixKind, Sampler } from './primitive/sample.ts'
export { expectOptions } from './shape/arguments.ts'
export { formatShape } from './shape/errors.ts'
export { perAxis } from './shape/perAxis.ts'
export { reshapedStrides, sameShape, sizeOf, stridesOf } from './shape/shape.ts'
export { expectSynchronous } from './shape/synchronous.ts'
export { getDefaultDType } from './storage/dtype.ts'
export { assignmentClock, nextAssignment } from './storage/version.ts'
export type { Attributes, Primitive, ResultType, ShapeRule } from './tensor/node.ts'
export { type Residence, settle } from './tensor/residence.ts'
export { allocate, allocateResult, compact, copyElements, viewOf } from './tensor/tensor.ts'
export { Tracer } from './tensor/tracer.ts'
export { pushForward } from './transforms/linearize.ts'
export { type Seed, walkBackward } from './transforms/reverse.ts'
export { jvpOf, vjpOf } from './transforms/rules.ts'
export {
  type HostEvent,
  type TensorSpec,
  type Trace,
  type TracedBody,
  type TracedCall,
  type TracedParameter,
  TracedTensor,
  trace,
} from './transforms/trace.ts'
export { type LoopAttributes, loopPrimitive, loopResult } from './transforms/tracedLoop.ts'
export { isPlainRecord } from './transforms/tree.ts'
