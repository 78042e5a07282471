// Strides, transposes and batches as calls of BLAS: against the reference loops, by the laws of matmul, and their gradients.

import { stopBlas, useBlas } from '@adjoint/blas'
import { matmul, Rng, type Tensor, tensor, zeros } from '@adjoint/core'
import {
  allocate,
  apply,
  type BilinearPrimitive,
  type Kernel,
  NO_ATTRIBUTES,
  provideKernel,
  viewOf,
} from '@adjoint/core/engine'
import { checkGradients } from '@adjoint/testing'
import { checkLaws, lawsOf } from '@adjoint/testing/laws'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { matmulKernel } from '../src/matmulKernel.ts'
import { LOOPS, PRODUCTS, withLibrary } from './support.ts'

afterEach(stopBlas)

type FloatType = 'float32' | 'float64'

/** Rounding to the nearest, relative. */
const UNIT = { float32: 2 ** -24, float64: 2 ** -53 } as const

type Operands = {
  readonly x: Tensor
  readonly y: Tensor
}

/** A matrix, or a batch of them, somewhere in memory: transposed, a part of larger rows, with gaps, flipped, repeated. */
function operand(shape: readonly number[], dtype: FloatType, layout: Layout, rng: Rng): Tensor {
  const rank = shape.length
  const axes = shape.map((_, axis) => axis)
  const swapped = [...axes.slice(0, -2), rank - 1, rank - 2]
  switch (layout) {
    case 'compact':
      return rng.normal(shape, { dtype })
    case 'transposed':
      return rng
        .normal(
          swapped.map(axis => shape[axis]!),
          { dtype },
        )
        .permute(swapped)
    case 'part': {
      const larger = rng.normal([...shape.slice(0, -1), shape[rank - 1]! + 5], { dtype })
      return viewOf(larger, shape, larger.strides, larger.offset + 3)
    }
    case 'gaps': {
      const larger = rng.normal([...shape.slice(0, -1), 2 * shape[rank - 1]!], { dtype })
      const strides = larger.strides.map((stride, axis) => (axis === rank - 1 ? 2 : stride))
      return viewOf(larger, shape, strides, larger.offset)
    }
    case 'flipped': {
      const forward = rng.normal(shape, { dtype })
      const strides = forward.strides.map((stride, axis) => (axis === rank - 2 ? -stride : stride))
      return viewOf(
        forward,
        shape,
        strides,
        forward.offset + (shape[rank - 2]! - 1) * forward.strides[rank - 2]!,
      )
    }
    case 'repeated': {
      const one = rng.normal([...shape.slice(0, -2), 1, shape[rank - 1]!], { dtype })
      return one.expand(shape)
    }
    case 'heads':
      // [..., rows, heads, columns] seen as [..., heads, rows, columns], as attention does.
      return rank < 3
        ? rng.normal(shape, { dtype })
        : rng
            .normal([...shape.slice(0, -3), shape[rank - 2]!, shape[rank - 3]!, shape[rank - 1]!], { dtype })
            .permute([...axes.slice(0, -3), rank - 2, rank - 3, rank - 1])
  }
}

const LAYOUTS = ['compact', 'transposed', 'part', 'gaps', 'flipped', 'repeated', 'heads'] as const
type Layout = (typeof LAYOUTS)[number]

const size = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 40 }), fc.constant(1))

const operands = (dtype: FloatType): fc.Arbitrary<Operands> =>
  fc
    .record({
      m: size,
      n: size,
      k: size,
      batch: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
      leftAlone: fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }),
      rightAlone: fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }),
      dropped: fc.nat(2),
      rightDropped: fc.boolean(),
      left: fc.constantFrom(...LAYOUTS),
      right: fc.constantFrom(...LAYOUTS),
      seed: fc.nat(),
    })
    .map(({ m, n, k, batch, leftAlone, rightAlone, dropped, rightDropped, left, right, seed }) => {
      const rng = new Rng(seed)
      const some = (alone: readonly boolean[], drop: number) =>
        batch.map((length, axis) => (alone[axis] ? 1 : length)).slice(Math.min(drop, batch.length))
      return {
        x: operand([...some(leftAlone, rightDropped ? 0 : dropped), m, k], dtype, left, rng),
        y: operand([...some(rightAlone, rightDropped ? dropped : 0), k, n], dtype, right, rng),
      }
    })

