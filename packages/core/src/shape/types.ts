/**
 * Shapes at compile time: a thin layer of types over an untyped runtime. Sizes are number literals, `number`
 * (unknown until the program runs) or strings (`'m'`, a size that is only known by name). A shape of unknown rank is
 * `Shape` itself. Where precision would cost clarity, these types give up precision: to `number`, then to `Shape`.
 */

import type { ShapeError } from './errors.ts'

/** One size: a literal (`3`), unknown (`number`), or symbolic (`'m'`). */
export type Dim = number | string

/** A shape as a type; `Shape` itself means that even the rank is unknown. */
export type Shape = readonly Dim[]

/** The sizes that the runtime holds for a shape type: numbers, one per axis. */
export type Sizes<S extends Shape> = { readonly [Axis in keyof S]: number }

/** Plain numbers or booleans, nested to any depth: what `tensor` accepts. */
export type Nested = number | boolean | readonly Nested[]

/** The shape of a nested literal: `[[1, 2, 3]]` is `[1, 3]`; arrays of unknown length give `number`. */
export type ShapeOfNested<Data, Depth extends readonly unknown[] = []> = Depth['length'] extends 6
  ? number[]
  : Data extends readonly []
    ? [0]
    : Data extends readonly [infer First, ...(readonly unknown[])]
      ? [Data['length'], ...ShapeOfNested<First, [...Depth, 0]>]
      : Data extends readonly (infer Element)[]
        ? unknown extends Element
          ? number[]
          : Nested extends Element
            ? number[]
            : [number, ...ShapeOfNested<Element, [...Depth, 0]>]
        : []

/** Drops `readonly`, so that messages read `[2, 3]`. */
export type Plain<S extends Shape> = { -readonly [Axis in keyof S]: S[Axis] }

/** The shape argument of `reshape`, where -1 stands for the size that follows from the others. */
export type Reshaped<S extends readonly number[]> = {
  -readonly [Axis in keyof S]: S[Axis] extends -1 ? number : S[Axis]
}

/** Whether a size is known only at run time. */
type IsWide<D> = number extends D ? true : false

/** Whether the rank of a shape is known only at run time. */
type IsOpen<S extends Shape> = number extends S['length'] ? true : false

/** `2, 3` for messages. */
type Join<S extends Shape> = S extends readonly []
  ? ''
  : S extends readonly [infer Only extends Dim]
    ? `${Only}`
    : S extends readonly [infer First extends Dim, ...infer Rest extends Shape]
      ? `${First}, ${Join<Rest>}`
      : '...'

/** One axis of a broadcast, `never` when the sizes differ. */
type BroadcastDim<L extends Dim, R extends Dim> = [L] extends [R]
  ? [R] extends [L]
    ? L
    : IsWide<R> extends true
      ? L extends 1
        ? number
        : L
      : never
  : L extends 1
    ? R
    : R extends 1
      ? L
      : IsWide<L> extends true
        ? R
        : IsWide<R> extends true
          ? L
          : never

/** Walks two shapes from the right and collects the common sizes; `never` when an axis does not fit. */
type BroadcastFrom<L extends Shape, R extends Shape, Done extends Dim[]> = L extends readonly [
  ...infer LeftRest extends Shape,
  infer LeftLast extends Dim,
]
  ? R extends readonly [...infer RightRest extends Shape, infer RightLast extends Dim]
    ? [BroadcastDim<LeftLast, RightLast>] extends [never]
      ? never
      : BroadcastFrom<LeftRest, RightRest, [BroadcastDim<LeftLast, RightLast>, ...Done]>
    : [...L, ...Done]
  : [...R, ...Done]

/** The shape of two tensors under NumPy's broadcasting; `never` when they do not fit, `Shape` when a rank is unknown. */
export type Broadcast<L extends Shape, R extends Shape> =
  IsOpen<L> extends true ? Shape : IsOpen<R> extends true ? Shape : BroadcastFrom<L, R, []>

/** `unknown` when the shapes broadcast, otherwise an error type whose argument is the sentence to read. */
export type BroadcastCheck<L extends Shape, R extends Shape> = [Broadcast<L, R>] extends [never]
  ? ShapeError<`cannot broadcast [${Join<L>}] with [${Join<R>}]`>
  : unknown

