/** Shapes of layers at compile time: refuse what cannot fit, let through what is known only at run time. */

import type { Dim, Shape, ShapeError, Tensor } from '@adjoint/core/functional'

/** Whether two sizes may be equal: literals must be, a size that is known only at run time is given the benefit. */
type MayEqual<Have, Want> = [Have] extends [Want] ? true : [Want] extends [Have] ? true : false

/** Whether the rank of a shape is known only at run time. */
type IsOpen<S extends Shape> = number extends S['length'] ? true : false

/** Whether a shape ends like another one: sizes are compared from the right, further axes in front are let through. */
type Fits<Have extends Shape, Want extends Shape> =
  IsOpen<Have> extends true ? true : IsOpen<Want> extends true ? true : FitsFromRight<Have, Want>

type FitsFromRight<Have extends Shape, Want extends Shape> = Want extends readonly [
  ...infer WantRest extends Shape,
  infer WantLast extends Dim,
]
  ? Have extends readonly [...infer HaveRest extends Shape, infer HaveLast extends Dim]
    ? MayEqual<HaveLast, WantLast> extends true
      ? FitsFromRight<HaveRest, WantRest>
      : false
    : false
  : true

/** `2, 3` for messages; a size that is known only at run time reads `?`. */
type Join<S extends Shape> = S extends readonly []
  ? ''
  : S extends readonly [infer Only extends Dim]
    ? Size<Only>
    : S extends readonly [infer First extends Dim, ...infer Rest extends Shape]
      ? `${Size<First>}, ${Join<Rest>}`
      : '...'

type Size<D extends Dim> = number extends D ? '?' : `${D}`

/** `[2, 3]` for messages. */
export type Shown<S extends Shape> = `[${Join<S>}]`

/** `unknown` when a tensor may enter where shapes end like `Want`, otherwise the sentence to read. */
type EntryCheck<Have extends Shape, Want extends Shape> =
  Fits<Have, Want> extends false ? ShapeError<`takes ${Shown<Want>}, got ${Shown<Have>}`> : unknown

/**
 * A tensor that may enter where shapes end like `Want`. The second half is for generic code, where the check cannot be
 * decided: there the sizes must be the very same types.
 */
export type Entering<Have extends Shape, Want extends Shape> = Tensor<Have> &
  (EntryCheck<Have, Want> | Tensor<readonly [...Dim[], ...Want]>)

/** The same for any input: what is no tensor is compared as the compiler compares types. */
export type InputCheck<Have, Want> =
  | Want
  | (Have extends Tensor<infer HaveShape>
      ? Want extends Tensor<infer WantShape>
        ? EntryCheck<HaveShape, WantShape>
        : Want
      : Want)

/** The output that belongs to an input of the expected rank; of another rank, or of an unknown one, a tensor. */
export type OutputFor<Have, Want, Out> = [Have, Want, Out] extends [
  Tensor<infer HaveShape>,
  Tensor<infer WantShape>,
  Tensor,
]
  ? IsOpen<HaveShape> extends true
    ? Tensor
    : HaveShape['length'] extends WantShape['length']
      ? Out
      : Tensor
  : Out

/** Whether two shapes may be the same. */
export type MayBeSame<Left extends Shape, Right extends Shape> =
  Fits<Left, Right> extends false ? false : Fits<Right, Left>

/** `unknown` when two shapes may be the same, otherwise the sentence to read. */
export type SameShapeCheck<Left extends Shape, Right extends Shape> =
  MayBeSame<Left, Right> extends false
    ? ShapeError<`shapes differ: ${Shown<Left>} and ${Shown<Right>}`>
    : unknown
