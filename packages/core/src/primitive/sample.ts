/**
 * How the laws draw inputs for a primitive: its domain, and, where random shapes would not do, a recipe. This is data
 * beside the op, so that an op arrives with its tests.
 */

import type { Attributes } from '../tensor/node.ts'

/**
 * Where an op is smooth enough to compare its derivative with a difference quotient:
 * - `aboveOne`: above 1, away from it;
 * - `betweenHalves`: away from 0, ±1/2, ±1, ±3/2, ...: jumps, and kinks at round numbers;
 * - `real`: any moderate number;
 * - `positive`: above 0, away from it;
 * - `nearOne`: within 1/100 of 1 or -1, so that dividing by it moves no number `betweenHalves` over a whole one;
 * - `nonzero`: away from 0 on either side (kinks and poles at 0);
 * - `aboveMinusOne`: above -1, away from it;
 * - `probability`: between 0 and 1, away from both;
 * - `unit`: between -1 and 1, away from both;
 * - `distinct`: all elements of the input differ clearly, in magnitude too (no ties), also from those of the other
 *   `distinct` inputs.
 */
export type Domain =
  | 'aboveMinusOne'
  | 'aboveOne'
  | 'betweenHalves'
  | 'distinct'
  | 'nearOne'
  | 'nonzero'
  | 'positive'
  | 'probability'
  | 'real'
  | 'unit'

/**
 * What the last two axes of an input have to be, where numbers drawn one by one would not do. All have eigenvalues or
 * singular values that differ clearly and are not near 0: `fullRank` matrices of any shape, `symmetric` ones, and
 * `positiveDefinite` ones, which are symmetric too.
 */
export type MatrixKind = 'fullRank' | 'symmetric' | 'positiveDefinite'

/** One input to draw. */
export interface InputSample {
  readonly shape: readonly number[]
  /** Draws matrices of this kind; `domain` is not read then. */
  readonly matrix?: MatrixKind
  /** Default `real`. */
  readonly domain?: Domain
  /** Draws booleans, or whole numbers from 0 to `below - 1`, instead of real numbers; such inputs take no gradient. */
  readonly below?: number
  readonly dtype?: 'bool' | 'int32'
}

/** A whole call to draw: its inputs and the attributes that go with them. */
export interface CallSample {
  readonly inputs: readonly InputSample[]
  readonly attributes: Attributes
}

/** Random choices, made by the law suite so that failures shrink. */
export interface Draw {
  /** A shape of small sizes, 0 among them now and then. */
  shape(minimumRank: number, maximumRank: number): number[]
  integer(minimum: number, maximum: number): number
  boolean(): boolean
  /** Some of the axes of a tensor of this rank, ascending; perhaps none, perhaps all. */
  axes(rank: number): number[]
  /** A shape that broadcasts with the given one to the given one. */
  broadcastable(shape: readonly number[]): number[]
}

/** Recipe for the calls of one primitive. */
export type Sampler = (draw: Draw) => CallSample
