/** Shapes of layers at compile time: refuse what cannot fit, let through what is known only at run time. */

import type { Dim, Shape, ShapeError, Tensor } from '@adjoint/core/functional'
import type { ShapeRule } from './module.ts'

/** Whether two sizes may be equal: literals must be, a size that is known only at run time is given the benefit. */
type MayEqual<Have, Want> = [Have] extends [Want] ? true : [Want] extends [Have] ? true : false

/** Whether the rank of a shape is known only at run time. */
type IsOpen<S extends Shape> = number extends S['length'] ? true : false

/**
 * Whether a shape ends like another one: sizes are compared from the right, further axes in front are let through. Of an
 * unknown rank the last sizes may be known all the same, `[...Dim[], 8]`.
 */
type Fits<Have extends Shape, Want extends Shape> = Want extends readonly [
  ...infer WantRest extends Shape,
  infer WantLast extends Dim,
]
  ? Have extends readonly [...infer HaveRest extends Shape, infer HaveLast extends Dim]
    ? MayEqual<HaveLast, WantLast> extends true
      ? Fits<HaveRest, WantRest>
      : false
    : IsOpen<Have>
  : true

/** `2, 3` for messages; a size that is known only at run time reads `?`. */
type Join<S extends Shape> = S extends readonly []
  ? ''
  : S extends readonly [infer Only extends Dim]
    ? Size<Only>
    : S extends readonly [infer First extends Dim, ...infer Rest extends Shape]
      ? `${Size<First>}, ${Join<Rest>}`
      : S extends readonly [...infer Front extends Shape, infer Last extends Dim]
        ? `${Join<Front>}, ${Size<Last>}`
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

/** A tensor whose size on axis 1 may be that many channels; a shape of fewer axes does not enter. */
export type EnteringChannels<Have extends Shape, Channels extends number> = Tensor<Have> &
  (ChannelsCheck<Have, Channels> | Tensor<readonly [Dim, Channels, ...Dim[]]>)

type ChannelsCheck<Have extends Shape, Channels extends number> =
  HasChannels<Have, Channels> extends false
    ? ShapeError<`takes ${Shown<[Dim, Channels, ...Dim[]]>}, got ${Shown<Have>}`>
    : unknown

/** Whether axis 1 may have that size. */
type HasChannels<Have extends Shape, Channels extends Dim> =
  IsOpen<Have> extends true
    ? true
    : Have extends readonly [Dim, infer Second extends Dim, ...Dim[]]
      ? MayEqual<Second, Channels>
      : false

/** Which axes are space, by the rank: those behind the channels, with and without a batch. */
interface SpaceAxes {
  readonly 1: { readonly 2: '1'; readonly 3: '2' }
  readonly 2: { readonly 3: '1' | '2'; readonly 4: '2' | '3' }
  readonly 3: { readonly 4: '1' | '2' | '3'; readonly 5: '2' | '3' | '4' }
}

/** The shape with a space of another size; batch and channels stay. */
export type ResizedSpace<S extends Shape, Axes extends 1 | 2 | 3> = {
  -readonly [Axis in keyof S]: Axis extends SpaceAxes[Axes][S['length'] & keyof SpaceAxes[Axes]]
    ? number
    : S[Axis]
}

/** The shape of vectors that are looked up: an axis more. Of an unknown rank, nothing is known. */
export type LookedUp<S extends Shape, Dimensions extends number> =
  IsOpen<S> extends true ? Shape : [...S, Dimensions]

/** Whether a layer with such a rule takes a shape. */
export type RuleAccepts<Rule, Have extends Shape> =
  Rule extends ShapeRule<'keepsLast', infer Want extends Shape>
    ? Fits<Have, Want>
    : Rule extends ShapeRule<'keepsChannels', infer Channels extends number>
      ? HasChannels<Have, Channels>
      : Rule extends ShapeRule<'resizesSpace', infer Axes extends 1 | 2 | 3>
        ? IsOpen<Have> extends true
          ? true
          : Have['length'] extends keyof SpaceAxes[Axes]
            ? true
            : false
        : true

