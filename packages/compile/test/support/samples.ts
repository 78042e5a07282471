/** Values and graphs for tests of passes. */

import { type Tensor, tensor } from '@adjoint/core/functional'
import fc from 'fast-check'
import { type DType, type Graph, Node } from '../../src/graph/node.ts'
import { elementsOf } from './runGraph.ts'

/** Numbers at which laws break. */
export const SPECIAL: readonly number[] = [
  ...[0, -0, 1, -1, 2, -3, 0.1, 1 / 3, -7.25, 1e-3],
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ...[1e-45, -1e-45, 11 * 2 ** -149, 1e-38, 3e38, -3e38, 1e300, 5e-324, 16777217, 2147483647],
]

/** Numbers of a dtype, the special ones among them. */
export function elements(dtype: DType): fc.Arbitrary<number> {
  if (dtype === 'bool') return fc.integer({ min: 0, max: 1 })
  if (dtype === 'int32')
    return fc.oneof(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }))
  return fc.oneof(fc.constantFrom(...SPECIAL), fc.double({ min: -4, max: 4, noNaN: true }))
}

/** A tensor of a shape with drawn elements. */
export function tensors(shape: readonly number[], dtype: DType): fc.Arbitrary<Tensor> {
  const size = shape.reduce((product, length) => product * length, 1)
  return fc
    .array(elements(dtype), { minLength: size, maxLength: size })
    .map(list => tensor(list, { dtype, shape }))
}

/** The first place at which two tensors differ, in words; `undefined` when they have the same bits. */
export function difference(
  x: Tensor,
  y: Tensor,
  isSame: (a: number, b: number) => boolean = Object.is,
): string | undefined {
  if (x.dtype !== y.dtype || x.shape.join() !== y.shape.join()) {
    return `${x.dtype} [${x.shape}] and ${y.dtype} [${y.shape}]`
  }
  const [a, b] = [elementsOf(x), elementsOf(y)]
  const at = a.findIndex((value, i) => !isSame(value, b[i]!))
  return at < 0
    ? undefined
    : `element ${at} is ${Object.is(a[at], -0) ? '-0' : a[at]} and ${Object.is(b[at], -0) ? '-0' : b[at]}`
}

/** Equal numbers, whatever the sign of 0. */
export function equalButForZeroSigns(a: number, b: number): boolean {
  return a === b || Object.is(a, b)
}

/** A graph with nothing but outputs. */
export function graphOf(inputs: readonly Node[], outputs: readonly Node[]): Graph {
  return { inputs, outputs, parameters: [], events: [] }
}

/** An input. */
export function input(shape: readonly number[], dtype: DType = 'float32'): Node {
  return Node.source('input', shape, dtype)
}
