import * as adjoint from '@adjoint/core'
import { type Tensor, tensor, where } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { randomTensor } from './support.ts'

const { NaN: nan, NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number
const infinity = POSITIVE_INFINITY
const SPECIAL = [
  0,
  -0,
  1,
  -1,
  0.5,
  -2.5,
  1e-8,
  -1e-8,
  30,
  -30,
  1e300,
  -1e300,
  infinity,
  NEGATIVE_INFINITY,
  nan,
]

/** Float64 numbers of every kind, and random ones. */
const inputs = new Float64Array([...SPECIAL, ...randomTensor([85], 1).data()])
const others = new Float64Array([...SPECIAL].reverse().concat([...randomTensor([85], 2).data()]))

describe('unary ops agree with plain JavaScript', () => {
  const references: readonly (readonly [string, adjoint.UnaryOp, (x: number) => number])[] = [
    ['abs', adjoint.abs, Math.abs],
    ['cos', adjoint.cos, Math.cos],
    ['exp', adjoint.exp, Math.exp],
    ['expm1', adjoint.expm1, Math.expm1],
    ['log', adjoint.log, Math.log],
    ['log1p', adjoint.log1p, Math.log1p],
    ['neg', adjoint.neg, x => -x],
    ['relu', adjoint.relu, x => Math.max(x, 0)],
    ['sign', adjoint.sign, Math.sign],
    ['sin', adjoint.sin, Math.sin],
    ['sqrt', adjoint.sqrt, Math.sqrt],
    ['square', adjoint.square, x => x * x],
    ['tanh', adjoint.tanh, Math.tanh],
  ]
  test.each(references)('%s', (_, op, reference) => {
    const x = tensor(inputs)
    expect(op(x).data()).toEqual(inputs.map(reference))
    expect(
      op(x.reshape([10, 10]).transpose())
        .transpose()
        .flatten()
        .data(),
    ).toEqual(inputs.map(reference))
  })

  test('sigmoid and softplus, where the plain formulas are safe', () => {
    const x = randomTensor([1000], 3).mul(5)
    const close = (op: (x: Tensor) => Tensor, reference: (x: number) => number) =>
      op(x)
        .data()
        .forEach((value, i) => {
          const expected = reference(x.data()[i]!)
          expect(Math.abs(value - expected)).toBeLessThanOrEqual(4e-16 * Math.max(1, Math.abs(expected)))
        })
    close(adjoint.sigmoid, value => 1 / (1 + Math.exp(-value)))
    close(adjoint.softplus, value => Math.log(1 + Math.exp(value)))
  })

  test('sigmoid and softplus at the extremes', () => {
    const x = tensor([-1000, -745, 0, 745, 1000, infinity, NEGATIVE_INFINITY, nan], { dtype: 'float64' })
    expect([...x.sigmoid().data()]).toEqual([0, Math.exp(-745), 0.5, 1, 1, 1, 0, nan])
    expect([...x.softplus().data()]).toEqual([0, Math.exp(-745), Math.log(2), 745, 1000, infinity, 0, nan])
  })

  test('leakyRelu and clip', () => {
    const x = tensor(inputs)
    expect(x.leakyRelu(0.1).data()).toEqual(inputs.map(value => (value > 0 ? value : 0.1 * value)))
    expect(x.leakyRelu().data()).toEqual(inputs.map(value => (value > 0 ? value : 0.01 * value)))
    const between = (low: number, high: number) => inputs.map(value => Math.min(high, Math.max(low, value)))
    expect(x.clip({ low: -0.5, high: 2 }).data()).toEqual(between(-0.5, 2))
    expect(x.clip({ low: 0.25 }).data()).toEqual(between(0.25, infinity))
    expect(x.clip({ high: 0.25 }).data()).toEqual(between(NEGATIVE_INFINITY, 0.25))
    expect(x.clip({}).data()).toEqual(inputs)
  })
})

describe('binary ops agree with plain JavaScript', () => {
  const references: readonly (readonly [string, adjoint.BinaryOp, (x: number, y: number) => number])[] = [
    ['add', adjoint.add, (x, y) => x + y],
    ['sub', adjoint.sub, (x, y) => x - y],
    ['mul', adjoint.mul, (x, y) => x * y],
    ['div', adjoint.div, (x, y) => x / y],
    ['maximum', adjoint.maximum, Math.max],
    ['minimum', adjoint.minimum, Math.min],
  ]
  test.each(references)('%s', (_, op, reference) => {
    expect(op(tensor(inputs), tensor(others)).data()).toEqual(inputs.map((x, i) => reference(x, others[i]!)))
    expect(op(tensor(inputs), 0.75).data()).toEqual(inputs.map(x => reference(x, 0.75)))
    expect(op(0.75, tensor(inputs)).data()).toEqual(inputs.map(x => reference(0.75, x)))
  })

  const comparisons: readonly (readonly [string, adjoint.BinaryOp, (x: number, y: number) => boolean])[] = [
    ['equal', adjoint.equal, (x, y) => x === y],
    ['notEqual', adjoint.notEqual, (x, y) => x !== y],
    ['less', adjoint.less, (x, y) => x < y],
    ['lessEqual', adjoint.lessEqual, (x, y) => x <= y],
    ['greater', adjoint.greater, (x, y) => x > y],
    ['greaterEqual', adjoint.greaterEqual, (x, y) => x >= y],
  ]
  test.each(comparisons)('%s', (_, op, reference) => {
    expect(op(tensor(inputs), tensor(others)).toArray()).toEqual(
      Array.from(inputs, (x, i) => reference(x, others[i]!)),
    )
    expect(op(tensor(inputs), 0).toArray()).toEqual(Array.from(inputs, x => reference(x, 0)))
  })

  test('pow multiplies for small whole exponents and is Math.pow otherwise', () => {
    const x = tensor(inputs)
    const exact: Readonly<Record<number, (x: number) => number>> = {
      2: x => x * x,
      3: x => x * x * x,
      [-1]: x => 1 / x,
    }
    for (const [exponent, reference] of Object.entries(exact))
      expect(x.pow(Number(exponent)).data()).toEqual(inputs.map(reference))
    for (const exponent of [0, 0.5, 1, 1.7, 7, -3])
      expect(x.pow(exponent).data()).toEqual(inputs.map(value => value ** exponent))
    // Powers of ±1 as IEEE 754 has them, where JavaScript says NaN.
    const ieee = (value: number, exponent: number) =>
      value === 1 || (value === -1 && exponent === infinity) ? 1 : value ** exponent
    for (const exponent of [infinity, nan])
      expect(x.pow(exponent).data()).toEqual(inputs.map(value => ieee(value, exponent)))
    expect(tensor([2, 3], { dtype: 'int32' }).pow(5).toArray()).toEqual([32, 243])
  })

  test('int32 wraps like a 32-bit machine', () => {
    const x = tensor([2 ** 31 - 1, -(2 ** 31)], { dtype: 'int32' })
    expect(x.add(1).toArray()).toEqual([-(2 ** 31), -(2 ** 31) + 1])
    expect(x.sub(1).toArray()).toEqual([2 ** 31 - 2, 2 ** 31 - 1])
  })
})

describe('where', () => {
  test('chooses element by element, and broadcasts three ways', () => {
    const condition = tensor([[true], [false]])
    expect(where(condition, tensor([1, 2]), tensor([10, 20])).toArray()).toEqual([
      [1, 2],
      [10, 20],
    ])
    expect(where(tensor([true, false]), 1, 0).toArray()).toEqual([1, 0])
  })

  test('gives the branch that is not taken a gradient of exactly 0', () => {
    const x = tensor([4, 0, -1], { requiresGrad: true })
    where(x.greater(0), x.sqrt().add(x.log()), x.mul(2)).sum().backward()
    expect(x.grad?.toArray()).toEqual([0.5, 2, 2])
  })
})

describe('kinks', () => {
  const slope = (f: (x: Tensor) => Tensor, at: number): number => {
    const x = tensor(at, { dtype: 'float64', requiresGrad: true })
    f(x).backward()
    return x.grad!.item()
  }
  test.each([
    ['relu', slope(x => x.relu(), 0), 0],
    ['leakyRelu', slope(x => x.leakyRelu(0.25), 0), 0.25],
    ['abs', slope(x => x.abs(), 0), 0],
    ['sign', slope(x => x.sign().add(x.mul(0)), 0), 0],
    ['clip at its bound', slope(x => x.clip({ low: 0, high: 1 }), 1), 1],
    ['clip beyond', slope(x => x.clip({ low: 0, high: 1 }), 1.5), 0],
    ['maximum, tie between tensors', slope(x => x.maximum(tensor(3)), 3), 0.5],
    ['minimum, tie between tensors', slope(x => x.minimum(tensor(3)), 3), 0.5],
    ['maximum, tie beside a number', slope(x => x.maximum(3), 3), 0],
    ['minimum, tie beside a number', slope(x => x.minimum(3), 3), 0],
    ['sqrt at 0', slope(x => x.sqrt(), 0), infinity],
    ['sqrt at 0, times 0', slope(x => x.sqrt().mul(0), 0), 0],
    ['log at 0, times 0', slope(x => x.log().mul(0), 0), 0],
    ['x^0 at 0', slope(x => x.pow(0), 0), 0],
    ['x^1 at 0', slope(x => x.pow(1), 0), 1],
    ['x^2 at 0', slope(x => x.pow(2), 0), 0],
    ['0^y', slope(y => adjoint.pow(0, y), 2), 0],
  ])('%s', (_, actual, expected) => expect(actual).toBe(expected))

  test('strictNaN restores the products of IEEE', () => {
    expect(adjoint.strictNaN(() => slope(x => x.sqrt().mul(0), 0))).toBeNaN()
  })
})