/** What it takes, as a message shows it. */
export type RuleShown<Rule> =
  Rule extends ShapeRule<'keepsLast', infer Want extends Shape>
    ? Shown<[...Dim[], ...Want]>
    : Rule extends ShapeRule<'keepsChannels', infer Channels extends number>
      ? Shown<[Dim, Channels, ...Dim[]]>
      : Rule extends ShapeRule<'resizesSpace', infer Axes extends 1 | 2 | 3>
        ? Shown<{ 1: [Dim, Dim, Dim]; 2: [Dim, Dim, Dim, Dim]; 3: [Dim, Dim, Dim, Dim, Dim] }[Axes]>
        : '[...]'

/** What it makes of a shape. Of an unknown rank, the last sizes may be known all the same. */
export type RuleOutput<Rule, Have extends Shape> =
  Rule extends ShapeRule<'keepsLast', infer Want extends Shape>
    ? IsOpen<Have> extends true
      ? [...Dim[], ...Want]
      : Have
    : Rule extends ShapeRule<'keepsChannels', number>
      ? Have
      : Rule extends ShapeRule<'resizesSpace', infer Axes extends 1 | 2 | 3>
        ? ResizedSpace<Have, Axes>
        : Rule extends ShapeRule<'appends', infer Dimensions extends number>
          ? [...Have, Dimensions]
          : Shape

/** What it takes as the first of a chain, as far as sizes from the right say it. */
export type RuleEntry<Rule> =
  Rule extends ShapeRule<'keepsLast', infer Want extends Shape> ? readonly [...Dim[], ...Want] : Shape

/**
 * An image before a layer of features: four axes or more, of which the last has a size that is known only at run time, where
 * three at most are wanted and the last size is known. It could fit by chance, and is taken for a forgotten `Flatten`.
 */
export type IsUnflattened<Have extends Shape, Want extends Shape> = Have extends readonly [
  Dim,
  Dim,
  Dim,
  ...Dim[],
  infer Last extends Dim,
]
  ? Want extends readonly [Dim, infer Wanted extends Dim] | readonly [Dim, Dim, infer Wanted extends Dim]
    ? [number extends Last ? true : false, number extends Wanted ? true : false] extends [true, false]
      ? true
      : false
    : false
  : false

/** The shape that is made of another rank than the usual one: axes in front come or go. */
export type AlignedRight<Have extends Shape, Out extends Shape> = Have extends readonly [
  ...infer HaveRest extends Shape,
  Dim,
]
  ? Out extends readonly [...infer OutRest extends Shape, infer Last extends Dim]
    ? [...AlignedRight<HaveRest, OutRest>, Last]
    : [...Have]
  : []

/** The output that belongs to an input of the expected rank; of another rank, or of an unknown one, a tensor. */
export type OutputFor<Have, Want, Out> = [Have, Want, Out] extends [
  Tensor<infer HaveShape>,
  Tensor<infer WantShape>,
  Tensor,
]
  ? IsOpen<HaveShape> extends true
    ? Tensor
    : HaveShape['length'] extends WantShape['length']
      ? ClosedOutput<Out>
      : Tensor
  : Out

/** What is known of the last axes alone counts between layers; outside it is a tensor of unknown rank. */
type ClosedOutput<Out> = Out extends Tensor<infer S> ? (IsOpen<S> extends true ? Tensor : Out) : Out

/** Whether two shapes may be the same. */
export type MayBeSame<Left extends Shape, Right extends Shape> =
  Fits<Left, Right> extends false ? false : Fits<Right, Left>

/** `unknown` when two shapes may be the same, otherwise the sentence to read. */
export type SameShapeCheck<Left extends Shape, Right extends Shape> =
  MayBeSame<Left, Right> extends false
    ? ShapeError<`shapes differ: ${Shown<Left>} and ${Shown<Right>}`>
    : unknown
