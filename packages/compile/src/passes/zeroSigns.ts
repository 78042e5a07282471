/**
 * Who can tell 0 from -0. They are equal, and differ in what few ops make of them (1/x, the sign of a product that is 0):
 * where nobody looks, x + 0 is x, and a cotangent that is 0 may be multiplied like any other.
 */

import { accumulate, place, weigh, weighSlope } from '@adjoint/core/engine'
import {
  abs,
  add,
  all,
  any,
  asin,
  asinh,
  atan,
  atanh,
  cast,
  concat,
  cos,
  cosh,
  div,
  equal,
  exp,
  gather,
  greater,
  greaterEqual,
  isFinite as isFiniteNumber,
  isNaN as isNotNumber,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  matmul,
  max,
  maximum,
  mean,
  min,
  minimum,
  mul,
  neg,
  notEqual,
  relu,
  scatterAdd,
  sigmoid,
  sign,
  sin,
  sinh,
  softmax,
  sqrt,
  square,
  sub,
  sum,
  tan,
  tanh,
  where,
} from '@adjoint/core/functional'
import { type Graph, type Node, nodesOf, rootsOf } from '../graph/node.ts'
import { type Carrier, MOVEMENTS, uniformValue } from './build.ts'

/**
 * What a call makes of the sign of zeros in one input: `hides` it, so that the result has the same bits; or `passes` it on:
 * the result differs in nothing but signs of its own zeros. Everything else may show it.
 */
export type ZeroSigns = 'hides' | 'passes' | 'shows'

/** For every input the one answer, or one after the other. */
type Row = ZeroSigns | readonly ZeroSigns[]

/** What is known; other ops may show it. */
export const ZERO_SIGNS: readonly (readonly [Row, readonly Carrier[]])[] = [
  // Sums begin with 0, and 0 + -0 = 0.
  ['hides', [sum, mean, matmul]],
  [['hides', 'shows'], [accumulate]],
  ['hides', [equal, notEqual, greater, greaterEqual, less, lessEqual, isNotNumber, isFiniteNumber]],
  ['hides', [logicalAnd, logicalOr, logicalNot, all, any]],
  ['hides', [abs, square, exp, cos, cosh, relu, sigmoid, softmax]],
  ['passes', [neg, mul, add, sub, sqrt, sin, tan, sinh, tanh, asin, asinh, atan, atanh, sign]],
  ['passes', [maximum, minimum, max, min]],
  [
    ['passes', 'shows'],
    [div, gather],
  ],
  [['passes', 'shows', 'passes'], [scatterAdd]],
  // weigh(0, d) is 0 for either zero.
  [['hides', 'passes'], [weigh]],
  [['hides', 'passes'], [weighSlope]],
  [['hides', 'passes', 'passes'], [where]],
  ['passes', [...MOVEMENTS, concat, place, cast]],
]

const rows: ReadonlyMap<unknown, Row> = /* @__PURE__ */ new Map(
  ZERO_SIGNS.flatMap(([row, ops]) => ops.map(({ primitive }) => [primitive, row] as const)),
)

/** What a call makes of the sign of zeros in its input `index`. */
export function zeroSignsOf(node: Node, index: number): ZeroSigns {
  const row = rows.get(node.primitive)
  const answer = row === undefined ? 'shows' : typeof row === 'string' ? row : row[index]!
  if (answer !== 'passes' || (node.op !== 'add' && node.op !== 'sub')) return answer
  // A number other than 0 on the other side: both zeros give that number.
  const other = uniformValue(node.inputs[1 - index]!)
  return other !== undefined && other !== 0 ? 'hides' : answer
}

/** The nodes whose zeros may have either sign: no bit of what the graph is for depends on it. */
export function nodesOfHiddenZeroSigns(graph: Graph): ReadonlySet<Node> {
  const shown = new Set<Node>(rootsOf(graph))
  const order = nodesOf(graph)
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i]!
    node.inputs.forEach((input, index) => {
      if (shown.has(input)) return
      const answer = zeroSignsOf(node, index)
      if (answer === 'shows' || (answer === 'passes' && shown.has(node))) shown.add(input)
    })
  }
  return new Set(order.filter(node => !shown.has(node)))
}
