/** Laws of numbers, element by element. */

import { weigh, weighSlope } from '@adjoint/core/engine'
import { abs, add, div, mul, neg, pow, reciprocal, relu, square, sub } from '@adjoint/core/functional'
import type { DType, Node } from '../../graph/node.ts'
import { call, expanded, isCall, number, uniformValue } from '../build.ts'
import { isAlwaysFinite } from '../facts.ts'
import type { Law } from './law.ts'

/** A node in the shape of another; `undefined` unless it has the dtype of the other. */
function as(x: Node, result: Node): Node | undefined {
  return x.dtype === result.dtype ? expanded(x, result.shape) : undefined
}

function isFloating(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64'
}

/** The operand beside a constant of one value, for ops whose operands may change places. */
function besideNumber(node: Node): readonly [x: Node, value: number, constant: Node] | undefined {
  for (const index of [1, 0]) {
    const value = uniformValue(node.inputs[index]!)
    if (value !== undefined) return [node.inputs[1 - index]!, value, node.inputs[index]!]
  }
  return undefined
}

/** What an operand is the negative of. The smallest int32 is its own negative: whole numbers are left alone. */
function negated(node: Node): Node | undefined {
  return isCall(node, neg) && isFloating(node.dtype) ? node.inputs[0] : undefined
}

/** Whether a number is ± a power of two. */
function isPowerOfTwo(value: number): boolean {
  return (
    value !== 0 && Number.isFinite(value) && 2 ** Math.round(Math.log2(Math.abs(value))) === Math.abs(value)
  )
}

/** Whether a dtype has exactly this number. */
function holds(dtype: DType, value: number): boolean {
  return dtype === 'float32' ? Math.fround(value) === value : dtype === 'float64'
}

/** A constant with another value, in the same shape. */
function constantLike(node: Node, value: number): Node {
  return expanded(number(value, node.dtype), node.shape)
}