/** The shape that remains of a broadcast, with `never` read as unknown so that one mistake gives one message. */
export type BroadcastResult<L extends Shape, R extends Shape> = Known<Broadcast<L, R>>

/** A computed shape, `Shape` for `never`. */
type Known<S> = [S] extends [never] ? Shape : S extends Shape ? S : Shape

/** Whether two sizes may be equal: literals must be, wide and symbolic sizes are given the benefit of the doubt. */
type MayEqual<L, R> = [L] extends [R]
  ? true
  : [R] extends [L]
    ? true
    : IsWide<L> extends true
      ? true
      : IsWide<R>

type Matrices<L extends Shape, R extends Shape> = L extends readonly [
  ...infer LeftBatch extends Shape,
  infer M extends Dim,
  infer K extends Dim,
]
  ? R extends readonly [...infer RightBatch extends Shape, infer K2 extends Dim, infer N extends Dim]
    ? MayEqual<K, K2> extends true
      ? [Broadcast<LeftBatch, RightBatch>] extends [never]
        ? never
        : [...Known<Broadcast<LeftBatch, RightBatch>>, M, N]
      : never
    : R extends readonly [infer K2 extends Dim]
      ? MayEqual<K, K2> extends true
        ? [...LeftBatch, M]
        : never
      : never
  : L extends readonly [infer K extends Dim]
    ? R extends readonly [...infer RightBatch extends Shape, infer K2 extends Dim, infer N extends Dim]
      ? MayEqual<K, K2> extends true
        ? [...RightBatch, N]
        : never
      : R extends readonly [infer K2 extends Dim]
        ? MayEqual<K, K2> extends true
          ? []
          : never
        : never
    : never

/** The shape of a matrix product of any ranks from 1 up; `never` when it is impossible, `Shape` when a rank is unknown. */
export type MatrixProduct<L extends Shape, R extends Shape> =
  IsOpen<L> extends true ? Shape : IsOpen<R> extends true ? Shape : Matrices<L, R>

/** `unknown` when the matrix product exists, otherwise an error type whose argument is the sentence to read. */
export type MatrixProductCheck<L extends Shape, R extends Shape> = [MatrixProduct<L, R>] extends [never]
  ? ShapeError<`matmul: inner sizes differ, [${Join<L>}] × [${Join<R>}]`>
  : unknown

/** The shape of a matrix product, with `never` read as unknown so that one mistake gives one message. */
export type MatrixProductResult<L extends Shape, R extends Shape> = Known<MatrixProduct<L, R>>

/** Non-negative position of an axis that may count from the end, as the key of a tuple; `never` when it is unknown. */
type AxisKey<S extends Shape, Axis> = Axis extends number
  ? `${Axis}` extends `-${infer FromEnd extends number}`
    ? FromRight<S, FromEnd>
    : `${Axis}`
  : never

/** Position of the axis that is `FromEnd` places from the right: the length of what stands before it. */
type FromRight<
  Rest extends Shape,
  FromEnd extends number,
  Passed extends unknown[] = [],
> = Passed['length'] extends FromEnd
  ? `${Rest['length']}`
  : Rest extends readonly [...infer Before extends Shape, Dim]
    ? FromRight<Before, FromEnd, [...Passed, 0]>
    : never

type RemoveAxis<S extends Shape, Key extends string, Done extends Dim[] = []> = S extends readonly [
  infer First extends Dim,
  ...infer Rest extends Shape,
]
  ? `${Done['length']}` extends Key
    ? [...Done, ...Rest]
    : RemoveAxis<Rest, Key, [...Done, First]>
  : Done

type OnesAt<S extends Shape, Key extends string> = {
  -readonly [Axis in keyof S]: Axis extends Key ? 1 : S[Axis]
}

/**
 * The shape after a reduction over one literal axis, or over all of them (`undefined`). Several axes, or an axis that is
 * known only at run time, give an unknown rank; kept axes give a known one where they are literal.
 */
