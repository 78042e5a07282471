/**
 * The ops as methods of Tensor, `x.matmul(w).add(b)`, and the draws as methods of Rng, `rng.normal([2, 3])`. Importing this
 * file puts them in place; it is the only file of the package with an effect. Every method is the free function of the
 * same name with the object as its first argument.
 *
 * It also switches development on when NODE_ENV says so.
 *
 * Each method has type parameters of its own and a `this` type, so that `Tensor<[2, 3]>` stays assignable to `Tensor`.
 */

import { expectShape } from './composed/expectShape.ts'
import { flatten } from './composed/flatten.ts'
import { flip } from './composed/flip.ts'
import { pad } from './composed/pad.ts'
import { prod } from './composed/prod.ts'
import { type SliceRange, slice } from './composed/slice.ts'
import { squeeze } from './composed/squeeze.ts'
import { stopGradient } from './composed/stopGradient.ts'
import { transpose } from './composed/transpose.ts'
import { unsqueeze } from './composed/unsqueeze.ts'
import { type VarianceOptions, variance } from './composed/variance.ts'
import { developFromEnvironment } from './graph/site.ts'
import { abs } from './ops/abs.ts'
import { add } from './ops/add.ts'
import { argmax } from './ops/argmax.ts'
import { argmin } from './ops/argmin.ts'
import { cast } from './ops/cast.ts'
import { type ClipBounds, clip } from './ops/clip.ts'
import { cos } from './ops/cos.ts'
import { div } from './ops/div.ts'
import { equal } from './ops/equal.ts'
import { exp } from './ops/exp.ts'
import { expand } from './ops/expand.ts'
import { expm1 } from './ops/expm1.ts'
import { gather } from './ops/gather.ts'
import { greater } from './ops/greater.ts'
import { greaterEqual } from './ops/greaterEqual.ts'
import { leakyRelu } from './ops/leakyRelu.ts'
import { less } from './ops/less.ts'
import { lessEqual } from './ops/lessEqual.ts'
import { log } from './ops/log.ts'
import { log1p } from './ops/log1p.ts'
import { logSoftmax } from './ops/logSoftmax.ts'
import { logSumExp } from './ops/logSumExp.ts'
import { matmul } from './ops/matmul.ts'
import { max } from './ops/max.ts'
import { maximum } from './ops/maximum.ts'
import { mean } from './ops/mean.ts'
import { min } from './ops/min.ts'
import { minimum } from './ops/minimum.ts'
import { mul } from './ops/mul.ts'
import { neg } from './ops/neg.ts'
import { notEqual } from './ops/notEqual.ts'
import { permute } from './ops/permute.ts'
import { pow } from './ops/pow.ts'
import { relu } from './ops/relu.ts'
import { reshape } from './ops/reshape.ts'
import { scatterAdd } from './ops/scatterAdd.ts'
import { sigmoid } from './ops/sigmoid.ts'
import { sign } from './ops/sign.ts'
import { sin } from './ops/sin.ts'
import { softmax } from './ops/softmax.ts'
import { softplus } from './ops/softplus.ts'
import { sqrt } from './ops/sqrt.ts'
import { square } from './ops/square.ts'
import { sub } from './ops/sub.ts'
import { sum } from './ops/sum.ts'
import { tanh } from './ops/tanh.ts'
import type { ReductionOptions } from './primitive/signatures.ts'
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
  Transposed,
  Unsqueezed,
} from './shape/types.ts'
import type { DType } from './storage/dtype.ts'
import { formatTensor } from './tensor/print.ts'
import { type NormalOptions, normal, permutation, type UniformOptions, uniform } from './tensor/random.ts'
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

