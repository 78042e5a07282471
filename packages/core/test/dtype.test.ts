import { readFileSync } from 'node:fs'
import * as functional from '@adjoint/core'
import {
  add,
  type DType,
  exp,
  full,
  greater,
  jvp,
  matmul,
  mean,
  mul,
  promote,
  relu,
  sum,
  type Tensor,
  tensor,
  where,
  withDefaultDType,
} from '@adjoint/core'
import type { Draw, InputSample, KnownPrimitive } from '@adjoint/core/engine'
import { describe, expect, test } from 'vitest'
import { errorOf } from './support.ts'

const one = (dtype: DType): Tensor<[1, 1]> => full([1, 1], 1, { dtype })

describe('promotion', () => {
  const table: readonly [DType, DType, DType][] = [
    ['bool', 'bool', 'bool'],
    ['bool', 'int32', 'int32'],
    ['bool', 'float32', 'float32'],
    ['bool', 'float64', 'float64'],
    ['int32', 'int32', 'int32'],
    ['int32', 'float32', 'float32'],
    ['int32', 'float64', 'float64'],
    ['float32', 'float32', 'float32'],
    ['float32', 'float64', 'float64'],
    ['float64', 'float64', 'float64'],
  ]
  test.each(table)('%s with %s gives %s', (left, right, result) => {
    expect(promote(left, right)).toBe(result)
    expect(promote(right, left)).toBe(result)
    const number = result === 'bool' ? 'int32' : result
    const ops: readonly ((x: Tensor, y: Tensor) => Tensor)[] = [add, mul, matmul]
    for (const op of ops) {
      expect(op(one(left), one(right)).dtype).toBe(number)
      expect(op(one(right), one(left)).dtype).toBe(number)
    }
    expect(greater(one(left), one(right)).dtype).toBe('bool')
    expect(where(tensor(true), one(left), one(right)).dtype).toBe(result)
  })

  test.each([
    ['bool', 'int32', 'float32', 'int32', 'float32'],
    ['int32', 'int32', 'float32', 'int32', 'float32'],
    ['float32', 'float32', 'float32', 'float32', 'float32'],
    ['float64', 'float64', 'float64', 'float64', 'float64'],
  ] as const)('of %s: relu %s, exp %s, sum %s, mean %s', (dtype, number, floating, total, average) => {
    const x = one(dtype)
    expect([relu(x), exp(x), sum(x), mean(x)].map(result => result.dtype)).toEqual([
      number,
      floating,
      total,
      average,
    ])
  })
})

const DTYPES: readonly DType[] = ['bool', 'int32', 'float32', 'float64']
const page = readFileSync(new URL('../../../docs/reference/dtypes.md', import.meta.url), 'utf8')

