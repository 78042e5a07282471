/** Laws of truth values, of choices, and of dtypes. */

import { cast, equal, identity, logicalNot, notEqual, stopGradient, where } from '@adjoint/core/functional'
import type { DType, Node } from '../../graph/node.ts'
import { call, expanded, isCall, uniformValue } from '../build.ts'
import type { Law } from './law.ts'

/** The dtypes that have every number of a dtype: nothing is lost on the way through them. */
const WIDER: Readonly<Record<DType, readonly DType[]>> = {
  bool: ['bool', 'int32', 'float32', 'float64'],
  int32: ['int32', 'float64'],
  float32: ['float32', 'float64'],
  float64: ['float64'],
}

/** A value in the shape and dtype of a result. */
function as(x: Node, { shape, dtype }: Node): Node {
  return expanded(x.dtype === dtype ? x : call(cast, [x], { dtype }), shape)
}

/** What a truth value is the opposite of. */
function opposite(node: Node): Node | undefined {
  return isCall(node, logicalNot) ? node.inputs[0] : undefined
}

export const SELECTIONS: readonly Law[] = [
  {
    name: 'identity',
    formula: 'identity(x) = stopGradient(x) = x',
    at: [identity, stopGradient],
    rewrite: node => node.inputs[0],
  },
  {
    name: 'castToSame',
    formula: 'cast(x, d) = x for x of dtype d',
    at: [cast],
    rewrite: node => (node.inputs[0]!.dtype === node.dtype ? node.inputs[0] : undefined),
  },
  {
    name: 'castTwice',
    formula: 'cast(cast(x, e), d) = cast(x, d), where e has every number that the dtype of x has',
    at: [cast],
    rewrite: node => {
      const inner = node.inputs[0]!
      if (!isCall(inner, cast)) return undefined
      const x = inner.inputs[0]!
      return WIDER[x.dtype].includes(inner.dtype) ? as(x, node) : undefined
    },
  },
  {
    name: 'knownCondition',
    formula: 'where(true, x, y) = x, where(false, x, y) = y',
    at: [where],
    rewrite: node => {
      const [condition, x, y] = node.inputs as [Node, Node, Node]
      const value = uniformValue(condition)
      return value === undefined ? undefined : as(value === 0 ? y : x, node)
    },
  },
  {
    name: 'noChoice',
    formula: 'where(c, x, x) = x',
    at: [where],
    rewrite: node => (node.inputs[1] === node.inputs[2] ? as(node.inputs[1]!, node) : undefined),
  },
  {
    name: 'oppositeCondition',
    formula: 'where(not c, x, y) = where(c, y, x)',
    at: [where],
    rewrite: node => {
      const [condition, x, y] = node.inputs as [Node, Node, Node]
      const c = opposite(condition)
      return c && call(where, [c, y, x])
    },
  },
  {
    name: 'chooseTwice',
    formula: 'where(c, where(c, x, z), y) = where(c, x, where(c, z, y)) = where(c, x, y)',
    at: [where],
    rewrite: node => {
      const [c, x, y] = node.inputs as [Node, Node, Node]
      const chooses = (branch: Node): boolean => isCall(branch, where) && branch.inputs[0] === c
      const [taken, left] = [chooses(x) ? x.inputs[1]! : x, chooses(y) ? y.inputs[2]! : y]
      if (taken === x && left === y) return undefined
      const better = call(where, [c, taken, left])
      return better.dtype === node.dtype ? expanded(better, node.shape) : undefined
    },
  },
  {
    name: 'notNot',
    formula: 'not (not x) = x for truth values',
    at: [logicalNot],
    rewrite: node => {
      const x = opposite(node.inputs[0]!)
      return x?.dtype === 'bool' ? x : undefined
    },
  },
  {
    name: 'notEqual',
    formula: 'not (x = y) = (x ≠ y), not (x ≠ y) = (x = y)',
    at: [logicalNot],
    rewrite: (node, uses) => {
      const comparison = node.inputs[0]!
      if (uses(comparison) > 1) return undefined
      if (isCall(comparison, equal)) return call(notEqual, comparison.inputs)
      return isCall(comparison, notEqual) ? call(equal, comparison.inputs) : undefined
    },
  },
]
