/** Softmax and its relatives: the largest element of a line is taken away, so that nothing overflows. */

import type { ReductionAttributes } from '@adjoint/core/engine'
import {
  add,
  div,
  equal,
  exp,
  isFinite as isFiniteNumber,
  log,
  logSoftmax,
  logSumExp,
  maskedSoftmax,
  max,
  softmax,
  sub,
  sum,
  where,
} from '@adjoint/core/functional'
import type { Node } from '../../graph/node.ts'
import { call, expanded, number, reshaped } from '../build.ts'
import type { Decomposition } from './rule.ts'

/** The axes of a call along lines, counted from the front; `undefined` where there is nothing to take the largest of. */
function linesOf(node: Node): ReductionAttributes | undefined {
  const [x] = node.inputs
  const axes = (node.attributes.axes as readonly number[]).map(axis =>
    axis < 0 ? axis + node.shape.length : axis,
  )
  return axes.length === 0 || node.size === 0 || x!.dtype !== node.dtype
    ? undefined
    : { axes, keepDims: true }
}

export const SOFTMAX: readonly Decomposition[] = [
  {
    of: softmax,
    formula: 'e / Σ e with e = exp(x - max x)',
    bound: '(|x - max x| + 4) ε y',
    parts: node => {
      const lines = linesOf(node)
      if (lines === undefined) return undefined
      const x = node.inputs[0]!
      const powers = call(exp, [call(sub, [x, call(max, [x], lines)])])
      return call(div, [powers, call(sum, [powers], lines)])
    },
  },
  {
    of: logSoftmax,
    formula: 'd - log Σ exp d with d = x - max x',
    bound: '2 ε (|x - max x| + |y| + 1)',
    parts: node => {
      const lines = linesOf(node)
      if (lines === undefined) return undefined
      const x = node.inputs[0]!
      const below = call(sub, [x, call(max, [x], lines)])
      return call(sub, [below, call(log, [call(sum, [call(exp, [below])], lines)])])
    },
  },
  {
    of: logSumExp,
    formula: 'm + log Σ exp(x - m) with m = max x, or m itself where it is not finite',
    bound: '2 ε (|y - max x| + |y| + 1)',
    parts: node => {
      const x = node.inputs[0]!
      if (x.size === 0 || x.dtype !== node.dtype) return undefined
      const { axes } = node.attributes as ReductionAttributes
      const groups: ReductionAttributes = { axes, keepDims: true }
      const largest = call(max, [x], groups)
      const finite = call(isFiniteNumber, [largest])
      const base = call(where, [finite, largest, number(0, node.dtype)])
      const total = call(sum, [call(exp, [call(sub, [x, base])])], groups)
      return reshaped(call(where, [finite, call(add, [base, call(log, [total])]), largest]), node.shape)
    },
  },
  {
    of: maskedSoftmax,
    formula: 'the softmax where the mask is true, of what is there, and 0 elsewhere',
    bound: '(|x - max x| + 4) ε y',
    parts: node => {
      const lines = linesOf(node)
      if (lines === undefined) return undefined
      const [x, mask] = node.inputs as [Node, Node]
      const [zero, one, least] = [0, 1, Number.NEGATIVE_INFINITY].map(value => number(value, node.dtype))
      const seen = expanded(call(where, [mask, x, least!]), node.shape)
      const largest = call(max, [seen], lines)
      // Where nothing takes part everything is exp(-∞), whatever is taken away.
      const base = call(where, [call(equal, [largest, least!]), zero!, largest])
      const powers = call(where, [mask, call(exp, [call(sub, [x, base])]), zero!])
      const total = call(sum, [expanded(powers, node.shape)], lines)
      const shares = call(div, [powers, call(where, [call(equal, [total, zero!]), one!, total])])
      return expanded(call(where, [mask, shares, zero!]), node.shape)
    },
  },
]