declare module './tensor/tensor.ts' {
  interface Tensor<out S extends Shape = Shape> {
    abs: UnaryMethod
    add: BinaryMethod
    argmax: ReductionMethod
    argmin: ReductionMethod
    backward: (this: Tensor, options?: BackwardOptions) => void
    cast: <T extends Shape>(this: Tensor<T>, dtype: DType) => Tensor<T>
    clip: <T extends Shape>(this: Tensor<T>, bounds: ClipBounds) => Tensor<T>
    cos: UnaryMethod
    detach: UnaryMethod
    div: BinaryMethod
    equal: BinaryMethod
    exp: UnaryMethod
    expand: <const T extends readonly number[]>(this: Tensor, shape: T) => Tensor<Plain<T>>
    expectShape: <const E extends Shape>(this: Tensor, expected: E) => Tensor<Expected<E>>
    expm1: UnaryMethod
    flatten: (this: Tensor) => Tensor<[number]>
    flip: <T extends Shape>(this: Tensor<T>, axis?: number | readonly number[]) => Tensor<T>
    gather: <T extends Shape>(this: Tensor, axis: number, indices: Tensor<T>) => Tensor<T>
    greater: BinaryMethod
    greaterEqual: BinaryMethod
    leakyRelu: <T extends Shape>(this: Tensor<T>, slope?: number) => Tensor<T>
    less: BinaryMethod
    lessEqual: BinaryMethod
    log: UnaryMethod
    log1p: UnaryMethod
    logSoftmax: AlongAxisMethod
    logSumExp: ReductionMethod
    matmul: MatmulMethod
    max: ReductionMethod
    maximum: BinaryMethod
    mean: ReductionMethod
    min: ReductionMethod
    minimum: BinaryMethod
    mul: BinaryMethod
    neg: UnaryMethod
    notEqual: BinaryMethod
    pad: <T extends Shape>(
      this: Tensor<T>,
      widths: readonly (readonly [before: number, after: number])[],
      value?: number,
    ) => Tensor<Resized<T>>
    permute: <T extends Shape, const Order extends readonly number[]>(
      this: Tensor<T>,
      order: Order,
    ) => Tensor<Permuted<T, Order>>
    pow: BinaryMethod
    prod: ReductionMethod
    relu: UnaryMethod
    reshape: <const T extends readonly number[]>(this: Tensor, shape: T) => Tensor<Reshaped<T>>
    scatterAdd: <T extends Shape>(this: Tensor<T>, axis: number, indices: Tensor, source: Tensor) => Tensor<T>
    sigmoid: UnaryMethod
    sign: UnaryMethod
    sin: UnaryMethod
    slice: (this: Tensor, ...ranges: readonly SliceRange[]) => Tensor
    softmax: AlongAxisMethod
    softplus: UnaryMethod
    sqrt: UnaryMethod
    square: UnaryMethod
    squeeze: <T extends Shape, const Axis extends number | readonly number[] | undefined = undefined>(
      this: Tensor<T>,
      axis?: Axis,
    ) => Tensor<Squeezed<T, Axis>>
    sub: BinaryMethod
    sum: ReductionMethod
    tanh: UnaryMethod
    transpose: <T extends Shape>(this: Tensor<T>) => Tensor<Transposed<T>>
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
  }
}

declare module './tensor/rng.ts' {
  interface Rng {
    normal: <const T extends readonly number[]>(
      this: Rng,
      shape: T,
      options?: NormalOptions,
    ) => Tensor<Plain<T>>
    permutation: (this: Rng, length: number) => Int32Array
    uniform: <const T extends readonly number[]>(
      this: Rng,
      shape: T,
      options?: UniformOptions,
    ) => Tensor<Plain<T>>
  }
}

/** The free functions of at most four arguments that become methods, by the name of the method. */
const METHODS = {
  abs,
  add,
  argmax,
  argmin,
  backward,
  cast,
  clip,
  cos,
  detach: stopGradient,
  div,
  equal,
  exp,
  expand,
  expectShape,
  expm1,
  flatten,
  flip,
  gather,
  greater,
  greaterEqual,
  leakyRelu,
  less,
  lessEqual,
  log,
  log1p,
  logSoftmax,
  logSumExp,
  matmul,
  max,
  maximum,
  mean,
  min,
  minimum,
  mul,
  neg,
  notEqual,
  pad,
  permute,
  pow,
  prod,
  relu,
  reshape,
  scatterAdd,
  sigmoid,
  sign,
  sin,
  softmax,
  softplus,
  sqrt,
  square,
  squeeze,
  sub,
  sum,
  tanh,
  transpose,
  unsqueeze,
  variance,
}

/** The same for methods of Rng. */
const DRAWS = { normal, permutation, uniform }

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
defineAs(Tensor.prototype, 'slice', function (this: Tensor, ...ranges: SliceRange[]): Tensor {
  return slice(this, ...ranges)
})
// console.log shows the values: in Node by this method, elsewhere where a tensor becomes a string.
for (const name of ['toString', Symbol.for('nodejs.util.inspect.custom')]) {
  defineAs(Tensor.prototype, name, function (this: Tensor): string {
    return formatTensor(this)
  })
}

developFromEnvironment()
