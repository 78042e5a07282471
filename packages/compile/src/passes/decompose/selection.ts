/** One element of each row, and its transpose, as comparisons of places: for rows that are read anyway. */

import { pick } from '@adjoint/core/engine'
import { add, equal, gather, max, scatterAdd, tensor, where } from '@adjoint/core/functional'
import { Node } from '../../graph/node.ts'
import { call, expanded, number, reshaped, uniformValue } from '../build.ts'
import { isWithin } from '../facts.ts'
import type { Decomposition } from './rule.ts'

/** Longer rows are not looked through for one element. */
const LONGEST_ROW = 1024

/** Whether a place on an axis is the one that is looked for: `index` has size 1 there. */
function isPlace(index: Node, axis: number, { shape }: Node): Node {
  const size = shape[axis]!
  const places = shape.map((_, k) => (k === axis ? size : 1))
  const iota = Node.constant(
    tensor(
      Int32Array.from({ length: size }, (_, i) => i),
      { shape: places },
    ),
  )
  return call(equal, [index, iota])
}

/**
 * Whether indices choose one element of every row along an axis, and are known to be inside of it: what refuses others is a
 * call of its own, `wrapIndices`, and stays.
 */
function choosesOne(x: Node, index: Node, axis: number): boolean {
  const size = x.shape[axis]!
  const isOne = index.shape.every((length, k) => length === (k === axis ? 1 : x.shape[k]))
  return x.size > 0 && isOne && size <= LONGEST_ROW && isWithin(index, size)
}

function isFloating({ dtype }: Node): boolean {
  return dtype === 'float32' || dtype === 'float64'
}

/** The one element of every row that stands at an index: the largest of it and -∞. */
function chosen(x: Node, index: Node, axis: number): Node {
  const alone = call(where, [isPlace(index, axis, x), x, number(Number.NEGATIVE_INFINITY, x.dtype)])
  return call(max, [alone], { axes: [axis], keepDims: true })
}

export const SELECTION: readonly Decomposition[] = [
  {
    of: gather,
    formula: 'max where(i = 0 1 2 ..., x, -∞), where i chooses one element of each row',
    bound: 'exact',
    parts: node => {
      const [x, index] = node.inputs as [Node, Node]
      const axis = node.attributes.axis as number
      return isFloating(x) && choosesOne(x, index, axis) ? chosen(x, index, axis) : undefined
    },
  },
  {
    of: pick,
    formula: 'max where(i = 0 1 2 ..., x, -∞), where i chooses one element of each row',
    bound: 'exact',
    parts: node => {
      const [x, positions] = node.inputs as [Node, Node]
      const { axis, batchAxes } = node.attributes as { readonly axis: number; readonly batchAxes: number }
      if (axis !== batchAxes || positions.shape.length !== axis || !isFloating(x)) return undefined
      if (x.shape[axis]! > LONGEST_ROW || x.size === 0 || !isWithin(positions, x.shape[axis]!))
        return undefined
      const index = reshaped(positions, [...positions.shape, ...x.shape.slice(axis).map(() => 1)])
      return reshaped(chosen(x, index, axis), node.shape)
    },
  },
  {
    of: scatterAdd,
    formula: 'where(i = 0 1 2 ..., v + 0, 0) for zeros to which v is added at one place of each row',
    bound: 'exact',
    parts: node => {
      const [x, index, source] = node.inputs as [Node, Node, Node]
      const axis = node.attributes.axis as number
      if (!isFloating(node) || source.dtype !== node.dtype || !Object.is(uniformValue(x), 0)) return undefined
      if (!choosesOne(x, index, axis)) return undefined
      const zero = number(0, node.dtype)
      return expanded(call(where, [isPlace(index, axis, x), call(add, [source, zero]), zero]), node.shape)
    },
  },
]
