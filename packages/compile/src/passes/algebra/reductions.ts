/** Laws of sums, means and other reductions, and of matrix products. */

import { type ReductionAttributes, sameShape } from '@adjoint/core/engine'
import {
  add,
  equal,
  expand,
  matmul,
  max,
  mean,
  min,
  mul,
  permute,
  reshape,
  sum,
  where,
} from '@adjoint/core/functional'
import { Node } from '../../graph/node.ts'
import { call, expanded, isCall, isReduction, number, reshaped, uniformValue } from '../build.ts'
import { isWithin } from '../facts.ts'
import type { Law } from './law.ts'

const reductionOf = (node: Node): ReductionAttributes => node.attributes as ReductionAttributes

/** Whether the axes are all of size 1: every group is one element. */
function isSingle(node: Node): boolean {
  const { shape } = node.inputs[0]!
  return reductionOf(node).axes.every(axis => shape[axis] === 1)
}

/** What is repeated along every reduced axis, with size 1 there, and how often. */
function repeated(node: Node): readonly [x: Node, count: number] | undefined {
  const view = node.inputs[0]!
  if (!isCall(view, expand) || view.attributes.batchAxes !== undefined || view.size === 0) return undefined
  const source = view.inputs[0]!
  const added = view.shape.length - source.shape.length
  let count = 1
  const shape = [...new Array<number>(added).fill(1), ...source.shape]
  for (const axis of reductionOf(node).axes) {
    if (shape[axis] !== 1) return undefined
    count *= view.shape[axis]!
  }
  return [reshaped(source, shape), count]
}

/** The remaining axes repeated as they were, in the shape of the result. */
function leftOf(x: Node, node: Node): Node {
  const { shape } = node.inputs[0]!
  const { axes } = reductionOf(node)
  return reshaped(
    expanded(
      x,
      shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
    ),
    node.shape,
  )
}

