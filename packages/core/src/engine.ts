/**
 * `@adjoint/core/engine`: what makers of primitives, of tools and of engines need beyond the public functions: the
 * constructors of the kinds, `apply`, the order of a graph. Written for people who extend Adjoint; may change between
 * minor versions before 1.0.
 */

export type { BinaryLoop, TernaryLoop, UnaryLoop } from './backend/strided.ts'
export { apply } from './graph/apply.ts'
export { topologicalOrder } from './graph/order.ts'
export { recomputer } from './graph/recompute.ts'
export { sumTo } from './ops/expand.ts'
export { place } from './ops/place.ts'
export { type Ranges, sliceRanges } from './ops/sliceRanges.ts'
export { weigh } from './ops/weigh.ts'
export { weighSlope } from './ops/weighSlope.ts'
export { type AlongAxisDeclaration, alongAxis, type LineLoop } from './primitive/alongAxis.ts'
export {
  type BinaryDeclaration,
  binary,
  type ComparisonDeclaration,
  comparison,
  type DTypeRule,
  type UnaryDeclaration,
  unary,
  unaryPrimitive,
} from './primitive/elementwise.ts'
export { type MovementDeclaration, movement } from './primitive/movement.ts'
export {
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
export type { CallSample, Domain, Draw, InputSample, Sampler } from './primitive/sample.ts'
export { formatShape } from './shape/errors.ts'
export { sameShape, sizeOf, stridesOf } from './shape/shape.ts'
export { allocate, compact, viewOf } from './tensor/tensor.ts'
export { pushForward } from './transforms/jvp.ts'
export { walkBackward } from './transforms/reverse.ts'
export { jvpOf, vjpOf } from './transforms/rules.ts'