/** The result of a kernel, which writes to nothing else, `undefined` when it left the call alone. */
function run(kernel: Kernel, x: Tensor, y: Tensor, shape: readonly number[]): Tensor | undefined {
  const out = allocate(shape, x.dtype)
  const outside = (): Buffer[] =>
    [x, y, out].map(({ storage }) => {
      const copy = storage.slice()
      if (storage === out.storage) copy.fill(0, out.offset, out.offset + out.size)
      return Buffer.from(copy.buffer)
    })
  const before = outside()
  const isDone = kernel([x, y], out, NO_ATTRIBUTES)
  expect(
    outside().every((bytes, i) => bytes.equals(before[i]!)),
    'only the result is written',
  ).toBe(true)
  if (isDone) return out
  expect(out.data().every(value => value === 0)).toBe(true)
  return undefined
}

const wide = (x: Tensor): Tensor => x.detach().cast('float64')

describe.each(Object.entries(PRODUCTS))('%s', (_, products) => {
  test.each(['float32', 'float64'] as const)(
    'any strides and batches give the reference product in %s',
    dtype => {
      const kernel = matmulKernel<never>(products[dtype] as never, 0)
      let [done, left] = [0, 0]
      fc.assert(
        fc.property(operands(dtype), ({ x, y }) => {
          const expected = matmul(wide(x), wide(y))
          const result = run(kernel, x, y, expected.shape)
          if (result === undefined) {
            left++
            return
          }
          done++
          // |fl(a · b) - a · b| <= γ |a| · |b| with γ = k u / (1 - k u), in any order of summation; twice, because the
          // reference rounds as well.
          const k = x.shape.at(-1)!
          const bound = (2 * k * UNIT[dtype]) / (1 - k * UNIT[dtype])
          const allowed = matmul(wide(x).abs(), wide(y).abs()).mul(bound).data()
          const error = wide(result).sub(expected).abs().data()
          for (let i = 0; i < error.length; i++) expect(error[i]).toBeLessThanOrEqual(allowed[i]!)
        }),
        { numRuns: 300 },
      )
      // Three of the seven layouts have to be copied, which does not pay for few columns.
      expect(done).toBeGreaterThan(left)
    },
  )

  test.each(['float32', 'float64'] as const)(
    'NaN and infinity go where the reference has them in %s',
    dtype => {
      const kernel = matmulKernel<never>(products[dtype] as never, 0)
      const special = fc.constantFrom(
        0,
        1,
        -2,
        3,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
      )
      const matrix = (rows: number, columns: number) =>
        fc
          .array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom(0, 1, -2, 3) }, special), {
            minLength: rows * columns,
            maxLength: rows * columns,
          })
          .map(values => tensor(values, { shape: [rows, columns], dtype }))
      fc.assert(
        fc.property(
          fc.tuple(size, size, size).chain(([m, k, n]) => fc.tuple(matrix(m, k), matrix(k, n))),
          ([x, y]) => {
            const expected = matmul(wide(x), wide(y))
            const result = run(kernel, x, y, expected.shape)
            expect(Array.from(result!.data())).toEqual(Array.from(expected.data()))
          },
        ),
      )
    },
  )

  test('sizes of 0 are done', () => {
    const kernel = matmulKernel(products.float64)
    for (const [m, k, n] of [
      [0, 3, 2],
      [3, 0, 2],
      [3, 2, 0],
    ] as const) {
      const [x, y] = [zeros([m, k], { dtype: 'float64' }), zeros([k, n], { dtype: 'float64' })]
      expect(run(kernel, x, y, [m, n])!.toArray()).toEqual(matmul(x, y).toArray())
    }
  })

  test('the laws of matmul hold, for it and its gradients', () => {
    let [done, left] = [0, 0]
    const kernel = matmulKernel(products.float64, 0)
    const original = matmul.primitive as BilinearPrimitive
    const product = (x: Tensor, y: Tensor): Tensor => apply(primitive, [x, y], NO_ATTRIBUTES)
    const swap = (x: Tensor): Tensor => x.swapAxes(-1, -2)
    const primitive: BilinearPrimitive = {
      ...original,
      adjoints: {
        left: (cotangent, { inputs }) => product(cotangent, swap(inputs[1]!)),
        right: (cotangent, { inputs }) => product(swap(inputs[0]!), cotangent),
      },
      forward: (inputs, attributes) => {
        const expected = original.forward(inputs, attributes)
        const [x, y] = inputs as [Tensor, Tensor]
        if (x.dtype !== 'float64' || y.dtype !== 'float64') return expected
        const result = run(kernel, x, y, expected.shape)
        if (result === undefined) left++
        else done++
        return result ?? expected
      },
    }
    // In float32 a library adds up in float32; its bound is tested above.
    const laws = lawsOf(primitive)
      .map(law => law.name)
      .filter(name => name !== 'float32')
    expect(checkLaws(primitive, { runs: 30, laws }).laws).toEqual(laws)
    expect(done).toBeGreaterThan(left)
  })
})

