/**
 * The kinds of primitives, as types. A primitive says what it is; `transforms/rules.ts` says what each kind means for
 * each transform.
 */

import type { Attributes, Primitive } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Sampler } from './sample.ts'

/** What a rule may look at: one recorded call. */
export interface Call {
  readonly inputs: readonly Tensor[]
  readonly output: Tensor
  readonly attributes: Attributes
}

/**
 * How one call does the work of a whole batch of calls, for `vmap`:
 * - `'leading'`: further axes in front of every input are batch axes already, and broadcast; the attributes stay;
 * - a function: every input gets the batch axis in front, and so has the result; the function returns the attributes
 *   that mean the same one axis further.
 */
export type BatchRule = 'leading' | ((attributes: Attributes, batchSize: number) => Attributes)

/** What every kind has. */
interface Described extends Primitive {
  /** Draws calls for the laws. */
  readonly sample: Sampler
  /**
   * Elementwise primitives and reductions need none; without a rule any other primitive is called once for each example.
   */
  readonly batch?: BatchRule
}

/** A derivative of an elementwise op with respect to one input: a constant, or an expression of the call. */
export type Derivative = number | ((call: Call) => Tensor)

/** `output[i] = f(inputs[i])`, operands broadcast: differentiated by one derivative per input. */
export interface ElementwisePrimitive extends Described {
  readonly kind: 'elementwise'
  readonly derivatives: readonly Derivative[]
}

/** A map from a cotangent of the output to a cotangent of one input. */
export type Transpose = (cotangent: Tensor, call: Call, index: number) => Tensor

/** Linear in some inputs: its own derivative; differentiated backward by its transposes (`null` for other inputs). */
export interface LinearPrimitive extends Described {
  readonly kind: 'linear'
  readonly transposeFor: (index: number) => Transpose | null
}

/** Linear, and only rearranges elements: most are views that copy nothing. */
export interface MovementPrimitive extends Described {
  readonly kind: 'movement'
  readonly transpose: Transpose
}

/** Linear in each of two inputs: the product rule forward, two adjoints backward. */
export interface BilinearPrimitive extends Described {
  readonly kind: 'bilinear'
  readonly adjoints: {
    readonly left: (cotangent: Tensor, call: Call) => Tensor
    readonly right: (cotangent: Tensor, call: Call) => Tensor
  }
}

/** Attributes of every reduction: ascending, non-negative axes. */
export interface ReductionAttributes extends Attributes {
  readonly axes: readonly number[]
  readonly keepDims: boolean
}

/**
 * One number for each group of elements along some axes. The derivative of the result with respect to each element is
 * given as one number for all, or as a tensor in the shape of the input; `output` comes with its axes kept, ready to broadcast.
 */
export interface ReductionPrimitive extends Described {
  readonly kind: 'reduction'
  readonly derivative:
    | number
    | ((
        x: Tensor,
        output: Tensor,
        axes: readonly number[],
        attributes: ReductionAttributes,
      ) => Tensor | number)
}

/** Anything else: brings its own backward rule, and its forward rule where that is not the transpose of the former. */
export interface GeneralPrimitive extends Described {
  readonly kind: 'general'
  /** The cotangent of input `index`; `undefined` for zero. */
  readonly vjp: (cotangent: Tensor, call: Call, index: number) => Tensor | undefined
  readonly jvp: (tangents: readonly (Tensor | null)[], call: Call) => Tensor
}

/** No derivative exists; calls are never recorded. */
export interface NonDifferentiablePrimitive extends Described {
  readonly kind: 'nonDifferentiable'
  /** Why, for the message and the reference. */
  readonly reason: string
}

/** Every primitive is of one of these kinds; `transforms/rules.ts` has a row for each. */
export type KnownPrimitive =
  | ElementwisePrimitive
  | LinearPrimitive
  | MovementPrimitive
  | BilinearPrimitive
  | ReductionPrimitive
  | GeneralPrimitive
  | NonDifferentiablePrimitive

/** An op: a function to call, carrying the primitive that it applies. */
export type Op<Callable> = Callable & { readonly primitive: KnownPrimitive }

/** Hangs the primitive on the function. */
export function op<Callable extends (...args: never[]) => Tensor>(
  primitive: KnownPrimitive,
  call: Callable,
): Op<Callable> {
  return Object.assign(call, { primitive })
}

/** Attributes of ops that have none. */
export const NO_ATTRIBUTES: Attributes = /* @__PURE__ */ Object.freeze({})
