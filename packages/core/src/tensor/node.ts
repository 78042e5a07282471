/** The recorded graph as data: what a tensor remembers of the op that made it. */

import type { DType } from '../storage/dtype.ts'
import type { Tensor } from './tensor.ts'

/** Plain data beside the tensors of an op: axes, a slope, a shape. Comparable, serialisable, never a tensor. */
export type Attributes = Readonly<Record<string, unknown>>

/** Which values a primitive's gradient rule reads: nothing, the inputs, the output, or both. */
export type Keeps = 'nothing' | 'inputs' | 'output' | 'both'

/** What can be said of a result before it is computed. */
export interface ResultType {
  readonly shape: readonly number[]
  readonly dtype: DType
}

/** Shape and dtype of a result, from the shapes and dtypes of the inputs and from the attributes: see {@link Primitive.result}. */
export type ShapeRule = (inputs: readonly Tensor[], attributes: Attributes) => ResultType

/** What the graph needs to know of an op. The kinds in `primitive/` say what else there is. */
export interface Primitive {
  /** Name in messages and pictures, e.g. `'matmul'`. */
  readonly name: string
  /** The mathematical kind, from which every transform follows. */
  readonly kind: string
  /** What the gradient rule reads of the recorded values. */
  readonly keeps: Keeps
  /** Tensors that a primitive which was made for one call keeps alive, besides inputs and result. */
  readonly held?: readonly Tensor[]
  /**
   * The shape rule: shape and dtype of what {@link forward} returns, from the shapes and dtypes of the inputs alone. It reads
   * no values, so that a function can be traced without data, and looks at no strides. What `forward` refuses for its shapes
   * or dtypes it refuses too, with the same error; a mistake in the values is found by `forward` only.
   *
   * Absent only in primitives that are made for one call out of other ops (scan, checkpoint, custom rules): a trace goes
   * through those ops.
   */
  readonly result?: ShapeRule
  /** Checks the inputs and computes the result; records nothing. */
  forward(inputs: readonly Tensor[], attributes: Attributes): Tensor
}

/** A place in the user's code, as `file:line:column`; found out only when it becomes a string. */
export interface Site {
  toString(): string
}

/** One recorded application of a primitive; hangs on the tensor that it made. */
export interface GraphNode {
  readonly primitive: Primitive
  readonly inputs: readonly Tensor[]
  readonly attributes: Attributes
  /** Reading of the assignment clock when the op ran, see `storage/version.ts`. */
  readonly time: number
  /** Where the user's code called the op; only in development. */
  readonly site: Site | undefined
}