describe('which calls', () => {
  /** A kernel that notes the calls of the library. */
  function noting(): { readonly kernel: Kernel; readonly calls: string[] } {
    const calls: string[] = []
    const kernel = matmulKernel<Float32Array>(
      {
        matrix: (transA, transB, m, n, k, ...rest) => {
          calls.push(`${transA ? 'T' : 'N'}${transB ? 'T' : 'N'} ${m}x${n}x${k}`)
          LOOPS.matrix(transA, transB, m, n, k, ...rest)
        },
        vector: (trans, rows, columns, ...rest) => {
          calls.push(`vector ${trans ? 'T' : 'N'} ${rows}x${columns}`)
          LOOPS.vector!(trans, rows, columns, ...rest)
        },
      },
      0,
    )
    return { kernel, calls }
  }

  const rng = new Rng(3)
  const transposed = (rows: number, columns: number): Tensor => rng.normal([columns, rows]).transpose()

  test.each<[string, Tensor, Tensor, readonly string[]]>([
    ['plain', rng.normal([4, 5]), rng.normal([5, 6]), ['NN 4x6x5']],
    ['transposed', transposed(4, 5), transposed(5, 6), ['TT 4x6x5']],
    ['a shared matrix on the right', rng.normal([2, 3, 4, 5]), transposed(5, 6), ['NT 24x6x5']],
    ['a shared matrix on the left', rng.normal([4, 5]), rng.normal([2, 5, 6]), ['NN 4x6x5', 'NN 4x6x5']],
    ['a batch', rng.normal([2, 4, 5]), rng.normal([2, 5, 6]), ['NN 4x6x5', 'NN 4x6x5']],
    ['a column', transposed(4, 5), rng.normal([5, 1]), ['vector T 5x4']],
    ['a row', rng.normal([1, 5]), rng.normal([5, 6]), ['vector T 5x6']],
  ])('%s', (_, x, y, expected) => {
    const { kernel, calls } = noting()
    const reference = matmul(x, y)
    const result = run(kernel, x, y, reference.shape)!
    expect(calls).toEqual(expected)
    expect(result.sub(reference).abs().max().item()).toBeLessThan(1e-5)
  })

  test('small matrices are left alone, also many of them', () => {
    const kernel = matmulKernel(LOOPS)
    expect(run(kernel, rng.normal([9, 9]), rng.normal([9, 9]), [9, 9])).toBe(undefined)
    expect(run(kernel, rng.normal([50, 9, 9]), rng.normal([50, 9, 9]), [50, 9, 9])).toBe(undefined)
    expect(run(kernel, rng.normal([50, 9, 9]), rng.normal([9, 9]), [50, 9, 9])).not.toBe(undefined)
  })
})

describe('matmul of tensors', () => {
  withLibrary('is done by the library, first and second derivatives as well', () => {
    let left = 0
    const takeBack = provideKernel('matmul', 'float64', () => {
      left++
      return false
    })
    useBlas()
    const rng = new Rng(1)
    const [x, y] = [rng.normal([2, 17, 18], { dtype: 'float64' }), rng.normal([19, 18], { dtype: 'float64' })]
    const report = checkGradients(
      ({ x, y }: Operands) => matmul(x, y.transpose()).tanh().sum(),
      { x, y },
      {
        order: 2,
      },
    )
    expect(report.passes).toBe(true)
    expect(left).toBe(0)
    stopBlas()
    matmul(x, y.transpose())
    expect(left).toBe(1)
    takeBack()
  })

  withLibrary('has the same bits again and again, wherever its operands lie', ({ float32, float64 }) => {
    for (const [dtype, kernel] of [
      ['float32', matmulKernel(float32)],
      ['float64', matmulKernel(float64)],
    ] as const) {
      const rng = new Rng(5)
      const [x, y] = [rng.normal([67, 131], { dtype }), rng.normal([131, 45], { dtype })]
      const first = run(kernel, x, y, [67, 45])!.data()
      for (const gap of [0, 1, 2, 3, 5, 7]) {
        const elsewhere = allocate([gap + x.size], dtype)
        elsewhere.storage.set(x.data(), elsewhere.offset + gap)
        const moved = viewOf(elsewhere, x.shape, x.strides, elsewhere.offset + gap)
        expect(run(kernel, moved, y, [67, 45])!.data()).toEqual(first)
      }
    }
  })
})