/** The cells of the table of the page whose first column has this title, without backquotes. */
function tableOf(title: string): string[][] {
  const lines = page.split('\n')
  const start = lines.findIndex(line => line.startsWith(`| ${title} `))
  const end = lines.findIndex((line, i) => i > start && !line.startsWith('|'))
  return lines.slice(start, end).map(line =>
    line
      .slice(1, -1)
      .split('|')
      .map(cell => cell.trim().replaceAll(/[`*]/g, '')),
  )
}

/** The smallest calls of a primitive. */
const smallest: Draw = {
  shape: (minimumRank, maximumRank) => new Array(Math.max(minimumRank, Math.min(1, maximumRank))).fill(2),
  integer: (minimum, maximum) => Math.min(maximum, Math.max(minimum, 2)),
  boolean: () => false,
  axes: rank => Array.from({ length: rank }, (_, axis) => axis),
  broadcastable: shape => [...shape],
}

/** A call of a primitive on inputs of these dtypes; inputs that have a dtype of their own keep it. */
function dtypeOfCall(primitive: KnownPrimitive, dtypes: (input: number) => DType): DType {
  const { inputs, attributes } = primitive.sample(smallest)
  const ready = inputs.map((input, i) => inputOf(input, dtypes(i)))
  return primitive.forward(ready, attributes).dtype
}

function inputOf({ shape, dtype, below, matrix }: InputSample, wanted: DType): Tensor {
  if (dtype !== undefined || below !== undefined) return functional.zeros(shape, { dtype: dtype ?? 'int32' })
  if (matrix === undefined) return functional.ones(shape, { dtype: wanted })
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!]
  return functional.expand(functional.eye(rows, columns, { dtype: wanted }), shape)
}

const ops = Object.entries(functional).flatMap(([name, value]) =>
  typeof value === 'function' && 'primitive' in value && name !== 'cast'
    ? [[name, value.primitive as KnownPrimitive] as const]
    : [],
)

describe('the tables of docs/reference/dtypes.md', () => {
  test('promotion', () => {
    const [head, , ...rows] = tableOf(' ')
    expect(head!.slice(1)).toEqual(DTYPES)
    expect(rows).toEqual(DTYPES.map(left => [left, ...DTYPES.map(right => promote(left, right))]))
  })

  test('the dtype of every op', () => {
    const found = new Map<string, string[]>()
    for (const [name, primitive] of ops) {
      const results = DTYPES.map(dtype => dtypeOfCall(primitive, () => dtype)).join(', ')
      found.set(results, [...(found.get(results) ?? []), name])
    }
    const rows = [...found].map(([results, names]) => [...results.split(', '), names.sort().join(', ')])
    const order = (row: readonly string[]): string => row.slice(0, 4).join()
    rows.sort((a, b) => (order(a) < order(b) ? -1 : 1))
    const listed = tableOf('of bool').slice(2)
    expect(listed, `the page should say\n${rows.map(row => `| ${row.join(' | ')} |`).join('\n')}`).toEqual(
      rows,
    )
  })

  test('two operands meet in the promoted dtype first, whatever the pair', () => {
    const tested = ops.filter(([, primitive]) => {
      const { inputs } = primitive.sample(smallest)
      return (
        inputs.length === 2 && inputs.every(input => input.dtype === undefined && input.below === undefined)
      )
    })
    expect(tested.length).toBeGreaterThan(20)
    for (const [name, primitive] of tested) {
      for (const left of DTYPES) {
        for (const right of DTYPES) {
          const met = dtypeOfCall(primitive, input => (input === 0 ? left : right))
          const alike = dtypeOfCall(primitive, () => promote(left, right))
          expect(met, `${name} of ${left} and ${right}`).toBe(alike)
        }
      }
    }
  })

  test('plain numbers', () => {
    const whole = [0, 1, -7, 2 ** 31 - 1, 1 - 2 ** 31]
    const others = [0.5, 2 ** 31, -(2 ** 31), Number.NaN, Number.POSITIVE_INFINITY]
    const rows = DTYPES.map(dtype => [
      dtype,
      ...[whole, others].map(numbers => {
        const results = numbers.flatMap(value => [add(one(dtype), value).dtype, add(value, one(dtype)).dtype])
        return [...new Set(results)].join(' or ')
      }),
    ])
    expect(tableOf('beside').slice(2)).toEqual(rows)
  })
})

test('int32 results wrap around, what is no number becomes 0', () => {
  const largest = full([1], 2 ** 31 - 1, { dtype: 'int32' })
  expect(add(largest, 1).toArray()).toEqual([-(2 ** 31)])
  expect(mul(largest, 2).toArray()).toEqual([-2])
  expect(sum(tensor([2 ** 31 - 1, 1], { dtype: 'int32' })).item()).toBe(-(2 ** 31))
  expect(
    tensor([3e9, -1.5, Number.NaN, Number.POSITIVE_INFINITY], { dtype: 'float64' }).cast('int32').toArray(),
  ).toEqual([3e9 - 2 ** 32, -1, 0, 0])
})

test('plain numbers take the dtype of the tensor they meet, unless it cannot hold them', () => {
  const results = (['bool', 'int32', 'float32', 'float64'] as const).map(dtype => [
    one(dtype).add(2).dtype,
    one(dtype).add(0.5).dtype,
    mul(3, one(dtype)).dtype,
  ])
  expect(results).toEqual([
    ['int32', 'float32', 'int32'],
    ['int32', 'float32', 'int32'],
    ['float32', 'float32', 'float32'],
    ['float64', 'float64', 'float64'],
  ])
  expect(one('float64').mul(0.1).item()).toBe(0.1)
  expect(one('float32').mul(0.1).item()).toBe(Math.fround(0.1))
})

test('cast', () => {
  const x = tensor([-1.7, 0, 2.5])
  expect(x.cast('int32').toArray()).toEqual([-1, 0, 2])
  expect(x.cast('bool').toArray()).toEqual([true, false, true])
  expect(x.cast('float32')).toBe(x)
  expect(tensor([true, false]).cast('float64').toArray()).toEqual([1, 0])
  expect(tensor([1], { requiresGrad: true }).cast('int32').requiresGrad).toBe(false)
})

test('a gradient has the dtype of its tensor', () => {
  const single = tensor([1, 2], { requiresGrad: true })
  const double = tensor([3, 4], { dtype: 'float64', requiresGrad: true })
  single.mul(double).sum().backward()
  expect([single.grad?.dtype, double.grad?.dtype]).toEqual(['float32', 'float64'])
  expect(single.grad?.toArray()).toEqual([3, 4])
})

describe('withDefaultDType', () => {
  test('holds inside the call only, nested and after an error too', () => {
    const seen: DType[] = []
    const look = () => seen.push(tensor(1).dtype)
    withDefaultDType('float64', () => {
      look()
      withDefaultDType('float32', look)
      look()
    })
    look()
    expect(() =>
      withDefaultDType('float64', () => {
        throw new Error('stop')
      }),
    ).toThrow('stop')
    look()
    expect(seen).toEqual(['float64', 'float32', 'float64', 'float32', 'float32'])
  })

  test('refuses integers', () => {
    expect(errorOf(() => withDefaultDType('int32' as never, () => 1))).toBe(
      'DTypeError: withDefaultDType: the default dtype must be float32 or float64, got int32.',
    )
  })
})

test('a gradient is as precise as the op, also beside whole numbers and float32', () => {
  const third = 1 / 3
  for (const dtype of ['int32', 'float32'] as const) {
    const n = tensor([3], { dtype })
    const x = tensor([2], { dtype: 'float64', requiresGrad: true })
    x.div(n).sum().backward()
    expect(x.grad!.toArray()).toEqual([third])
    x.grad = null
    x.xlogy(n).sum().backward()
    expect(x.grad!.toArray()).toEqual([Math.log(3)])
    x.grad = null
    n.pow(x).sum().backward()
    expect(x.grad!.item()).toBeCloseTo(9 * Math.log(3), 14)
    const { tangent } = jvp((x: Tensor) => x.div(n), x.detach(), tensor([1], { dtype: 'float64' }))
    expect(tangent.toArray()).toEqual([third])
  }
})
