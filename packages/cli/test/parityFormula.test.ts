// The language in which cases say their functions.
import { grad, type Tensor, tensor } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { NotCovered } from '../src/parity/errors.ts'
import { formulaOf } from '../src/parity/formula.ts'

const float64 = (values: number | number[]): Tensor => tensor(values as number[], { dtype: 'float64' })

describe('a formula', () => {
  const x = float64([2, 3, 5])
  test.each([
    ['sum(x^2)', 38],
    ['-x[0]^2', -4],
    ['2^-x[0]', 0.25],
    ['1 - 2 - 3 * 4 / 6', -3],
    ['2 ** 3 ** 2 + 0 * x0', 512],
    ['(1 + 2) * x2', 15],
    ['sum(x_i * x_j)', 100],
    ['sum(outer(x, x) - x_i * x_j)', 0],
    ['x @ x', 38],
    ['x^T x * 2', 76],
    ['norm2(x)^2', 38],
    ['prod(x) / 3e1', 1],
    ['rosenbrock: sum_i 100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2', 100 + 1 + 1600 + 4],
  ])('%s is %d', (text, value) => {
    expect(formulaOf(text)({ x }).item()).toBeCloseTo(value, 12)
  })

  test('gives vectors and parts of them', () => {
    expect(formulaOf('[x0*x1, x2, 7]')({ x }).toArray()).toEqual([6, 5, 7])
    expect(formulaOf('cumsum(x)[:-1] * flip(x)[1:]')({ x }).toArray()).toEqual([6, 10])
  })

  test('of a matrix and a vector', () => {
    const A = tensor(
      [
        [1, 2],
        [0, 3],
      ],
      { dtype: 'float64' },
    ) as Tensor
    const v = float64([1, 10])
    expect(formulaOf('A @ x')({ A, x: v }).toArray()).toEqual([21, 30])
    expect(formulaOf('A^T x')({ A, x: v }).toArray()).toEqual([1, 32])
    expect(formulaOf('x^T A x * sum(A)')({ A, x: v }).item()).toBe((21 + 300) * 6)
  })

  test('of several numbers, and its gradient', () => {
    const f = formulaOf('x^3*y^2 + exp(z)')
    const slope = grad((y: Tensor) => f({ x: float64(2), y, z: float64(0) }))(float64(3))
    expect(slope.item()).toBe(48)
  })

  test('may be the name of a function', () => {
    expect(formulaOf('square')({ x: float64(3) }).item()).toBe(9)
  })

  test.each([
    '',
    'x +',
    '(x',
    'x)',
    'x[',
    'x[0',
    'sum(x',
    'unknown(x)',
    'q + 1',
    'x ! y',
    'x[0.5]',
    'constructor',
    '#',
    '1 2',
  ])('like %j is not covered', text => {
    expect(() => formulaOf(text)({ x: float64([1, 2]) })).toThrow(NotCovered)
  })
})
