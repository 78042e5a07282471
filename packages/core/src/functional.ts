/**
 * `@adjoint/core/functional`: everything as free functions, without the methods on Tensor. A program that imports from
 * here carries only the ops that it uses.
 */

export { expectShape } from './composed/expectShape.ts'
export { flatten } from './composed/flatten.ts'
export { flip } from './composed/flip.ts'
export { pad } from './composed/pad.ts'
export { prod } from './composed/prod.ts'
export { type SliceRange, slice } from './composed/slice.ts'
export { squeeze } from './composed/squeeze.ts'
export { stack } from './composed/stack.ts'
export { stopGradient } from './composed/stopGradient.ts'
export { transpose } from './composed/transpose.ts'
export { unsqueeze } from './composed/unsqueeze.ts'
export { type VarianceOptions, variance } from './composed/variance.ts'
export { Graph, type GraphEntry, type GraphTextOptions, graphOf } from './graph/inspect.ts'
export { recompute } from './graph/recompute.ts'
export { noGrad } from './graph/record.ts'
export { development, siteOf } from './graph/site.ts'
export { abs } from './ops/abs.ts'
export { add } from './ops/add.ts'
export { argmax } from './ops/argmax.ts'
export { argmin } from './ops/argmin.ts'
export { cast } from './ops/cast.ts'
export { type ClipBounds, clip } from './ops/clip.ts'
export { concat } from './ops/concat.ts'
export { cos } from './ops/cos.ts'
export { div } from './ops/div.ts'
export { equal } from './ops/equal.ts'
export { exp } from './ops/exp.ts'
export { expand } from './ops/expand.ts'
export { expm1 } from './ops/expm1.ts'
export { gather } from './ops/gather.ts'
export { greater } from './ops/greater.ts'
export { greaterEqual } from './ops/greaterEqual.ts'
export { identity } from './ops/identity.ts'
export { leakyRelu } from './ops/leakyRelu.ts'
export { less } from './ops/less.ts'
export { lessEqual } from './ops/lessEqual.ts'
export { log } from './ops/log.ts'
export { log1p } from './ops/log1p.ts'
export { logSoftmax } from './ops/logSoftmax.ts'
export { logSumExp } from './ops/logSumExp.ts'
export { matmul } from './ops/matmul.ts'
export { max } from './ops/max.ts'
export { maximum } from './ops/maximum.ts'
export { mean } from './ops/mean.ts'
export { min } from './ops/min.ts'
export { minimum } from './ops/minimum.ts'
export { mul } from './ops/mul.ts'
export { neg } from './ops/neg.ts'
export { notEqual } from './ops/notEqual.ts'
export { permute } from './ops/permute.ts'
export { pow } from './ops/pow.ts'
export { relu } from './ops/relu.ts'
export { reshape } from './ops/reshape.ts'
export { scatterAdd } from './ops/scatterAdd.ts'
export { sigmoid } from './ops/sigmoid.ts'
export { sign } from './ops/sign.ts'
export { sin } from './ops/sin.ts'
export { softmax } from './ops/softmax.ts'
export { softplus } from './ops/softplus.ts'
export { sqrt } from './ops/sqrt.ts'
export { square } from './ops/square.ts'
export { sub } from './ops/sub.ts'
export { sum } from './ops/sum.ts'
export { tanh } from './ops/tanh.ts'
export { where } from './ops/where.ts'
export type { AlongAxisOp, BinaryOp, ReductionOp, ReductionOptions, UnaryOp } from './primitive/signatures.ts'
export {
  AdjointError,
  ArgumentError,
  AxisError,
  ChangedParameterError,
  DTypeError,
  GraphError,
  NotDifferentiableError,
  ShapeError,
} from './shape/errors.ts'
export type {
  Broadcast,
  Dim,
  MatrixProduct,
  Nested,
  Reduced,
  Shape,
  ShapeOfNested,
  Transposed,
} from './shape/types.ts'
export { type DType, promote, type TypedArray, withDefaultDType } from './storage/dtype.ts'
export {
  arange,
  eye,
  full,
  linspace,
  ones,
  onesLike,
  type ShapedTensorOptions,
  type TensorOptions,
  tensor,
  zeros,
  zerosLike,
} from './tensor/create.ts'
export type { NestedArray } from './tensor/nested.ts'
export type { Attributes, GraphNode, Primitive } from './tensor/node.ts'
export { Parameter } from './tensor/parameter.ts'
export { formatTensor } from './tensor/print.ts'
export {
  type NormalOptions,
  normal,
  permutation,
  type RandomOptions,
  type UniformOptions,
  uniform,
} from './tensor/random.ts'
export { Rng, type RngState } from './tensor/rng.ts'
export { Tensor } from './tensor/tensor.ts'
export { type BackwardOptions, backward, gradients } from './transforms/backward.ts'
export { grad, valueAndGrad, vjp } from './transforms/grad.ts'
export { jvp } from './transforms/jvp.ts'
export { strictNaN } from './transforms/rules.ts'
export { flattenTree, type LikeTree, type TangentsOf, type Tree, type TreeOf } from './transforms/tree.ts'