export type Reduced<S extends Shape, Axis, Keep extends boolean> = [Axis] extends [undefined]
  ? Keep extends true
    ? { -readonly [Key in keyof S]: 1 }
    : []
  : IsOpen<S> extends true
    ? Shape
    : Keep extends true
      ? AllOnesAt<S, Axis extends readonly (infer Each)[] ? Each : Axis>
      : Axis extends number
        ? number extends Axis
          ? Shape
          : RemovedOrOpen<S, AxisKey<S, Axis>>
        : Shape

type AllOnesAt<S extends Shape, Axis> = number extends Axis
  ? { -readonly [Key in keyof S]: number }
  : OnesAt<S, AxisKey<S, Axis>>

/** Without one axis: `Squeezed<[2, 1, 3], 1>` is `[2, 3]`; unknown rank when the axis is not one literal. */
export type Squeezed<S extends Shape, Axis> =
  IsOpen<S> extends true
    ? Shape
    : Axis extends number
      ? number extends Axis
        ? Shape
        : RemovedOrOpen<S, AxisKey<S, Axis>>
      : Shape

/** With a new axis of size 1: `Unsqueezed<[2, 3], 1>` is `[2, 1, 3]`, with -1 `[2, 3, 1]`. */
export type Unsqueezed<S extends Shape, Axis extends number> =
  IsOpen<S> extends true ? Shape : number extends Axis ? Shape : InsertAxis<S, AxisKey<[...S, 1], Axis>>

type InsertAxis<
  S extends Shape,
  Key extends string,
  Done extends Dim[] = [],
> = `${Done['length']}` extends Key
  ? [...Done, 1, ...S]
  : S extends readonly [infer First extends Dim, ...infer Rest extends Shape]
    ? InsertAxis<Rest, Key, [...Done, First]>
    : Shape

/** The rank of a shape, with sizes that are known only at run time. */
export type Resized<S extends Shape> = { -readonly [Axis in keyof S]: number }

/** One axis of another size: `ResizedAt<[2, 3], 1, 4>` is `[2, 4]`; all sizes are open where the axis is not one literal. */
export type ResizedAt<S extends Shape, Axis extends number, Size extends Dim> =
  IsOpen<S> extends true
    ? Shape
    : number extends Axis
      ? Resized<S>
      : { -readonly [Place in keyof S]: Place extends AxisKey<S, Axis> ? Size : S[Place] }

/** The size of one literal axis; `number` when it is unknown. */
export type SizeOf<S extends Shape, Axis extends number> =
  IsOpen<S> extends true ? number : number extends Axis ? number : SizeAt<S, AxisKey<S, Axis>>

/** An axis outside of the rank is the runtime's to report. */
type RemovedOrOpen<S extends Shape, Key extends string> = Key extends keyof S ? RemoveAxis<S, Key> : Shape

/** The last two axes exchanged. */
export type Transposed<S extends Shape> = S extends readonly [
  ...infer Batch extends Shape,
  infer M extends Dim,
  infer N extends Dim,
]
  ? [...Batch, N, M]
  : Shape

/** The axes in another order: `Permuted<[2, 3, 4], [2, 0, 1]>` is `[4, 2, 3]`; axes may count from the end. */
export type Permuted<S extends Shape, Order extends readonly number[]> = {
  -readonly [Place in keyof Order]: SizeAt<S, AxisKey<S, Order[Place]>>
}

/** Two axes exchanged: `Swapped<[2, 3, 4], 0, -1>` is `[4, 3, 2]`; sizes are open where an axis is not one literal. */
export type Swapped<S extends Shape, A extends number, B extends number> =
  IsOpen<S> extends true
    ? Shape
    : number extends A | B
      ? Resized<S>
      : {
          -readonly [Place in keyof S]: Place extends AxisKey<S, A>
            ? SizeAt<S, AxisKey<S, B>>
            : Place extends AxisKey<S, B>
              ? SizeAt<S, AxisKey<S, A>>
              : S[Place]
        }

type SizeAt<S extends Shape, Key> = Key extends keyof S ? (S[Key] extends Dim ? S[Key] : number) : number

/** What `expectShape` promises: literal sizes and names stay, so that the checked tensor is typed from here on. */
export type Expected<S extends Shape> = { -readonly [Axis in keyof S]: S[Axis] extends -1 ? number : S[Axis] }
