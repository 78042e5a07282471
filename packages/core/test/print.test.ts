import { inspect } from 'node:util'
import { arange, ones, Parameter, tensor, zeros } from '@adjoint/core'
import { expect, test } from 'vitest'

const text = (...lines: string[]): string => lines.join('\n')

test('whole numbers stand bare, right-aligned', () => {
  expect(String(tensor([1, 20, -3]))).toBe('tensor([ 1, 20, -3], shape [3], float32)')
})

test('rows stand below each other', () => {
  expect(
    String(
      tensor([
        [1, 2.5],
        [-30, 4],
      ]),
    ),
  ).toBe(text('tensor([[  1.0,   2.5],', '        [-30.0,   4.0]], shape [2, 2], float32)'))
})

test('blocks of higher rank are set apart by blank lines', () => {
  expect(String(arange(8).reshape([2, 2, 2]))).toBe(
    text(
      'tensor([[[0, 1],',
      '         [2, 3]],',
      '',
      '        [[4, 5],',
      '         [6, 7]]], shape [2, 2, 2], float32)',
    ),
  )
})

test('four digits after the point at most', () => {
  expect(String(tensor([1 / 3, 2, 0.5]))).toBe('tensor([0.3333, 2.0000, 0.5000], shape [3], float32)')
})

test('0-d and empty', () => {
  expect(String(tensor(3.25))).toBe('tensor(3.25, shape [], float32)')
  expect(String(tensor([]))).toBe('tensor([], shape [0], float32)')
  expect(String(zeros([2, 0, 3]))).toBe('tensor([], shape [2, 0, 3], float32)')
})

test('bool and int32', () => {
  expect(String(tensor([true, false]))).toBe('tensor([ true, false], shape [2], bool)')
  expect(String(tensor([-1, 10], { dtype: 'int32' }))).toBe('tensor([-1, 10], shape [2], int32)')
})

test('NaN and infinities', () => {
  expect(String(tensor([Number.NaN, 1.5, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]))).toBe(
    'tensor([      NaN,       1.5, -Infinity,  Infinity], shape [4], float32)',
  )
  expect(String(tensor(Number.NaN))).toBe('tensor(NaN, shape [], float32)')
})

test('powers of ten when the range asks for them', () => {
  expect(String(tensor([1e-10, 1, 0], { dtype: 'float64' }))).toBe(
    'tensor([1.0000e-10,  1.0000e+0,          0], shape [3], float64)',
  )
  expect(String(tensor(1.5e300, { dtype: 'float64' }))).toBe('tensor(1.5000e+300, shape [], float64)')
})

test('long axes show their ends', () => {
  expect(String(arange(1001))).toBe(
    'tensor([   0,    1,    2, ...,  998,  999, 1000], shape [1001], float32)',
  )
  expect(String(arange(10_000).reshape([100, 100]))).toBe(
    text(
      'tensor([[   0,    1,    2, ...,   97,   98,   99],',
      '        [ 100,  101,  102, ...,  197,  198,  199],',
      '        [ 200,  201,  202, ...,  297,  298,  299],',
      '        ...,',
      '        [9700, 9701, 9702, ..., 9797, 9798, 9799],',
      '        [9800, 9801, 9802, ..., 9897, 9898, 9899],',
      '        [9900, 9901, 9902, ..., 9997, 9998, 9999]], shape [100, 100], float32)',
    ),
  )
})

test('exactly a thousand elements are all shown', () => {
  expect(String(arange(1000))).not.toContain('...')
})

test('many short axes print too', () => {
  const printed = String(zeros(Array.from({ length: 17 }, () => 2)))
  expect(printed.endsWith(`shape [${Array(17).fill(2).join(', ')}], float32)`)).toBe(true)
})

test('views print what they show', () => {
  expect(String(arange(6).reshape([2, 3]).transpose())).toBe(
    text('tensor([[0, 3],', '        [1, 4],', '        [2, 5]], shape [3, 2], float32)'),
  )
})

test('the name, and whether gradients are wanted', () => {
  expect(String(new Parameter(ones([2]), 'w'))).toBe("tensor([1, 1], shape [2], float32, 'w', requires grad)")
  expect(`${tensor(1).named('one')}`).toBe("tensor(1, shape [], float32, 'one')")
})

test('console.log in Node shows the same text', () => {
  const x = tensor([[1, 2]])
  expect(inspect(x)).toBe(String(x))
  expect(inspect({ x })).toContain('tensor([[1, 2]], shape [1, 2], float32)')
})