export const ARITHMETIC: readonly Law[] = [
  {
    name: 'one',
    formula: 'x · 1 = x / 1 = x^1 = x',
    at: [mul, div, pow],
    rewrite: node => {
      const [x, y] = node.inputs as [Node, Node]
      if (uniformValue(y) === 1) return as(x, node)
      return isCall(node, mul) && uniformValue(x) === 1 ? as(y, node) : undefined
    },
  },
  {
    name: 'minusOne',
    formula: 'x · (-1) = x / (-1) = -x',
    at: [mul, div],
    rewrite: node => {
      const [x, y] = node.inputs as [Node, Node]
      if (!isFloating(node.dtype)) return undefined
      const operand = uniformValue(y) === -1 ? x : isCall(node, mul) && uniformValue(x) === -1 ? y : undefined
      return operand && as(expanded(call(neg, [operand]), node.shape), node)
    },
  },
  {
    name: 'addNothing',
    formula: 'x + (-0) = x - 0 = x',
    at: [add, sub],
    rewrite: node => {
      const nothing = isCall(node, add) ? -0 : 0
      if (Object.is(uniformValue(node.inputs[1]!), nothing)) return as(node.inputs[0]!, node)
      const isFirst = isCall(node, add) && Object.is(uniformValue(node.inputs[0]!), -0)
      return isFirst ? as(node.inputs[1]!, node) : undefined
    },
  },
  {
    name: 'addZero',
    formula: 'x + 0 = x - (-0) = x, but for the sign of 0',
    at: [add, sub],
    upToZeroSigns: true,
    rewrite: node => {
      const [x, y] = node.inputs as [Node, Node]
      if (uniformValue(y) === 0) return as(x, node)
      return isCall(node, add) && uniformValue(x) === 0 ? as(y, node) : undefined
    },
  },
  {
    name: 'divideByPowerOfTwo',
    formula: 'x / 2^k = x · 2^-k, for floating-point numbers that have 2^-k',
    at: [div],
    rewrite: node => {
      const [x, y] = node.inputs as [Node, Node]
      const value = uniformValue(y)
      if (value === undefined || !isPowerOfTwo(value) || !isFloating(node.dtype)) return undefined
      if (y.dtype !== node.dtype || !holds(node.dtype, 1 / value)) return undefined
      return call(mul, [x, constantLike(y, 1 / value)])
    },
  },
  {
    name: 'scaleTwice',
    formula: '(x · a) · b = x · ab, for powers of two a and b of magnitude 1 or more',
    at: [mul],
    rewrite: node => {
      const outer = besideNumber(node)
      if (outer === undefined || !isCall(outer[0], mul) || !isFloating(node.dtype)) return undefined
      const [product, b] = outer
      const inner = besideNumber(product)
      if (inner === undefined || product.dtype !== node.dtype) return undefined
      const [x, a] = inner
      const grows = (value: number): boolean => isPowerOfTwo(value) && Math.abs(value) >= 1
      if (!grows(a) || !grows(b) || !Number.isFinite(a * b) || !holds(node.dtype, a * b)) return undefined
      return as(expanded(call(mul, [x, number(a * b, node.dtype)]), node.shape), node)
    },
  },
  {
    name: 'negateTwice',
    formula: '-(-x) = x',
    at: [neg],
    rewrite: node => negated(node.inputs[0]!),
  },
  {
    name: 'addNegative',
    formula: 'x + (-y) = x - y, (-x) + y = y - x, x - (-y) = x + y',
    at: [add, sub],
    rewrite: node => {
      const [x, y] = node.inputs as [Node, Node]
      const [left, right] = [negated(x), negated(y)]
      if (right !== undefined) return call(isCall(node, add) ? sub : add, [x, right])
      return left !== undefined && isCall(node, add) ? call(sub, [y, left]) : undefined
    },
  },
  {
    name: 'multiplyNegatives',
    formula: '(-x) (-y) = x y, (-x) / (-y) = x / y',
    at: [mul, div],
    rewrite: node => {
      const [left, right] = node.inputs.map(negated)
      if (left === undefined || right === undefined) return undefined
      return call(isCall(node, mul) ? mul : div, [left, right])
    },
  },
  {
    name: 'negativeConstant',
    formula: '(-x) c = x (-c), (-x) / c = x / (-c), c / (-x) = (-c) / x',
    at: [mul, div],
    rewrite: node => {
      for (const index of [0, 1]) {
        const x = negated(node.inputs[index]!)
        const constant = node.inputs[1 - index]!
        const value = uniformValue(constant)
        if (x === undefined || value === undefined || !isFloating(constant.dtype)) continue
        const other = constantLike(constant, -value)
        return call(isCall(node, mul) ? mul : div, index === 0 ? [x, other] : [other, x])
      }
      return undefined
    },
  },
  {
    name: 'negatedProduct',
    formula: '-(x c) = x (-c)',
    at: [neg],
    rewrite: (node, uses) => {
      const product = node.inputs[0]!
      if (!isCall(product, mul) || uses(product) > 1 || !isFloating(node.dtype)) return undefined
      const found = besideNumber(product)
      if (found === undefined || !isFloating(found[2].dtype)) return undefined
      return call(mul, [found[0], constantLike(found[2], -found[1])])
    },
  },
  {
    name: 'square',
    formula: 'x x = x^2 = x²',
    at: [mul, pow],
    rewrite: node => {
      const [x, y] = node.inputs as [Node, Node]
      const isSquare = isCall(node, mul) ? x === y : uniformValue(y) === 2 && isFloating(node.dtype)
      return isSquare && x.dtype === node.dtype
        ? as(expanded(call(square, [x]), node.shape), node)
        : undefined
    },
  },
  {
    name: 'reciprocal',
    formula: 'x^-1 = 1 / x',
    at: [pow],
    rewrite: node => {
      const [x, y] = node.inputs as [Node, Node]
      if (uniformValue(y) !== -1 || x.dtype !== node.dtype || !isFloating(node.dtype)) return undefined
      return as(expanded(call(reciprocal, [x]), node.shape), node)
    },
  },
  {
    name: 'evenOfNegative',
    formula: '(-x)² = |x|² = x², |-x| = ||x|| = |x|',
    at: [square, abs],
    rewrite: node => {
      const x = node.inputs[0]!
      const inner = isCall(x, abs) && x.inputs[0]!.dtype === x.dtype ? x.inputs[0] : negated(x)
      if (inner === undefined || !isFloating(node.dtype)) return undefined
      return call(isCall(node, square) ? square : abs, [inner])
    },
  },
  {
    name: 'reluTwice',
    formula: 'relu(relu(x)) = relu(x)',
    at: [relu],
    rewrite: node => (isCall(node.inputs[0]!, relu) ? node.inputs[0] : undefined),
  },
  {
    name: 'weighConstant',
    formula: 'weigh(c, d) = c d for a number c other than 0',
    at: [weigh],
    rewrite: node => {
      const value = uniformValue(node.inputs[0]!)
      return value === undefined || value === 0 ? undefined : call(mul, node.inputs)
    },
  },
  {
    name: 'weighZero',
    formula: 'weigh(0, d) = 0',
    at: [weigh],
    rewrite: node =>
      uniformValue(node.inputs[0]!) === 0 ? expanded(number(0, node.dtype), node.shape) : undefined,
  },
  {
    name: 'weighByOne',
    formula: 'weigh(v, 1) = v + 0',
    at: [weigh],
    rewrite: node => {
      const [v, d] = node.inputs as [Node, Node]
      if (uniformValue(d) !== 1 || v.dtype !== node.dtype) return undefined
      return as(expanded(call(add, [v, number(0, v.dtype)]), node.shape), node)
    },
  },
  {
    name: 'weighFinite',
    formula: 'weigh(v, d) = v d, but for the sign of 0, where no d is NaN or infinite',
    at: [weigh],
    upToZeroSigns: true,
    rewrite: node => (isAlwaysFinite(node.inputs[1]!) ? call(mul, node.inputs) : undefined),
  },
  {
    name: 'slopeOfFinite',
    formula: 'weighSlope(v, d) = d, where no d is NaN or infinite',
    at: [weighSlope],
    rewrite: node => (isAlwaysFinite(node.inputs[1]!) ? as(node.inputs[1]!, node) : undefined),
  },
]
