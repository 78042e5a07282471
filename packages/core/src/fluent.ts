/**
 * The ops as methods of Tensor, `x.matmul(w).add(b)`, and the draws as methods of Rng, `rng.normal([2, 3])`. Importing this
 * file puts them in place; it is the only file of the package with an effect. Every method is the free function of the
 * same name with the object as its first argument.
 *
 * It also switches development on when NODE_ENV says so.
 *
 * Each method has type parameters of its own and a `this` type, so that `Tensor<[2, 3]>` stays assignable to `Tensor`.
 */

import { type AddcdivOptions, addcdiv } from './composed/addcdiv.ts'
import { type AddcmulOptions, addcmul } from './composed/addcmul.ts'
import { at, type Index } from './composed/at.ts'
import { chunk } from './composed/chunk.ts'
import { countNonzero } from './composed/countNonzero.ts'
import { cummax } from './composed/cummax.ts'
import { cummaxWithIndices } from './composed/cummaxWithIndices.ts'
import { cummin } from './composed/cummin.ts'
import { cumminWithIndices } from './composed/cumminWithIndices.ts'
import { cumprod } from './composed/cumprod.ts'
import { degreesToRadians } from './composed/degreesToRadians.ts'
import { diag } from './composed/diag.ts'
import { diagonalEmbed } from './composed/diagonalEmbed.ts'
import { type DiffOptions, diff } from './composed/diff.ts'
import { digamma } from './composed/digamma.ts'
import { expectShape } from './composed/expectShape.ts'
import { flatten } from './composed/flatten.ts'
import { flip } from './composed/flip.ts'
import { floatPower } from './composed/floatPower.ts'
import { glu } from './composed/glu.ts'
import { indexAdd } from './composed/indexAdd.ts'
import { indexCopy } from './composed/indexCopy.ts'
import { indexFill } from './composed/indexFill.ts'
import { type IndexPutOptions, indexPut } from './composed/indexPut.ts'
import { indexSelect } from './composed/indexSelect.ts'
import { kthValue } from './composed/kthValue.ts'
import { maskedFill } from './composed/maskedFill.ts'
import { maskedScatter } from './composed/maskedScatter.ts'
import { maskedSelect } from './composed/maskedSelect.ts'
import { maxout } from './composed/maxout.ts'
import { maxWithIndices } from './composed/maxWithIndices.ts'
import { medianWithIndices } from './composed/medianWithIndices.ts'
import { minWithIndices } from './composed/minWithIndices.ts'
import { mode } from './composed/mode.ts'
import { modeWithIndices } from './composed/modeWithIndices.ts'
import { moveAxis } from './composed/moveAxis.ts'
import { nanMean } from './composed/nanMean.ts'
import { nanSum } from './composed/nanSum.ts'
import { nonzero } from './composed/nonzero.ts'
import { type NormalizeOptions, normalize } from './composed/normalize.ts'
import { type PadOptions, type PadWidths, pad } from './composed/pad.ts'
import { prod } from './composed/prod.ts'
import { type QuantileOptions, quantile } from './composed/quantile.ts'
import { radiansToDegrees } from './composed/radiansToDegrees.ts'
import { bernoulli } from './composed/random/bernoulli.ts'
import { categorical } from './composed/random/categorical.ts'
import { type ChoiceOptions, choice } from './composed/random/choice.ts'
import { type ExponentialOptions, exponential } from './composed/random/exponential.ts'
import { gumbel } from './composed/random/gumbel.ts'
import { type GumbelSoftmaxOptions, gumbelSoftmax } from './composed/random/gumbelSoftmax.ts'
import { type LocationScaleOptions, laplace } from './composed/random/laplace.ts'
import { type NormalOptions, normal } from './composed/random/normal.ts'
import type { DrawParameter } from './composed/random/parameters.ts'
import { type UniformOptions, uniform } from './composed/random/uniform.ts'
import { relu6 } from './composed/relu6.ts'
import { repeat } from './composed/repeat.ts'
import { repeatInterleave } from './composed/repeatInterleave.ts'
import { rot90 } from './composed/rot90.ts'
import { scatter } from './composed/scatter.ts'
import { type ScatterReduceOptions, type ScatterReduction, scatterReduce } from './composed/scatterReduce.ts'
import { type SliceRange, slice } from './composed/slice.ts'
import { softmin } from './composed/softmin.ts'
import { sort } from './composed/sort.ts'
import { sortWithIndices } from './composed/sortWithIndices.ts'
import { type SplitParts, split } from './composed/split.ts'
import { squeeze } from './composed/squeeze.ts'
import { standardDeviation } from './composed/standardDeviation.ts'
import { swapAxes } from './composed/swapAxes.ts'
import { swiglu } from './composed/swiglu.ts'
import { take } from './composed/take.ts'
import { takeAlongAxis } from './composed/takeAlongAxis.ts'
import { tile } from './composed/tile.ts'
import { type TopkOptions, topk } from './composed/topk.ts'
import { transpose } from './composed/transpose.ts'
import { tril } from './composed/tril.ts'
import { triu } from './composed/triu.ts'
import { type UnboundParts, unbind } from './composed/unbind.ts'
import { unique } from './composed/unique.ts'
import { unsqueeze } from './composed/unsqueeze.ts'
import { type VarianceOptions, variance } from './composed/variance.ts'
import { varianceAndMean } from './composed/varianceAndMean.ts'
import { developFromEnvironment } from './graph/site.ts'
import { abs } from './ops/abs.ts'
import { acos } from './ops/acos.ts'
import { acosh } from './ops/acosh.ts'
import { add } from './ops/add.ts'
import { all } from './ops/all.ts'
import { any } from './ops/any.ts'
import { argmax } from './ops/argmax.ts'
import { argmin } from './ops/argmin.ts'
import { argsort, type SortOptions } from './ops/argsort.ts'
import { asin } from './ops/asin.ts'
import { asinh } from './ops/asinh.ts'
import { atan } from './ops/atan.ts'
import { atan2 } from './ops/atan2.ts'
import { atanh } from './ops/atanh.ts'
import { cast } from './ops/cast.ts'
import { cbrt } from './ops/cbrt.ts'
import { ceil } from './ops/ceil.ts'
import { celu } from './ops/celu.ts'
import { center } from './ops/center.ts'
import { type ClipBounds, type ClipTensorBounds, clip } from './ops/clip.ts'
import { copySign } from './ops/copySign.ts'
import { cos } from './ops/cos.ts'
import { cosh } from './ops/cosh.ts'
import { type CumsumOptions, cumsum } from './ops/cumsum.ts'
import { type DiagonalOptions, diagonal } from './ops/diagonal.ts'
import { div } from './ops/div.ts'
import { elu } from './ops/elu.ts'
import { equal } from './ops/equal.ts'
import { erf } from './ops/erf.ts'
import { erfc } from './ops/erfc.ts'
import { erfinv } from './ops/erfinv.ts'
import { exp } from './ops/exp.ts'
import { exp2 } from './ops/exp2.ts'
import { expand } from './ops/expand.ts'
import { expm1 } from './ops/expm1.ts'
import { floor } from './ops/floor.ts'
import { floorDivide } from './ops/floorDivide.ts'
import { fmax } from './ops/fmax.ts'
import { fmin } from './ops/fmin.ts'
import { fmod } from './ops/fmod.ts'
import { frac } from './ops/frac.ts'
import { gather } from './ops/gather.ts'
import { type GeluOptions, gelu } from './ops/gelu.ts'
import { greater } from './ops/greater.ts'
import { greaterEqual } from './ops/greaterEqual.ts'
import { hardShrink } from './ops/hardShrink.ts'
import { hardSigmoid } from './ops/hardSigmoid.ts'
import { hardSwish } from './ops/hardSwish.ts'
import { hardTanh } from './ops/hardTanh.ts'
import { heaviside } from './ops/heaviside.ts'
import { hypot } from './ops/hypot.ts'
import { isFinite as areFinite } from './ops/isFinite.ts'
import { isInfinite } from './ops/isInfinite.ts'
import { isNaN as areNaN } from './ops/isNaN.ts'
import { leakyRelu } from './ops/leakyRelu.ts'
import { lerp } from './ops/lerp.ts'
import { less } from './ops/less.ts'
import { lessEqual } from './ops/lessEqual.ts'
import { lgamma } from './ops/lgamma.ts'
import { log } from './ops/log.ts'
import { log1p } from './ops/log1p.ts'
import { log2 } from './ops/log2.ts'
import { log10 } from './ops/log10.ts'
import { logAddExp } from './ops/logAddExp.ts'
import { logAddExp2 } from './ops/logAddExp2.ts'
import { logCumSumExp } from './ops/logCumSumExp.ts'
import { logicalAnd } from './ops/logicalAnd.ts'
import { logicalNot } from './ops/logicalNot.ts'
import { logicalOr } from './ops/logicalOr.ts'
import { logicalXor } from './ops/logicalXor.ts'
import { type LogitOptions, logit } from './ops/logit.ts'
import { logSigmoid } from './ops/logSigmoid.ts'
import { logSoftmax } from './ops/logSoftmax.ts'
import { logSumExp } from './ops/logSumExp.ts'
import { matmul } from './ops/matmul.ts'
import { max } from './ops/max.ts'
import { maximum } from './ops/maximum.ts'
import { mean } from './ops/mean.ts'
import { median } from './ops/median.ts'
import { min } from './ops/min.ts'
import { minimum } from './ops/minimum.ts'
import { mish } from './ops/mish.ts'
import { mul } from './ops/mul.ts'
import { nanMedian } from './ops/nanMedian.ts'
import { type NanToNumberOptions, nanToNumber } from './ops/nanToNumber.ts'
import { neg } from './ops/neg.ts'
import { type NormOptions, norm } from './ops/norm.ts'
import { notEqual } from './ops/notEqual.ts'
import { permute } from './ops/permute.ts'
import { pow } from './ops/pow.ts'
import { prelu } from './ops/prelu.ts'
import { reciprocal } from './ops/reciprocal.ts'
import { relu } from './ops/relu.ts'
import { remainder } from './ops/remainder.ts'
import { reshape } from './ops/reshape.ts'
import { roll } from './ops/roll.ts'
import { round } from './ops/round.ts'
import { rsqrt } from './ops/rsqrt.ts'
import { scatterAdd } from './ops/scatterAdd.ts'
import { selu } from './ops/selu.ts'
import { sigmoid } from './ops/sigmoid.ts'
import { sign } from './ops/sign.ts'
import { silu } from './ops/silu.ts'
import { sin } from './ops/sin.ts'
import { sinc } from './ops/sinc.ts'
import { sinh } from './ops/sinh.ts'
import { softmax } from './ops/softmax.ts'
import { softplus } from './ops/softplus.ts'
import { softShrink } from './ops/softShrink.ts'
import { softsign } from './ops/softsign.ts'
import { sparsemax } from './ops/sparsemax.ts'
import { sqrt } from './ops/sqrt.ts'
import { square } from './ops/square.ts'
import { stopGradient } from './ops/stopGradient.ts'
import { sub } from './ops/sub.ts'
import { sum } from './ops/sum.ts'
import { tan } from './ops/tan.ts'
import { tanh } from './ops/tanh.ts'
import { tanhShrink } from './ops/tanhShrink.ts'
import { threshold } from './ops/threshold.ts'
import { trunc } from './ops/trunc.ts'
import { unfold } from './ops/unfold.ts'
import { xlogy } from './ops/xlogy.ts'
import type { ReductionOptions, Selection } from './primitive/signatures.ts'
import type {
  BroadcastCheck,
  BroadcastResult,
  Dim,
  Expected,
  MatrixProductCheck,
  MatrixProductResult,
  Permuted,
  Plain,
  Reduced,
  Reshaped,
  Resized,
  Shape,
  Squeezed,
  Swapped,
  Transposed,
  Unsqueezed,
} from './shape/types.ts'
import type { DType } from './storage/dtype.ts'
import { formatTensor } from './tensor/print.ts'
import {
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
import { Rng } from './tensor/rng.ts'
import { Tensor } from './tensor/tensor.ts'
import { type BackwardOptions, backward } from './transforms/backward.ts'

/** A unary op as a method. */
type UnaryMethod = <S extends Shape>(this: Tensor<S>) => Tensor<S>

/** A binary op as a method: equal shapes first, which also works in generic code, then broadcasting. */
interface BinaryMethod {
  <S extends Shape>(this: Tensor<S>, other: Tensor<NoInfer<S>> | Tensor<[]> | number): Tensor<S>
  <L extends Shape, R extends Shape>(
    this: Tensor<L>,
    other: Tensor<R> & BroadcastCheck<L, R>,
  ): Tensor<BroadcastResult<L, R>>
}

/** A ternary op as a method. */
interface TernaryMethod {
  <S extends Shape>(
    this: Tensor<S>,
    y: Tensor<NoInfer<S>> | Tensor<[]> | number,
    z: Tensor<NoInfer<S>> | Tensor<[]> | number,
  ): Tensor<S>
  (this: Tensor, y: Tensor | number, z: Tensor | number): Tensor
}

/** `clip` as a method: bounds that are tensors may make the result larger. */
interface ClipMethod {
  <S extends Shape>(this: Tensor<S>, bounds: ClipBounds): Tensor<S>
  (this: Tensor, bounds: ClipTensorBounds): Tensor
}

/** A reduction as a method. */
type ReductionMethod = <
  S extends Shape,
  const Axis extends number | readonly number[] | undefined = undefined,
  Keep extends boolean = false,
>(
  this: Tensor<S>,
  axis?: Axis,
  options?: ReductionOptions<Keep>,
) => Tensor<Reduced<S, Axis, Keep>>

/** A reduction that chooses an element, as a method. */
type SelectionMethod = <
  S extends Shape,
  const Axis extends number | readonly number[] | undefined = undefined,
  Keep extends boolean = false,
>(
  this: Tensor<S>,
  axis?: Axis,
  options?: ReductionOptions<Keep>,
) => Selection<Reduced<S, Axis, Keep>>

/** `quantile` as a method: one quantile, or several in front. */
interface QuantileMethod {
  <
    S extends Shape,
    const Axis extends number | readonly number[] | undefined = undefined,
    Keep extends boolean = false,
  >(
    this: Tensor<S>,
    q: number,
    axis?: Axis,
    options?: QuantileOptions<Keep>,
  ): Tensor<Reduced<S, Axis, Keep>>
  (this: Tensor, q: readonly number[], axis?: number | readonly number[], options?: QuantileOptions): Tensor
}

/** An op along one axis as a method. */
type AlongAxisMethod = <S extends Shape>(this: Tensor<S>, axis?: number) => Tensor<S>

/** The matrix product as a method. */
interface MatmulMethod {
  <M extends Dim, K extends Dim, N extends Dim>(
    this: Tensor<readonly [M, K]>,
    other: Tensor<readonly [NoInfer<K>, N]>,
  ): Tensor<[M, N]>
  <L extends Shape, R extends Shape>(
    this: Tensor<L>,
    other: Tensor<R> & MatrixProductCheck<L, R>,
  ): Tensor<MatrixProductResult<L, R>>
}

/** A draw of a given shape as a method of Rng. */
type DrawMethod<Options> = <const T extends readonly number[]>(
  this: Rng,
  shape: T,
  options?: Options,
) => Tensor<Plain<T>>

declare module './tensor/tensor.ts' {
  interface Tensor<out S extends Shape = Shape> {
    abs: UnaryMethod
    acos: UnaryMethod
    acosh: UnaryMethod
    add: BinaryMethod
    addcdiv: (this: Tensor, a: Tensor, b: Tensor | number, options?: AddcdivOptions) => Tensor
    addcmul: (this: Tensor, a: Tensor, b: Tensor | number, options?: AddcmulOptions) => Tensor
    all: ReductionMethod
    any: ReductionMethod
    argmax: ReductionMethod
    argmin: ReductionMethod
    argsort: <T extends Shape>(this: Tensor<T>, axis?: number, options?: SortOptions) => Tensor<T>
    asin: UnaryMethod
    asinh: UnaryMethod
    at: (this: Tensor, ...indices: readonly Index[]) => Tensor
    atan: UnaryMethod
    atan2: BinaryMethod
    atanh: UnaryMethod
    backward: (this: Tensor, options?: BackwardOptions) => void
    cast: <T extends Shape>(this: Tensor<T>, dtype: DType) => Tensor<T>
    cbrt: UnaryMethod
    ceil: UnaryMethod
    celu: <T extends Shape>(this: Tensor<T>, alpha?: number) => Tensor<T>
    center: <T extends Shape>(this: Tensor<T>, axis?: number | readonly number[]) => Tensor<T>
    chunk: (this: Tensor, count: number, axis?: number) => Tensor[]
    clip: ClipMethod
    copySign: BinaryMethod
    cos: UnaryMethod
    cosh: UnaryMethod
    countNonzero: ReductionMethod
    cummax: AlongAxisMethod
    cummaxWithIndices: <T extends Shape>(this: Tensor<T>, axis?: number) => Selection<T>
    cummin: AlongAxisMethod
    cumminWithIndices: <T extends Shape>(this: Tensor<T>, axis?: number) => Selection<T>
    cumprod: AlongAxisMethod
    cumsum: <T extends Shape>(this: Tensor<T>, axis?: number, options?: CumsumOptions) => Tensor<T>
    degreesToRadians: UnaryMethod
    detach: UnaryMethod
    diag: (this: Tensor, offset?: number) => Tensor
    diagonal: (this: Tensor, options?: DiagonalOptions) => Tensor
    diagonalEmbed: (this: Tensor, options?: DiagonalOptions) => Tensor
    diff: <T extends Shape>(this: Tensor<T>, axis?: number, options?: DiffOptions) => Tensor<Resized<T>>
    digamma: UnaryMethod
    div: BinaryMethod
    elu: <T extends Shape>(this: Tensor<T>, alpha?: number) => Tensor<T>
    equal: BinaryMethod
    erf: UnaryMethod
    erfc: UnaryMethod
    erfinv: UnaryMethod
    exp: UnaryMethod
    exp2: UnaryMethod
    expand: <const T extends readonly number[]>(this: Tensor, shape: T) => Tensor<Plain<T>>
    expectShape: <const E extends Shape>(this: Tensor, expected: E) => Tensor<Expected<E>>
    expm1: UnaryMethod
    flatten: { (this: Tensor): Tensor<[number]>; (this: Tensor, start?: number, end?: number): Tensor }
    flip: <T extends Shape>(this: Tensor<T>, axis?: number | readonly number[]) => Tensor<T>
    floatPower: BinaryMethod
    floor: UnaryMethod
    floorDivide: BinaryMethod
    fmax: BinaryMethod
    fmin: BinaryMethod
    fmod: BinaryMethod
    frac: UnaryMethod
    gather: <T extends Shape>(this: Tensor, axis: number, indices: Tensor<T>) => Tensor<T>
    gelu: <T extends Shape>(this: Tensor<T>, options?: GeluOptions) => Tensor<T>
    glu: <T extends Shape>(this: Tensor<T>, axis?: number) => Tensor<Resized<T>>
    greater: BinaryMethod
    greaterEqual: BinaryMethod
    hardShrink: <T extends Shape>(this: Tensor<T>, lambda?: number) => Tensor<T>
    hardSigmoid: UnaryMethod
    hardSwish: UnaryMethod
    hardTanh: <T extends Shape>(this: Tensor<T>, bounds?: ClipBounds) => Tensor<T>
    heaviside: BinaryMethod
    hypot: BinaryMethod
    indexAdd: <T extends Shape>(
      this: Tensor<T>,
      axis: number,
      indices: Tensor,
      source: Tensor | number,
    ) => Tensor<T>
    indexCopy: <T extends Shape>(this: Tensor<T>, axis: number, indices: Tensor, source: Tensor) => Tensor<T>
    indexFill: <T extends Shape>(
      this: Tensor<T>,
      axis: number,
      indices: Tensor,
      value: Tensor | number,
    ) => Tensor<T>
    indexPut: <T extends Shape>(
      this: Tensor<T>,
      indices: readonly Index[],
      values: Tensor | number,
      options?: IndexPutOptions,
    ) => Tensor<T>
    indexSelect: (this: Tensor, axis: number, indices: Tensor) => Tensor
    isFinite: UnaryMethod
    isInfinite: UnaryMethod
    isNaN: UnaryMethod
    kthValue: <T extends Shape, const Axis extends number = -1, Keep extends boolean = false>(
      this: Tensor<T>,
      k: number,
      axis?: Axis,
      options?: ReductionOptions<Keep>,
    ) => Selection<Reduced<T, Axis, Keep>>
    leakyRelu: <T extends Shape>(this: Tensor<T>, slope?: number) => Tensor<T>
    lerp: TernaryMethod
    less: BinaryMethod
    lessEqual: BinaryMethod
    lgamma: UnaryMethod
    log: UnaryMethod
    log10: UnaryMethod
    log1p: UnaryMethod
    log2: UnaryMethod
    logAddExp: BinaryMethod
    logAddExp2: BinaryMethod
    logCumSumExp: AlongAxisMethod
    logicalAnd: BinaryMethod
    logicalNot: UnaryMethod
    logicalOr: BinaryMethod
    logicalXor: BinaryMethod
    logit: <T extends Shape>(this: Tensor<T>, options?: LogitOptions) => Tensor<T>
    logSigmoid: UnaryMethod
    logSoftmax: AlongAxisMethod
    logSumExp: ReductionMethod
    maskedFill: <T extends Shape>(this: Tensor<T>, mask: Tensor, value: Tensor | number) => Tensor<T>
    maskedScatter: <T extends Shape>(this: Tensor<T>, mask: Tensor, source: Tensor) => Tensor<T>
    maskedSelect: (this: Tensor, mask: Tensor) => Tensor<[number]>
    matmul: MatmulMethod
    max: ReductionMethod
    maximum: BinaryMethod
    maxout: <T extends Shape>(this: Tensor<T>, groups: number, axis?: number) => Tensor<Resized<T>>
    maxWithIndices: SelectionMethod
    mean: ReductionMethod
    median: ReductionMethod
    medianWithIndices: SelectionMethod
    min: ReductionMethod
    minimum: BinaryMethod
    minWithIndices: SelectionMethod
    mish: UnaryMethod
    mode: ReductionMethod
    modeWithIndices: SelectionMethod
    moveAxis: <T extends Shape>(
      this: Tensor<T>,
      from: number | readonly number[],
      to: number | readonly number[],
    ) => Tensor<Resized<T>>
    mul: BinaryMethod
    nanMean: ReductionMethod
    nanMedian: ReductionMethod
    nanSum: ReductionMethod
    nanToNumber: <T extends Shape>(this: Tensor<T>, options?: NanToNumberOptions) => Tensor<T>
    neg: UnaryMethod
    nonzero: (this: Tensor) => Tensor
    norm: <
      T extends Shape,
      const Axis extends number | readonly number[] | undefined = undefined,
      Keep extends boolean = false,
    >(
      this: Tensor<T>,
      axis?: Axis,
      options?: NormOptions<Keep>,
    ) => Tensor<Reduced<T, Axis, Keep>>
    normalize: <T extends Shape>(
      this: Tensor<T>,
      axis?: number | readonly number[],
      options?: NormalizeOptions,
    ) => Tensor<T>
    notEqual: BinaryMethod
    pad: <T extends Shape>(
      this: Tensor<T>,
      widths: PadWidths,
      valueOrOptions?: number | PadOptions,
    ) => Tensor<Resized<T>>
    permute: <T extends Shape, const Order extends readonly number[]>(
      this: Tensor<T>,
      order: Order,
    ) => Tensor<Permuted<T, Order>>
    pow: BinaryMethod
    prelu: BinaryMethod
    prod: ReductionMethod
    quantile: QuantileMethod
    radiansToDegrees: UnaryMethod
    reciprocal: UnaryMethod
    relu: UnaryMethod
    relu6: UnaryMethod
    remainder: BinaryMethod
    repeat: (this: Tensor, counts: number | readonly number[]) => Tensor
    repeatInterleave: (this: Tensor, repeats: number | readonly number[] | Tensor, axis?: number) => Tensor
    reshape: <const T extends readonly number[]>(this: Tensor, shape: T) => Tensor<Reshaped<T>>
    roll: <T extends Shape>(
      this: Tensor<T>,
      shifts: number | readonly number[],
      axes?: number | readonly number[],
    ) => Tensor<T>
    rot90: (this: Tensor, times?: number, axes?: readonly [number, number]) => Tensor
    round: UnaryMethod
    rsqrt: UnaryMethod
    scatter: <T extends Shape>(
      this: Tensor<T>,
      axis: number,
      indices: Tensor,
      source: Tensor | number,
    ) => Tensor<T>
    scatterAdd: <T extends Shape>(this: Tensor<T>, axis: number, indices: Tensor, source: Tensor) => Tensor<T>
    scatterReduce: <T extends Shape>(
      this: Tensor<T>,
      axis: number,
      indices: Tensor,
      source: Tensor | number,
      reduction: ScatterReduction,
      options?: ScatterReduceOptions,
    ) => Tensor<T>
    selu: UnaryMethod
    sigmoid: UnaryMethod
    sign: UnaryMethod
    silu: UnaryMethod
    sin: UnaryMethod
    sinc: UnaryMethod
    sinh: UnaryMethod
    slice: (this: Tensor, ...ranges: readonly SliceRange[]) => Tensor
    softmax: AlongAxisMethod
    softmin: AlongAxisMethod
    softplus: UnaryMethod
    softShrink: <T extends Shape>(this: Tensor<T>, lambda?: number) => Tensor<T>
    softsign: UnaryMethod
    sort: <T extends Shape>(this: Tensor<T>, axis?: number, options?: SortOptions) => Tensor<T>
    sortWithIndices: <T extends Shape>(this: Tensor<T>, axis?: number, options?: SortOptions) => Selection<T>
    sparsemax: AlongAxisMethod
    split: <T extends Shape, const Sizes extends number | readonly number[], const Axis extends number = 0>(
      this: Tensor<T>,
      sizeOrSizes: Sizes,
      axis?: Axis,
    ) => SplitParts<T, Sizes, Axis>
    sqrt: UnaryMethod
    square: UnaryMethod
    squeeze: <T extends Shape, const Axis extends number | readonly number[] | undefined = undefined>(
      this: Tensor<T>,
      axis?: Axis,
    ) => Tensor<Squeezed<T, Axis>>
    standardDeviation: <
      T extends Shape,
      const Axis extends number | readonly number[] | undefined = undefined,
      Keep extends boolean = false,
    >(
      this: Tensor<T>,
      axis?: Axis,
      options?: VarianceOptions<Keep>,
    ) => Tensor<Reduced<T, Axis, Keep>>
    sub: BinaryMethod
    sum: ReductionMethod
    swapAxes: <T extends Shape, const A extends number, const B extends number>(
      this: Tensor<T>,
      a: A,
      b: B,
    ) => Tensor<Swapped<T, A, B>>
    swiglu: <T extends Shape>(this: Tensor<T>, axis?: number) => Tensor<Resized<T>>
    take: (this: Tensor, indices: Tensor, axis?: number) => Tensor
    takeAlongAxis: (this: Tensor, indices: Tensor, axis?: number) => Tensor
    tan: UnaryMethod
    tanh: UnaryMethod
    tanhShrink: UnaryMethod
    threshold: <T extends Shape>(this: Tensor<T>, limit: number, value: number) => Tensor<T>
    tile: (this: Tensor, counts: number | readonly number[]) => Tensor
    topk: <T extends Shape>(
      this: Tensor<T>,
      k: number,
      axis?: number,
      options?: TopkOptions,
    ) => Selection<Resized<T>>
    transpose: <T extends Shape>(this: Tensor<T>) => Tensor<Transposed<T>>
    tril: <T extends Shape>(this: Tensor<T>, diagonal?: number) => Tensor<T>
    triu: <T extends Shape>(this: Tensor<T>, diagonal?: number) => Tensor<T>
    trunc: UnaryMethod
    unbind: <T extends Shape, const Axis extends number = 0>(
      this: Tensor<T>,
      axis?: Axis,
    ) => UnboundParts<T, Axis>
    unfold: (this: Tensor, axis: number, size: number, step?: number) => Tensor
    unique: (this: Tensor) => Tensor<[number]>
    unsqueeze: <T extends Shape, const Axis extends number>(
      this: Tensor<T>,
      axis: Axis,
    ) => Tensor<Unsqueezed<T, Axis>>
    variance: <
      T extends Shape,
      const Axis extends number | readonly number[] | undefined = undefined,
      Keep extends boolean = false,
    >(
      this: Tensor<T>,
      axis?: Axis,
      options?: VarianceOptions<Keep>,
    ) => Tensor<Reduced<T, Axis, Keep>>
    varianceAndMean: <
      T extends Shape,
      const Axis extends number | readonly number[] | undefined = undefined,
      Keep extends boolean = false,
    >(
      this: Tensor<T>,
      axis?: Axis,
      options?: VarianceOptions<Keep>,
    ) => { readonly variance: Tensor<Reduced<T, Axis, Keep>>; readonly mean: Tensor<Reduced<T, Axis, Keep>> }
    xlogy: BinaryMethod
  }
}

declare module './tensor/rng.ts' {
  interface Rng {
    bernoulli: (this: Rng, probabilities: DrawParameter, shape?: readonly number[]) => Tensor
    categorical: (this: Rng, logits: Tensor, axis?: number) => Tensor
    choice: (this: Rng, from: Tensor | number, shape?: readonly number[], options?: ChoiceOptions) => Tensor
    dropoutMask: <const T extends readonly number[]>(
      this: Rng,
      shape: T,
      rate: number,
      options?: RandomOptions,
    ) => Tensor<Plain<T>>
    exponential: DrawMethod<ExponentialOptions>
    gumbel: DrawMethod<LocationScaleOptions>
    gumbelSoftmax: <T extends Shape>(
      this: Rng,
      logits: Tensor<T>,
      options?: GumbelSoftmaxOptions,
    ) => Tensor<T>
    laplace: DrawMethod<LocationScaleOptions>
    normal: DrawMethod<NormalOptions>
    orthogonal: DrawMethod<OrthogonalOptions>
    permutation: (this: Rng, length: number) => Int32Array
    randomIntegers: <const T extends readonly number[]>(
      this: Rng,
      shape: T,
      options: RandomIntegersOptions,
    ) => Tensor<Plain<T>>
    truncatedNormal: DrawMethod<TruncatedNormalOptions>
    uniform: DrawMethod<UniformOptions>
  }
}

/** The free functions of at most four arguments that become methods, by the name of the method. */
const METHODS = {
  abs,
  acos,
  acosh,
  add,
  addcdiv,
  addcmul,
  all,
  any,
  argmax,
  argmin,
  argsort,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  backward,
  cast,
  cbrt,
  ceil,
  celu,
  center,
  chunk,
  clip,
  copySign,
  cos,
  cosh,
  countNonzero,
  cummax,
  cummaxWithIndices,
  cummin,
  cumminWithIndices,
  cumprod,
  cumsum,
  degreesToRadians,
  detach: stopGradient,
  diag,
  diagonal,
  diagonalEmbed,
  diff,
  digamma,
  div,
  elu,
  equal,
  erf,
  erfc,
  erfinv,
  exp,
  exp2,
  expand,
  expectShape,
  expm1,
  flatten,
  flip,
  floatPower,
  floor,
  floorDivide,
  fmax,
  fmin,
  fmod,
  frac,
  gather,
  gelu,
  glu,
  greater,
  greaterEqual,
  hardShrink,
  hardSigmoid,
  hardSwish,
  hardTanh,
  heaviside,
  hypot,
  indexAdd,
  indexCopy,
  indexFill,
  indexPut,
  indexSelect,
  isFinite: areFinite,
  isInfinite,
  isNaN: areNaN,
  kthValue,
  leakyRelu,
  lerp,
  less,
  lessEqual,
  lgamma,
  log,
  log10,
  log1p,
  log2,
  logAddExp,
  logAddExp2,
  logCumSumExp,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  logit,
  logSigmoid,
  logSoftmax,
  logSumExp,
  maskedFill,
  maskedScatter,
  maskedSelect,
  matmul,
  max,
  maximum,
  maxout,
  maxWithIndices,
  mean,
  median,
  medianWithIndices,
  min,
  minimum,
  minWithIndices,
  mish,
  mode,
  modeWithIndices,
  moveAxis,
  mul,
  nanMean,
  nanMedian,
  nanSum,
  nanToNumber,
  neg,
  nonzero,
  norm,
  normalize,
  notEqual,
  pad,
  permute,
  pow,
  prelu,
  prod,
  quantile,
  radiansToDegrees,
  reciprocal,
  relu,
  relu6,
  remainder,
  repeat,
  repeatInterleave,
  reshape,
  roll,
  rot90,
  round,
  rsqrt,
  scatter,
  scatterAdd,
  selu,
  sigmoid,
  sign,
  silu,
  sin,
  sinc,
  sinh,
  softmax,
  softmin,
  softplus,
  softShrink,
  softsign,
  sort,
  sortWithIndices,
  sparsemax,
  split,
  sqrt,
  square,
  squeeze,
  standardDeviation,
  sub,
  sum,
  swapAxes,
  swiglu,
  take,
  takeAlongAxis,
  tan,
  tanh,
  tanhShrink,
  threshold,
  tile,
  topk,
  transpose,
  tril,
  triu,
  trunc,
  unbind,
  unfold,
  unique,
  unsqueeze,
  variance,
  varianceAndMean,
  xlogy,
}

/** The same for methods of Rng. */
const DRAWS = {
  bernoulli,
  categorical,
  choice,
  dropoutMask,
  exponential,
  gumbel,
  gumbelSoftmax,
  laplace,
  normal,
  orthogonal,
  permutation,
  randomIntegers,
  truncatedNormal,
  uniform,
}

/** Puts free functions in place as methods: the object becomes the first argument. */
function define<Self>(prototype: Self, methods: Readonly<Record<string, unknown>>): void {
  for (const [name, method] of Object.entries(methods)) {
    const call = method as (self: Self, a: unknown, b: unknown, c: unknown) => unknown
    defineAs(prototype, name, function (this: Self, a: unknown, b: unknown, c: unknown): unknown {
      return call(this, a, b, c)
    })
  }
}

function defineAs(prototype: unknown, name: string | symbol, value: (...values: never[]) => unknown): void {
  Object.defineProperty(prototype, name, { value, configurable: true, writable: true })
}

define(Tensor.prototype, METHODS)
define(Rng.prototype, DRAWS)
defineAs(Tensor.prototype, 'at', function (this: Tensor, ...indices: Index[]): Tensor {
  return at(this, ...indices)
})
defineAs(
  Tensor.prototype,
  'scatterReduce',
  function (
    this: Tensor,
    ...rest: [number, Tensor, Tensor | number, ScatterReduction, ScatterReduceOptions?]
  ) {
    return scatterReduce(this, ...rest)
  },
)
defineAs(Tensor.prototype, 'slice', function (this: Tensor, ...ranges: SliceRange[]): Tensor {
  return slice(this, ...ranges)
})
// console.log shows the values: in Node by the second of these methods, elsewhere where a tensor becomes a string.
defineAs(Tensor.prototype, 'toString', function (this: Tensor): string {
  return formatTensor(this)
})
defineAs(Tensor.prototype, Symbol.for('nodejs.util.inspect.custom'), function (this: Tensor): string {
  return this.toString()
})

developFromEnvironment()
