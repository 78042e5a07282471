/**
 * `@adjoint/core/engine`: what makers of primitives, of tools and of engines need beyond the public functions: the
 * constructors of the kinds, `apply`, the order of a graph. Written for people who extend Adjoint; may change between
 * minor versions before 1.0.
 */

export type { AdaptiveRule, AverageRule, AxisRule, BetweenRule } from './backend/resampling.ts'
export type { BinaryLoop, TernaryLoop, UnaryLoop } from './backend/strided.ts'
export { apply, runUnrecorded } from './graph/apply.ts'
export { topologicalOrder } from './graph/order.ts'
export { recomputer } from './graph/recompute.ts'
export { isRunningAgain } from './graph/record.ts'
export { type StandIns, withStandIns } from './graph/standIns.ts'
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
export { sameShape, sizeOf, stridesOf } from './shape/shape.ts'
export { allocate, compact, viewOf } from './tensor/tensor.ts'
export { pushForward } from './transforms/linearize.ts'
export { type Seed, walkBackward } from './transforms/reverse.ts'
export { jvpOf, vjpOf } from './transforms/rules.ts'
