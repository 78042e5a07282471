/** Means, deviations and what is divided by them: two passes over the elements, as the primitives do it. */

import {
  groupMoments,
  type ReductionAttributes,
  type StandardizeAttributes,
  standardize,
  standardizeSlope,
} from '@adjoint/core/engine'
import {
  abs,
  add,
  cast,
  center,
  concat,
  max,
  mean,
  mul,
  norm,
  rsqrt,
  sqrt,
  square,
  sub,
  sum,
} from '@adjoint/core/functional'
import type { Node } from '../../graph/node.ts'
import { call, number, reshaped } from '../build.ts'
import type { Decomposition } from './rule.ts'

/** Smaller ones could be lost beside squares that underflow. */
const SMALLEST_EPSILON = 1e-30

/**
 * x minus its mean, in two steps: what rounding takes from the mean is found as the mean of the first differences, and taken
 * away as well. Equal elements give 0, and a common offset costs nothing.
 */
function deviations(x: Node, groups: ReductionAttributes): Node {
  const first = call(sub, [x, call(mean, [x], groups)])
  return call(sub, [first, call(mean, [first], groups)])
}

/** A tensor of groups in as few axes as there can be, and those that a group lies along. */
function matrixOf(
  x: Node,
): { readonly shape: readonly number[]; readonly groups: ReductionAttributes } | undefined {
  const [outer, count, inner] = x.shape.slice(-3) as [number, number, number]
  const stacks = x.shape.slice(0, -3)
  if (x.size === 0) return undefined
  if (outer === 1)
    return { shape: [...stacks, count, inner], groups: { axes: [stacks.length + 1], keepDims: true } }
  if (inner === 1)
    return { shape: [...stacks, outer, count], groups: { axes: [stacks.length], keepDims: true } }
  return { shape: x.shape, groups: { axes: [stacks.length, stacks.length + 2], keepDims: true } }
}

/** The deviations and 1 / √(variance + epsilon). */
function standards(
  x: Node,
  groups: ReductionAttributes,
  { centered, epsilon }: StandardizeAttributes,
): readonly [deviations: Node, scale: Node] {
  const around = centered ? deviations(x, groups) : x
  const variance = call(mean, [call(square, [around])], groups)
  return [around, call(rsqrt, [call(add, [variance, number(epsilon, x.dtype)])])]
}

export const MOMENTS: readonly Decomposition[] = [
  {
    of: center,
    formula: 'd - mean d with d = x - mean x',
    bound: '3 ε max |x - mean x|',
    parts: node => {
      const x = node.inputs[0]!
      const axes = node.attributes.axes as readonly number[]
      if (x.size === 0 || axes.length === 0 || x.dtype !== node.dtype) return undefined
      return deviations(x, { axes, keepDims: true })
    },
  },
  {
    of: standardize,
    formula: 'd / √(mean d² + epsilon) with the deviations d from the mean, or d = x',
    bound: '8 ε max |y|, for |d| from 1e-15 to 1e18',
    parts: node => {
      const settings = node.attributes as unknown as StandardizeAttributes
      const matrix = matrixOf(node)
      const input = node.inputs[0]!
      if (matrix === undefined || input.dtype !== node.dtype || settings.epsilon < SMALLEST_EPSILON)
        return undefined
      const [around, scale] = standards(reshaped(input, matrix.shape), matrix.groups, settings)
      return reshaped(call(mul, [around, scale]), node.shape)
    },
  },
  {
    of: standardizeSlope,
    formula:
      'r (c - y mean(c y)) with y = r d, r = 1 / √(mean d² + epsilon) and the deviations c of g, or c = g',
    bound: '24 ε r max |g|, for |d| from 1e-15 to 1e18',
    parts: node => {
      const settings = node.attributes as unknown as StandardizeAttributes
      const matrix = matrixOf(node)
      const isOneDType = node.inputs.every(({ dtype }) => dtype === node.dtype)
      if (matrix === undefined || !isOneDType || settings.epsilon < SMALLEST_EPSILON) return undefined
      const [x, g] = node.inputs.map(input => reshaped(input, matrix.shape)) as [Node, Node]
      const [around, scale] = standards(x, matrix.groups, settings)
      const y = call(mul, [around, scale])
      const c = settings.centered ? deviations(g, matrix.groups) : g
      const along = call(mean, [call(mul, [c, y])], matrix.groups)
      return reshaped(call(mul, [scale, call(sub, [c, call(mul, [y, along])])]), node.shape)
    },
  },
  {
    of: groupMoments,
    formula: 'mean x and mean d², one above the other',
    bound: '2 ε |mean x|, and 4 ε of the variance, for |d| from 1e-15 to 1e18',
    parts: node => {
      const x = node.inputs[0]!
      const matrix = matrixOf(x)
      if (matrix === undefined || x.dtype !== node.dtype) return undefined
      const values = reshaped(x, matrix.shape)
      const shape = [...node.shape.slice(0, -2), 1, node.shape.at(-1)!]
      const moments = [values, call(square, [deviations(values, matrix.groups)])].map(of =>
        reshaped(call(mean, [of], matrix.groups), shape),
      )
      return call(concat, moments, { axis: node.shape.length - 2 })
    },
  },
  {
    of: norm,
    formula:
      'Σ |x|, max |x|, or √Σ x² in float64, where the square of a float32 neither overflows nor underflows',
    bound: 'exact',
    parts: node => {
      const x = node.inputs[0]!
      const { axes, keepDims } = node.attributes as ReductionAttributes
      const groups: ReductionAttributes = { axes, keepDims }
      if (x.size === 0 || axes.length === 0 || x.dtype !== node.dtype) return undefined
      switch (node.attributes.order) {
        case 1:
          return call(sum, [call(abs, [x])], groups)
        case Number.POSITIVE_INFINITY:
          return call(max, [call(abs, [x])], groups)
        case 2: {
          if (x.dtype !== 'float32') return undefined
          const squares = call(square, [call(cast, [x], { dtype: 'float64' })])
          return call(cast, [call(sqrt, [call(sum, [squares], groups)])], { dtype: 'float32' })
        }
        default:
          return undefined
      }
    },
  },
]
