/**
 * How the laws draw inputs for a primitive: its domain, and, where random shapes would not do, a recipe. This is data
 * beside the op, so that an op arrives with its tests.
 */

import type { Attributes } from '../tensor/node.ts'

/**
 * Where an op is smooth enough to compare its derivative with a difference quotient:
 * - `real`: any moderate number;
 * - `positive`: above 0, away from it;
 * - `nonzero`: away from 0 on either side (kinks and poles at 0);
 * - `aboveMinusOne`: above -1, away from it;
 * - `distinct`: all elements of the input differ clearly (no ties), also from those of the other `distinct` inputs.
 */
export type Domain = 'real' | 'positive' | 'nonzero' | 'aboveMinusOne' | 'distinct'

/** One input to draw. */
export interface InputSample {
  readonly shape: readonly number[]
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
