/** Small words that passes are written in: which call a node is, and how new ones are made. */

import { compact, type KnownPrimitive, type Op, place, sameShape, sliceRanges } from '@adjoint/core/engine'
import {
  bitwiseAnd,
  bitwiseNot,
  bitwiseOr,
  bitwiseXor,
  cast,
  concat,
  equal,
  expand,
  greater,
  greaterEqual,
  identity,
  isFinite as isFiniteNumber,
  isInfinite,
  isNaN as isNotNumber,
  leftShift,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  notEqual,
  permute,
  reshape,
  rightShift,
  stopGradient,
  tensor,
  where,
} from '@adjoint/core/functional'
import { type Attributes, type DType, Node } from '../graph/node.ts'

/** Anything that carries a primitive: an op. */
export type Carrier = Pick<Op<unknown>, 'primitive'>

/** Whether a node is a call of an op. */
export function isCall(node: Node, op: Carrier): boolean {
  return node.primitive === op.primitive
}

/** A call of an op. */
export function call(op: Carrier, inputs: readonly Node[], attributes: Attributes = {}): Node {
  return Node.call(op.primitive, inputs, attributes)
}

/** One number as a constant. */
export function number(value: number, dtype: DType): Node {
  return Node.constant(tensor([value], { dtype, shape: [] }))
}

/** The elements in another shape; the node itself where it has that shape. */
export function reshaped(x: Node, shape: readonly number[]): Node {
  return sameShape(x.shape, shape) ? x : call(reshape, [x], { shape })
}

/** Repeated to a shape; the node itself where it has that shape. */
export function expanded(x: Node, shape: readonly number[]): Node {
  return sameShape(x.shape, shape) ? x : call(expand, [x], { shape })
}

/** Movements that only look at other places of the same memory, or at all of it in another order. */
const VIEWS: ReadonlySet<unknown> = /* @__PURE__ */ new Set(
  [identity, stopGradient, reshape, permute, expand, sliceRanges].map(({ primitive }) => primitive),
)

/** Whether every element of the result is an element of the one input: reshape, permute, expand, slice and the like. */
export function isView(node: Node): boolean {
  return VIEWS.has(node.primitive)
}

/** What works element by element, with broadcasting, but has no derivative, or one of another kind. */
const TRUTHS_AND_CHOICES: ReadonlySet<unknown> = /* @__PURE__ */ new Set(
  [
    ...[equal, notEqual, greater, greaterEqual, less, lessEqual, isNotNumber, isFiniteNumber, isInfinite],
    ...[logicalAnd, logicalOr, logicalXor, logicalNot, where, cast],
    ...[bitwiseAnd, bitwiseOr, bitwiseXor, bitwiseNot, leftShift, rightShift],
  ].map(({ primitive }) => primitive),
)

/** Whether each element of the result is made of the elements at its place in the inputs, which broadcast. */
export function isElementwise(node: Node): boolean {
  return (
    (node.primitive as KnownPrimitive | undefined)?.kind === 'elementwise' ||
    TRUTHS_AND_CHOICES.has(node.primitive)
  )
}

/** Whether each element of the result is made of a group of elements along the axes that the attributes name. */
export function isReduction(node: Node): boolean {
  const { axes, keepDims } = node.attributes
  return node.inputs.length === 1 && Array.isArray(axes) && typeof keepDims === 'boolean'
}

const uniformValues = /* @__PURE__ */ new WeakMap<Node, { readonly value: number | undefined }>()

/**
 * The one number that all elements of a node are, where that is known: of constants, and of views of them. 0 and -0 are
 * different numbers.
 */
export function uniformValue(node: Node): number | undefined {
  let base = node
  while (isView(base)) base = base.inputs[0]!
  if (base.value === undefined || base.size === 0 || node.size === 0) return undefined
  const known = uniformValues.get(base)
  if (known !== undefined) return known.value
  const { storage, offset, size } = compact(withoutRepeats(base).value!)
  const first = storage[offset]!
  let value: number | undefined = first
  for (let i = 1; i < size && value !== undefined; i++) {
    if (!Object.is(storage[offset + i], first)) value = undefined
  }
  uniformValues.set(base, { value })
  return value
}

/** A constant without the axes along which its elements only repeat: those are of size 1. */
export function withoutRepeats(node: Node): Node {
  const { shape, strides } = node.value!
  const sizes = shape.map((size, axis) => (strides[axis] === 0 ? Math.min(1, size) : size))
  if (sameShape(sizes, shape)) return node
  const starts = shape.map(() => 0)
  const steps = shape.map(() => 1)
  return Node.constant(sliceRanges.primitive.forward([node.value!], { starts, sizes, steps }))
}

/** The ops that move elements about and add nothing to them but zeros. */
export const MOVEMENTS: readonly Carrier[] = [
  identity,
  stopGradient,
  reshape,
  permute,
  expand,
  sliceRanges,
  concat,
  place,
]
