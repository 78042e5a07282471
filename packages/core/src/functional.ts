/**
 * `@adjoint/core/functional`: everything as free functions, without the methods on Tensor. A program that imports from
 * here carries only the ops that it uses.
 */

export { type AdaptiveSize, adaptiveAveragePool } from './composed/adaptiveAveragePool.ts'
export { adaptiveMaxPool } from './composed/adaptiveMaxPool.ts'
export { adaptiveMaxPoolWithIndices } from './composed/adaptiveMaxPoolWithIndices.ts'
export { type AddcdivOptions, addcdiv } from './composed/addcdiv.ts'
export { type AddcmulOptions, addcmul } from './composed/addcmul.ts'
export { addmm, type ScaledSumOptions } from './composed/addmm.ts'
export { at, type Index } from './composed/at.ts'
export { type AveragePoolOptions, averagePool } from './composed/averagePool.ts'
export { baddbmm } from './composed/baddbmm.ts'
export {
  type AffineOptions,
  type BatchNormOptions,
  batchNorm,
  type GivenStatistics,
} from './composed/batchNorm.ts'
export { bilinear } from './composed/bilinear.ts'
export { type BincountOptions, bincount } from './composed/bincount.ts'
export { broadcastTensors } from './composed/broadcastTensors.ts'
export { cdist, type DistanceOptions } from './composed/cdist.ts'
export { channelShuffle } from './composed/channelShuffle.ts'
export { type CholeskySolveOptions, choleskySolve } from './composed/choleskySolve.ts'
export { chunk } from './composed/chunk.ts'
export { conditionNumber } from './composed/conditionNumber.ts'
export { type CosineSimilarityOptions, cosineSimilarity } from './composed/cosineSimilarity.ts'
export { countNonzero } from './composed/countNonzero.ts'
export { cross } from './composed/cross.ts'
export { cummax } from './composed/cummax.ts'
export { cummaxWithIndices } from './composed/cummaxWithIndices.ts'
export { cummin } from './composed/cummin.ts'
export { cumminWithIndices } from './composed/cumminWithIndices.ts'
export { cumprod } from './composed/cumprod.ts'
export { degreesToRadians } from './composed/degreesToRadians.ts'
export { diag } from './composed/diag.ts'
export { diagonalEmbed } from './composed/diagonalEmbed.ts'
export { type DiffOptions, diff } from './composed/diff.ts'
export { digamma } from './composed/digamma.ts'
export { dist } from './composed/dist.ts'
export { dot } from './composed/dot.ts'
export { type Eigh, eigh } from './composed/eigh.ts'
export { eigvalsh } from './composed/eigvalsh.ts'
export { einsum } from './composed/einsum.ts'
export { type EmbeddingOptions, embedding } from './composed/embedding.ts'
export { type BagMode, type EmbeddingBagOptions, embeddingBag } from './composed/embeddingBag.ts'
export { expectShape } from './composed/expectShape.ts'
export { type FourierNorm, type FourierOptions, fft } from './composed/fft.ts'
export { type FrequencyOptions, fftFrequencies, rfftFrequencies } from './composed/fftFrequencies.ts'
export { flatten } from './composed/flatten.ts'
export { flip } from './composed/flip.ts'
export { floatPower } from './composed/floatPower.ts'
export { type FoldImagesOptions, foldImages } from './composed/foldImages.ts'
export { type FractionalMaxPoolOptions, fractionalMaxPool } from './composed/fractionalMaxPool.ts'
export { fractionalMaxPoolWithIndices } from './composed/fractionalMaxPoolWithIndices.ts'
export { glu } from './composed/glu.ts'
export { type GroupNormOptions, groupNorm } from './composed/groupNorm.ts'
export { type HistogramOptions, histogram } from './composed/histogram.ts'
export { i0 } from './composed/i0.ts'
export { i1 } from './composed/i1.ts'
export { ifft } from './composed/ifft.ts'
export { indexAdd } from './composed/indexAdd.ts'
export { indexCopy } from './composed/indexCopy.ts'
export { indexFill } from './composed/indexFill.ts'
export { type IndexPutOptions, indexPut } from './composed/indexPut.ts'
export { indexSelect } from './composed/indexSelect.ts'
export { inner } from './composed/inner.ts'
export { type InstanceNormOptions, instanceNorm } from './composed/instanceNorm.ts'
export { type InterpolateOptions, type InterpolationMode, interpolate } from './composed/interpolate.ts'
export { irfft } from './composed/irfft.ts'
export { kron } from './composed/kron.ts'
export { kthValue } from './composed/kthValue.ts'
export { type LayerNormOptions, layerNorm, type NormalizedPart } from './composed/layerNorm.ts'
export { type LocalResponseNormOptions, localResponseNorm } from './composed/localResponseNorm.ts'
export { logDeterminant } from './composed/logDeterminant.ts'
export { type LpPoolOptions, lpPool } from './composed/lpPool.ts'
export { type Lu, lu } from './composed/lu.ts'
export { maskedFill } from './composed/maskedFill.ts'
export { maskedScatter } from './composed/maskedScatter.ts'
export { maskedSelect } from './composed/maskedSelect.ts'
export { type MatrixNormOptions, type MatrixNormOrder, matrixNorm } from './composed/matrixNorm.ts'
export { matrixPower } from './composed/matrixPower.ts'
export { type MatrixRankOptions, matrixRank } from './composed/matrixRank.ts'
export { matrixTranspose } from './composed/matrixTranspose.ts'
export { maxout } from './composed/maxout.ts'
export { type MaxPoolOptions, maxPool, type PoolOptions } from './composed/maxPool.ts'
export { maxPoolWithIndices } from './composed/maxPoolWithIndices.ts'
export { type MaxUnpoolOptions, maxUnpool } from './composed/maxUnpool.ts'
export { maxWithIndices } from './composed/maxWithIndices.ts'
export { medianWithIndices } from './composed/medianWithIndices.ts'
export { type MeshgridOptions, meshgrid } from './composed/meshgrid.ts'
export { minWithIndices } from './composed/minWithIndices.ts'
export { mode } from './composed/mode.ts'
export { modeWithIndices } from './composed/modeWithIndices.ts'
export { moveAxis } from './composed/moveAxis.ts'
export { multiDot } from './composed/multiDot.ts'
export { nanMean } from './composed/nanMean.ts'
export { nanSum } from './composed/nanSum.ts'
export { nonzero } from './composed/nonzero.ts'
export { type NormalizeOptions, normalize } from './composed/normalize.ts'
export { type OneHotOptions, oneHot } from './composed/oneHot.ts'
export { outer } from './composed/outer.ts'
export { type PadMode, type PadOptions, type PadWidths, pad } from './composed/pad.ts'
export { type PairwiseDistanceOptions, pairwiseDistance } from './composed/pairwiseDistance.ts'
export { pixelShuffle } from './composed/pixelShuffle.ts'
export { pixelUnshuffle } from './composed/pixelUnshuffle.ts'
export { prod } from './composed/prod.ts'
export { type Qr, type QrOptions, qr } from './composed/qr.ts'
export { type Interpolation, type QuantileOptions, quantile } from './composed/quantile.ts'
export { radiansToDegrees } from './composed/radiansToDegrees.ts'
export { bernoulli } from './composed/random/bernoulli.ts'
export { beta } from './composed/random/beta.ts'
export { categorical } from './composed/random/categorical.ts'
export { type ChoiceOptions, choice } from './composed/random/choice.ts'
export { dirichlet } from './composed/random/dirichlet.ts'
export { type ExponentialOptions, exponential } from './composed/random/exponential.ts'
export { type GammaOptions, gamma } from './composed/random/gamma.ts'
export { gumbel } from './composed/random/gumbel.ts'
export { type GumbelSoftmaxOptions, gumbelSoftmax } from './composed/random/gumbelSoftmax.ts'
export { type LocationScaleOptions, laplace } from './composed/random/laplace.ts'
export { type Covariance, multivariateNormal } from './composed/random/multivariateNormal.ts'
export { type NormalOptions, normal } from './composed/random/normal.ts'
export type { DrawParameter } from './composed/random/parameters.ts'
export { poisson } from './composed/random/poisson.ts'
export { studentT } from './composed/random/studentT.ts'
export { type UniformOptions, uniform } from './composed/random/uniform.ts'
export { type AxisSizes, rearrange } from './composed/rearrange.ts'
export { type AxesReduction, reduceAxes } from './composed/reduceAxes.ts'
export { relu6 } from './composed/relu6.ts'
export { type RenormalizeRowsOptions, renormalizeRows } from './composed/renormalizeRows.ts'
export { repeat } from './composed/repeat.ts'
export { repeatAxes } from './composed/repeatAxes.ts'
export { repeatInterleave } from './composed/repeatInterleave.ts'
export { rfft } from './composed/rfft.ts'
export { type RMSNormOptions, rmsNorm } from './composed/rmsNorm.ts'
export { rot90 } from './composed/rot90.ts'
export {
  type AttentionOptions,
  type AttentionWithWeights,
  scaledDotProductAttention,
} from './composed/scaledDotProductAttention.ts'
export { scatter } from './composed/scatter.ts'
export {
  type ScatterReduceOptions,
  type ScatterReduction,
  scatterReduce,
} from './composed/scatterReduce.ts'
export { segmentSum } from './composed/segmentSum.ts'
export { singularValues } from './composed/singularValues.ts'
export { type SliceRange, slice } from './composed/slice.ts'
export { type SlogDeterminant, slogDeterminant } from './composed/slogDeterminant.ts'
export { softmin } from './composed/softmin.ts'
export { sort } from './composed/sort.ts'
export { sortWithIndices } from './composed/sortWithIndices.ts'
export { type SplitParts, split } from './composed/split.ts'
export { squeeze } from './composed/squeeze.ts'
export { stack } from './composed/stack.ts'
export { standardDeviation } from './composed/standardDeviation.ts'
export { straightThrough } from './composed/straightThrough.ts'
export { type Svd, type SvdOptions, svd } from './composed/svd.ts'
export { swapAxes } from './composed/swapAxes.ts'
export { swiglu } from './composed/swiglu.ts'
export { take } from './composed/take.ts'
export { takeAlongAxis } from './composed/takeAlongAxis.ts'
export { type ContractedAxes, tensordot } from './composed/tensordot.ts'
export { tile } from './composed/tile.ts'
export { type TopkOptions, topk } from './composed/topk.ts'
export { trace } from './composed/trace.ts'
export { transpose } from './composed/transpose.ts'
export {
  type TransposedConvolutionOptions,
  transposedConvolution,
} from './composed/transposedConvolution.ts'
export { type TrapezoidOptions, trapezoid } from './composed/trapezoid.ts'
export { tril } from './composed/tril.ts'
export { triu } from './composed/triu.ts'
export { type UnboundParts, unbind } from './composed/unbind.ts'
export { type ImagePatchOptions, type Pair, unfoldImages } from './composed/unfoldImages.ts'
export { unique } from './composed/unique.ts'
export { type UniqueElements, uniqueWithCounts } from './composed/uniqueWithCounts.ts'
export { unsqueeze } from './composed/unsqueeze.ts'
export { type VarianceOptions, variance } from './composed/variance.ts'
export { varianceAndMean } from './composed/varianceAndMean.ts'
export { vdot } from './composed/vdot.ts'
export { Graph, type GraphEntry, type GraphMemory, type GraphTextOptions, graphOf } from './graph/inspect.ts'
export { recompute } from './graph/recompute.ts'
export { noGrad } from './graph/record.ts'
export { development, siteOf } from './graph/site.ts'
export { abs } from './ops/abs.ts'
export { acos } from './ops/acos.ts'
export { acosh } from './ops/acosh.ts'
export { add } from './ops/add.ts'
export { all } from './ops/all.ts'
export { any } from './ops/any.ts'
export { argmax } from './ops/argmax.ts'
export { argmin } from './ops/argmin.ts'
export { type ArgsortOp, argsort, type SortOptions } from './ops/argsort.ts'
export { asin } from './ops/asin.ts'
export { asinh } from './ops/asinh.ts'
export { atan } from './ops/atan.ts'
export { atan2 } from './ops/atan2.ts'
export { atanh } from './ops/atanh.ts'
export { besselI } from './ops/besselI.ts'
export { bitwiseAnd } from './ops/bitwiseAnd.ts'
export { bitwiseNot } from './ops/bitwiseNot.ts'
export { bitwiseOr } from './ops/bitwiseOr.ts'
export { bitwiseXor } from './ops/bitwiseXor.ts'
export { cast } from './ops/cast.ts'
export { cbrt } from './ops/cbrt.ts'
export { ceil } from './ops/ceil.ts'
export { celu } from './ops/celu.ts'
export { type CenterOp, center } from './ops/center.ts'
export { type CholeskyOptions, cholesky } from './ops/cholesky.ts'
export { type ClipBounds, type ClipOp, type ClipTensorBounds, clip } from './ops/clip.ts'
export { cofactor } from './ops/cofactor.ts'
export { type ConcatOp, concat } from './ops/concat.ts'
export {
  type ConvolutionOp,
  type ConvolutionOptions,
  convolution,
  type Padding,
  type PaddingPair,
} from './ops/convolution.ts'
export { copySign } from './ops/copySign.ts'
export { cos } from './ops/cos.ts'
export { cosh } from './ops/cosh.ts'
export { type CumsumOp, type CumsumOptions, cumsum } from './ops/cumsum.ts'
export { determinant } from './ops/determinant.ts'
export { determinantSign } from './ops/determinantSign.ts'
export { type DiagonalOp, type DiagonalOptions, diagonal } from './ops/diagonal.ts'
export { div } from './ops/div.ts'
export { elu } from './ops/elu.ts'
export { equal } from './ops/equal.ts'
export { erf } from './ops/erf.ts'
export { erfc } from './ops/erfc.ts'
export { erfinv } from './ops/erfinv.ts'
export { exp } from './ops/exp.ts'
export { exp2 } from './ops/exp2.ts'
export { type ExpandOp, expand } from './ops/expand.ts'
export { expm1 } from './ops/expm1.ts'
export { floor } from './ops/floor.ts'
export { floorDivide } from './ops/floorDivide.ts'
export { fmax } from './ops/fmax.ts'
export { fmin } from './ops/fmin.ts'
export { fmod } from './ops/fmod.ts'
export { type FoldWindowsOp, foldWindows } from './ops/foldWindows.ts'
export { frac } from './ops/frac.ts'
export { fusedMultiplyAdd } from './ops/fusedMultiplyAdd.ts'
export { gather } from './ops/gather.ts'
export { type GeluOptions, gelu } from './ops/gelu.ts'
export { greater } from './ops/greater.ts'
export { greaterEqual } from './ops/greaterEqual.ts'
export { hardShrink } from './ops/hardShrink.ts'
export { hardSigmoid } from './ops/hardSigmoid.ts'
export { hardSwish } from './ops/hardSwish.ts'
export { hardTanh } from './ops/hardTanh.ts'
export { heaviside } from './ops/heaviside.ts'
export { hypot } from './ops/hypot.ts'
export { identity } from './ops/identity.ts'
export { inverse } from './ops/inverse.ts'
export { isFinite } from './ops/isFinite.ts'
export { isInfinite } from './ops/isInfinite.ts'
export { isNaN } from './ops/isNaN.ts'
export { leakyRelu } from './ops/leakyRelu.ts'
export { leastSquares } from './ops/leastSquares.ts'
export { leftShift } from './ops/leftShift.ts'
export { lerp } from './ops/lerp.ts'
export { less } from './ops/less.ts'
export { lessEqual } from './ops/lessEqual.ts'
export { lgamma } from './ops/lgamma.ts'
export { type LinearRecurrenceOp, linearRecurrence, type RecurrenceOptions } from './ops/linearRecurrence.ts'
export { log } from './ops/log.ts'
export { log1p } from './ops/log1p.ts'
export { log2 } from './ops/log2.ts'
export { log10 } from './ops/log10.ts'
export { logAbsDeterminant } from './ops/logAbsDeterminant.ts'
export { logAddExp } from './ops/logAddExp.ts'
export { logAddExp2 } from './ops/logAddExp2.ts'
export { logCumSumExp } from './ops/logCumSumExp.ts'
export { logicalAnd } from './ops/logicalAnd.ts'
export { logicalNot } from './ops/logicalNot.ts'
export { logicalOr } from './ops/logicalOr.ts'
export { logicalXor } from './ops/logicalXor.ts'
export { type LogitOptions, logit } from './ops/logit.ts'
export { logSigmoid } from './ops/logSigmoid.ts'
export { logSoftmax } from './ops/logSoftmax.ts'
export { logSumExp } from './ops/logSumExp.ts'
export { maskedSoftmax } from './ops/maskedSoftmax.ts'
export { type MatmulOp, matmul } from './ops/matmul.ts'
export { matrixExp } from './ops/matrixExp.ts'
export { max } from './ops/max.ts'
export { maximum } from './ops/maximum.ts'
export { mean } from './ops/mean.ts'
export { median } from './ops/median.ts'
export { min } from './ops/min.ts'
export { minimum } from './ops/minimum.ts'
export { mish } from './ops/mish.ts'
export { mul } from './ops/mul.ts'
export { nanMedian } from './ops/nanMedian.ts'
export { type NanToNumberOptions, nanToNumber } from './ops/nanToNumber.ts'
export { neg } from './ops/neg.ts'
export { nextAfter } from './ops/nextAfter.ts'
export { type NormOp, type NormOptions, norm } from './ops/norm.ts'
export { notEqual } from './ops/notEqual.ts'
export { type PermuteOp, permute } from './ops/permute.ts'
export { polygamma } from './ops/polygamma.ts'
export { pow } from './ops/pow.ts'
export { prelu } from './ops/prelu.ts'
export { type PseudoInverseOptions, pseudoInverse } from './ops/pseudoInverse.ts'
export { reciprocal } from './ops/reciprocal.ts'
export { relu } from './ops/relu.ts'
export { remainder } from './ops/remainder.ts'
export { type ReshapeOp, reshape } from './ops/reshape.ts'
export { rightShift } from './ops/rightShift.ts'
export { type RollOp, roll } from './ops/roll.ts'
export { round } from './ops/round.ts'
export { rsqrt } from './ops/rsqrt.ts'
export { scatterAdd } from './ops/scatterAdd.ts'
export { type SearchSortedOp, type SearchSortedOptions, searchSorted } from './ops/searchSorted.ts'
export { selu } from './ops/selu.ts'
export { sigmoid } from './ops/sigmoid.ts'
export { sign } from './ops/sign.ts'
export { silu } from './ops/silu.ts'
export { sin } from './ops/sin.ts'
export { sinc } from './ops/sinc.ts'
export { sinh } from './ops/sinh.ts'
export { softmax } from './ops/softmax.ts'
export { softplus } from './ops/softplus.ts'
export { softShrink } from './ops/softShrink.ts'
export { softsign } from './ops/softsign.ts'
export { type SolveOp, solve } from './ops/solve.ts'
export { sparsemax } from './ops/sparsemax.ts'
export { sqrt } from './ops/sqrt.ts'
export { square } from './ops/square.ts'
export { stopGradient } from './ops/stopGradient.ts'
export { sub } from './ops/sub.ts'
export { sum } from './ops/sum.ts'
export { tan } from './ops/tan.ts'
export { tanh } from './ops/tanh.ts'
export { tanhShrink } from './ops/tanhShrink.ts'
export { threshold } from './ops/threshold.ts'
export { type TriangularSolveOptions, triangularSolve } from './ops/triangularSolve.ts'
export { trunc } from './ops/trunc.ts'
export { type UnfoldOp, unfold } from './ops/unfold.ts'
export { where } from './ops/where.ts'
export { xlogy } from './ops/xlogy.ts'
export type { Op } from './primitive/primitive.ts'
export type {
  AlongAxisOp,
  BinaryOp,
  ReductionOp,
  ReductionOptions,
  Selection,
  SelectionOp,
  TernaryOp,
  UnaryOp,
  WhereOp,
} from './primitive/signatures.ts'
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
export type { PerAxis } from './shape/perAxis.ts'
export type {
  Broadcast,
  BroadcastCheck,
  BroadcastResult,
  Dim,
  Expected,
  MatrixProduct,
  MatrixProductCheck,
  MatrixProductResult,
  Nested,
  Permuted,
  Plain,
  Reduced,
  Reshaped,
  Resized,
  ResizedAt,
  Shape,
  ShapeOfNested,
  SizeOf,
  Sizes,
  Squeezed,
  Swapped,
  Transposed,
  Unsqueezed,
} from './shape/types.ts'
export { type DType, promote, type TypedArray, withDefaultDType } from './storage/dtype.ts'
export {
  arange,
  eye,
  full,
  fullLike,
  geomspace,
  type LogspaceOptions,
  linspace,
  logspace,
  ones,
  onesLike,
  type ShapedTensorOptions,
  type TensorOptions,
  tensor,
  tri,
  zeros,
  zerosLike,
} from './tensor/create.ts'
export type { NestedArray } from './tensor/nested.ts'
export type { Attributes, GraphNode, Keeps, Primitive, Site } from './tensor/node.ts'
export { Parameter, type ParameterOptions } from './tensor/parameter.ts'
export { formatTensor, type Printable } from './tensor/print.ts'
export {
  dropoutMask,
  type OrthogonalOptions,
  orthogonal,
  permutation,
  type RandomIntegersOptions,
  type RandomOptions,
  randomIntegers,
  type TruncatedNormalOptions,
  truncatedNormal,
} from './tensor/random.ts'
export { Rng, type RngState, type SplitRngs } from './tensor/rng.ts'
export { Tensor } from './tensor/tensor.ts'
export { type BackwardOptions, backward, gradients } from './transforms/backward.ts'
export { checkpoint } from './transforms/checkpoint.ts'
export {
  type CustomCall,
  type CustomJvp,
  type CustomVjp,
  customJvp,
  customVjp,
} from './transforms/customRule.ts'
export { findNaN, type NaNReport, type SuspectOperand } from './transforms/findNaN.ts'
export {
  type ArgumentPositions,
  type AuxiliaryOptions,
  type GradientsOf,
  type GradOptions,
  grad,
  type ValueAndGrad,
  valueAndGrad,
  vjp,
} from './transforms/grad.ts'
export { type GradientHook, onGradient } from './transforms/hooks.ts'
export { hessian, hvp, type JacobianOf, jacfwd, jacrev } from './transforms/jacobian.ts'
export { jvp } from './transforms/jvp.ts'
export { linearize } from './transforms/linearize.ts'
export { strictNaN } from './transforms/rules.ts'
export { type ScanOptions, type ScanStep, scan } from './transforms/scan.ts'
export {
  type FlatTree,
  flattenTree,
  type LikeTree,
  type TangentsOf,
  type Tree,
  type TreeOf,
  type WideTree,
} from './transforms/tree.ts'
export { type BatchAxes, type BatchedArguments, type VmapOptions, vmap } from './transforms/vmap.ts'