export const REDUCTIONS: readonly Law[] = [
  {
    name: 'sumOfOne',
    formula: 'Σ x = mean x = x over axes of size 1, but for the sign of 0',
    at: [sum, mean],
    upToZeroSigns: true,
    rewrite: node =>
      isSingle(node) && node.inputs[0]!.dtype === node.dtype
        ? reshaped(node.inputs[0]!, node.shape)
        : undefined,
  },
  {
    name: 'largestOfOne',
    formula: 'max x = min x = x over axes of size 1',
    at: [max, min],
    rewrite: node => (isSingle(node) ? reshaped(node.inputs[0]!, node.shape) : undefined),
  },
  {
    name: 'fewerAxes',
    formula: 'a reduction that keeps its axes need not name those of size 1',
    at: isReduction,
    rewrite: node => {
      const { axes, keepDims } = reductionOf(node)
      const { shape } = node.inputs[0]!
      const long = axes.filter(axis => shape[axis] !== 1)
      if (long.length === 0 || long.length === axes.length) return undefined
      const better = Node.call(node.primitive!, node.inputs, {
        ...node.attributes,
        axes: long,
        keepDims: true,
      })
      return keepDims ? better : reshaped(better, node.shape)
    },
  },
  {
    name: 'keptAxes',
    formula: 'a reduction without its axes, reshaped to have them = the reduction that keeps them',
    at: [reshape],
    rewrite: (node, uses) => {
      const reduced = node.inputs[0]!
      if (!isReduction(reduced) || uses(reduced) > 1 || reductionOf(reduced).keepDims) return undefined
      const kept = Node.call(reduced.primitive!, reduced.inputs, { ...reduced.attributes, keepDims: true })
      return sameShape(kept.shape, node.shape) ? kept : undefined
    },
  },
  {
    name: 'sumOfEquals',
    formula: 'Σ expand(x) = n x, but for the sign of 0, for float32 and fewer than 2^24 repetitions',
    at: [sum],
    upToZeroSigns: true,
    rewrite: node => {
      const [x, count] = repeated(node) ?? []
      // In float64, in which sums are made, every multiple of a float32 up to this is exact.
      if (x === undefined || node.dtype !== 'float32' || count! >= 2 ** 24) return undefined
      return leftOf(call(mul, [x, number(count!, 'float32')]), node)
    },
  },
  {
    name: 'meanOfEquals',
    formula: 'mean expand(x) = x, but for the sign of 0, for float32 and fewer than 2^24 repetitions',
    at: [mean],
    upToZeroSigns: true,
    rewrite: node => {
      const [x, count] = repeated(node) ?? []
      const isExact = x?.dtype === 'float32' && count! < 2 ** 24
      return isExact ? leftOf(x, node) : undefined
    },
  },
  {
    name: 'largestOfEquals',
    formula: 'max expand(x) = min expand(x) = x',
    at: [max, min],
    rewrite: node => {
      const [x] = repeated(node) ?? []
      return x && leftOf(x, node)
    },
  },
  {
    name: 'sumOfSelected',
    formula: 'Σ where(i = 0 1 2 ..., x, 0) over the axis that is counted = x + 0, where i is a place on it',
    at: [sum],
    rewrite: node => {
      const chosen = node.inputs[0]!
      const { axes } = reductionOf(node)
      if (!isCall(chosen, where) || axes.length !== 1) return undefined
      const [condition, x, zero] = chosen.inputs as [Node, Node, Node]
      const axis = axes[0]!
      if (uniformValue(zero) !== 0 || x.dtype !== node.dtype || !isCall(condition, equal)) return undefined
      const fromEnd = axis - chosen.shape.length
      const isRepeated = (input: Node): boolean => (input.shape.at(fromEnd) ?? 1) === 1
      const size = chosen.shape[axis]!
      const counted = condition.inputs.findIndex(input => isIota(input, fromEnd, size))
      const index = condition.inputs[1 - counted]
      if (counted < 0 || !isRepeated(x) || !isRepeated(index!) || !isWithin(index!, size)) return undefined
      const shape = chosen.shape.map((length, k) => (k === axis ? 1 : length))
      return reshaped(expanded(call(add, [x, number(0, x.dtype)]), shape), node.shape)
    },
  },
  {
    name: 'oneProduct',
    formula: '[..., m, k] × [k, n] = [... m, k] × [k, n]: one product of all rows',
    at: [matmul],
    rewrite: node => {
      const [x, y] = node.inputs as [Node, Node]
      if (x.shape.length < 3 || y.shape.slice(0, -2).some(size => size !== 1) || node.size === 0)
        return undefined
      // Rows that do not lie one after the other would have to be copied first.
      if (isCall(x, permute) || isCall(x, expand) || y.shape.length > x.shape.length) return undefined
      const k = x.shape.at(-1)!
      if (k === 0) return undefined
      const rows = reshaped(x, [x.size / k, k])
      return reshaped(call(matmul, [rows, reshaped(y, y.shape.slice(-2))]), node.shape)
    },
  },
  {
    name: 'transposedProduct',
    formula: '(X Y)ᵀ = Yᵀ Xᵀ',
    at: [permute],
    rewrite: (node, uses) => {
      const product = node.inputs[0]!
      const rank = node.shape.length
      const order = node.attributes.order as readonly number[]
      const isTransposed = order.every((axis, k) => axis === (k < rank - 2 ? k : 2 * rank - 3 - k))
      if (!isCall(product, matmul) || uses(product) > 1 || !isTransposed) return undefined
      const [x, y] = product.inputs as [Node, Node]
      return call(matmul, [transposed(y), transposed(x)])
    },
  },
]

/** The last two axes exchanged. */
function transposed(x: Node): Node {
  const rank = x.shape.length
  const order = x.shape.map((_, k) => (k < rank - 2 ? k : 2 * rank - 3 - k))
  return call(permute, [x], { order })
}

/** Whether a node is 0, 1, 2 ... along one axis, the same ones everywhere else: constants made for comparisons with places. */
function isIota(node: Node, fromEnd: number, size: number): boolean {
  const { value, shape, dtype } = node
  if (value === undefined || dtype !== 'int32' || node.size !== size || shape.at(fromEnd) !== size)
    return false
  const stride = value.strides.at(fromEnd)!
  for (let i = 0; i < size; i++) if (value.storage[value.offset + i * stride] !== i) return false
  return true
}
