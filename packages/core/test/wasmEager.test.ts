// The WebAssembly kernels of eager code, maps and reductions, against the reference loops: layouts, sizes around the borders
// of the parts in which they work, special values.
import {
  add,
  argmax,
  argmin,
  clip,
  equal,
  expand,
  logSoftmax,
  logSumExp,
  matrixTranspose,
  max,
  maximum,
  mean,
  min,
  mul,
  neg,
  permute,
  relu,
  reshape,
  slice,
  softmax,
  sum,
  type Tensor,
  tanh,
  tensor,
  where,
} from '@adjoint/core/functional'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Kernel } from '../src/backend/kernels.ts'
import { mapKernel } from '../src/backend/wasmKernels/maps.ts'
import {
  positionKernel,
  REDUCTIONS,
  reductionKernel,
  softmaxKernel,
} from '../src/backend/wasmKernels/reductions.ts'
import type { Primitive } from '../src/tensor/node.ts'
import { allocate } from '../src/tensor/tensor.ts'
import { MAP_ELEMENTS } from '../src/wasm/eagerMap.ts'
import { ROW_ELEMENTS } from '../src/wasm/eagerRows.ts'
import { ulpDistance } from './support.ts'

// Nothing is provided here (only the index does that): the ops below are the reference.

interface Found {
  /** Undefined when the kernel left the call alone. */
  readonly found: Tensor | undefined
  readonly expected: Tensor
}

function both(
  op: unknown,
  kernel: Kernel,
  inputs: readonly Tensor[],
  attributes: Readonly<Record<string, unknown>> = {},
): Found {
  const { primitive } = op as { readonly primitive: Primitive }
  const expected = primitive.forward(inputs, attributes)
  const out = allocate(expected.shape, expected.dtype)
  const isDone = kernel(inputs, out, attributes)
  return { found: isDone ? out : undefined, expected }
}

function expectWithin({ found, expected }: Found, ulps: number): void {
  expect(found).toBeDefined()
  const [a, b] = [found!.data(), expected.data()]
  for (let i = 0; i < b.length; i++) {
    if (Object.is(a[i], b[i])) continue
    const distance = ulpDistance(a[i]!, b[i]!, expected.dtype)
    if (!(distance <= ulps)) throw new Error(`element ${i}: ${a[i]} instead of ${b[i]}`)
  }
}

let seed = 1
function random(): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return seed / 2 ** 32
}

function numbers(shape: readonly number[], dtype: 'float32' | 'float64' = 'float32', scale = 4): Tensor {
  const size = shape.reduce((a, b) => a * b, 1)
  const values = Array.from({ length: size }, () => scale * (random() + random() - 1))
  return reshape(tensor(values, { dtype }), shape)
}

const size = fc.integer({ min: 1, max: 60 })
const dtype = fc.constantFrom('float32' as const, 'float64' as const)

describe('maps', () => {
  const borders = [1, 2, 3, 5, MAP_ELEMENTS - 1, MAP_ELEMENTS, MAP_ELEMENTS + 1, 3 * MAP_ELEMENTS + 7]

  test.each(borders)('%i elements', count => {
    const x = numbers([count])
    expectWithin(both(tanh, mapKernel('tanh', 1), [x]), 3)
    expectWithin(both(add, mapKernel('add', 1), [x, numbers([count])]), 0)
    const [wide, other] = [numbers([count], 'float64'), numbers([count], 'float64')]
    expectWithin(both(mul, mapKernel('mul', 1), [wide, other]), 0)
    expectWithin(both(equal, mapKernel('equal', 1), [x, where(tensor(true), x, 0)]), 0)
    const condition = equal(relu(x), 0)
    expectWithin(both(where, mapKernel('where', 1), [condition, x, neg(x)]), 0)
  })

  test('operands of every layout that broadcasts', () => {
    const kernel = mapKernel('maximum', 1)
    fc.assert(
      fc.property(size, size, size, dtype, fc.nat(8), fc.nat(8), (a, b, c, type, left, right) => {
        const layouts = (): Tensor[] => [
          numbers([a, b, c], type),
          permute(numbers([c, b, a], type), [2, 1, 0]),
          permute(numbers([b, a, c], type), [1, 0, 2]),
          slice(numbers([a + 2, b, c + 1], type), [1, a + 1], [0, b], [1, c + 1]),
          numbers([c], type),
          numbers([b, 1], type),
          numbers([a, 1, c], type),
          numbers([], type),
          expand(numbers([a, 1, 1], type), [a, b, c]),
        ]
        const x = layouts()[left]!
        const y = layouts()[right]!
        expectWithin(both(maximum, kernel, [x, y]), 0)
      }),
      { numRuns: 60 },
    )
  })

  test('rows that repeat across the borders of parts, and rows longer than a part', () => {
    const kernel = mapKernel('mul', 1)
    for (const [rows, columns] of [
      [700, 33],
      [3, 5000],
      [9000, 2],
      [2, MAP_ELEMENTS],
    ] as const) {
      const x = numbers([rows, columns])
      for (const y of [numbers([columns]), numbers([rows, 1]), numbers([])])
        expectWithin(both(mul, kernel, [x, y]), 0)
    }
  })

  test('attributes belong to the kernel: also the sign of a zero', () => {
    const kernel = mapKernel('clip', 1)
    const x = tensor(Float32Array.from({ length: 400 }, (_, i) => (i % 2 ? -0 : -1)))
    for (const low of [-0, 0, -0.5, 0.1])
      expectWithin(both(clip, kernel, [x], { low, high: Number.POSITIVE_INFINITY }), 0)
  })

  test('small results are left alone, and cheap ops with elements far apart', () => {
    expect(both(tanh, mapKernel('tanh', 256), [numbers([255])]).found).toBeUndefined()
    expect(both(tanh, mapKernel('tanh', 256), [numbers([256])]).found).toBeDefined()
    const [x, turned] = [numbers([40, 40]), matrixTranspose(numbers([40, 40]))]
    expect(both(add, mapKernel('add', 1, false), [x, turned]).found).toBeUndefined()
    expect(both(add, mapKernel('add', 1, false), [x, x]).found).toBeDefined()
  })
})

/** Lengths around the borders of pieces, of batches of rows and of tiles of columns. */
const LENGTHS = [16, 17, 23, 64, 1000, 1023, 1024, 1025, 2049, ROW_ELEMENTS - 3, ROW_ELEMENTS + 5, 70_001]

describe('sums', () => {
  const kernel = reductionKernel(REDUCTIONS.sum!, 'float32')

  test.each(LENGTHS)('rows and columns of %i', count => {
    const rows = Math.max(3, Math.floor(20_000 / count))
    for (const [op, name] of [
      [sum, 'sum'],
      [mean, 'mean'],
    ] as const) {
      for (const type of ['float32', 'float64'] as const) {
        const rowKernel = reductionKernel(REDUCTIONS[name]!, type)
        // Terms of one sign: with others a bound relative to the sum means nothing.
        const positive = relu(numbers([rows, count], type))
        const ulps = type === 'float32' ? 1 : 16
        expectWithin(both(op, rowKernel, [positive], { axes: [1], keepDims: false }), ulps)
        expectWithin(both(op, rowKernel, [positive], { axes: [0, 1], keepDims: true }), ulps)
        expectWithin(both(op, rowKernel, [matrixTranspose(positive)], { axes: [0], keepDims: false }), ulps)
      }
      const across = reductionKernel(REDUCTIONS[name]!, 'float32')
      expectWithin(both(op, across, [relu(numbers([rows, count]))], { axes: [0], keepDims: false }), 1)
    }
  })

  test('a million equal terms are exact to rounding', () => {
    const x = tensor(new Float32Array(2 ** 20).fill(0.1))
    const { found } = both(sum, kernel, [x], { axes: [0], keepDims: false })
    expect(found!.item()).toBe(Math.fround(2 ** 20 * Math.fround(0.1)))
  })

  test('middle axes, and neighbours together', () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 16, max: 60 }), fc.integer({ min: 16, max: 60 }), (a, b, c) => {
        const x = relu(numbers([a, b, c]))
        for (const axes of [[1], [2], [1, 2], [0, 1], [0, 1, 2]]) {
          const result = both(sum, kernel, [x], { axes, keepDims: false })
          // The leading axis alone may be too short to be worth it.
          if (result.found !== undefined || axes[axes.length - 1] === 2) expectWithin(result, 1)
        }
      }),
      { numRuns: 20 },
    )
  })

  test('what does not lie together is left alone', () => {
    const x = numbers([20, 30, 40])
    expect(both(sum, kernel, [x], { axes: [0, 2], keepDims: false }).found).toBeUndefined()
    expect(both(sum, kernel, [permute(x, [2, 0, 1])], { axes: [1], keepDims: false }).found).toBeUndefined()
    expect(both(sum, kernel, [x], { axes: [], keepDims: false }).found).toBeUndefined()
  })
})

describe('extremes', () => {
  test.each(LENGTHS)('rows and columns of %i', count => {
    const rows = Math.max(3, Math.floor(20_000 / count))
    for (const [op, name] of [
      [max, 'max'],
      [min, 'min'],
    ] as const) {
      const kernel = reductionKernel(REDUCTIONS[name]!, 'float32')
      const x = numbers([rows, count])
      for (const axes of [[0], [1], [0, 1]]) {
        const result = both(op, kernel, [x], { axes, keepDims: false })
        if (axes.length > 1 || axes[0] === 1 || result.found !== undefined) expectWithin(result, 0)
      }
      const place = positionKernel(name)
      expectWithin(both(name === 'max' ? argmax : argmin, place, [x], { axes: [1], keepDims: false }), 0)
    }
  })

  test('NaN wins, and infinities count', () => {
    const values = new Float32Array(40 * 50).map(() => random())
    values[3 * 50 + 7] = Number.NaN
    values[5 * 50 + 9] = Number.NEGATIVE_INFINITY
    values[5 * 50 + 11] = Number.POSITIVE_INFINITY
    values.fill(Number.NEGATIVE_INFINITY, 8 * 50, 9 * 50)
    const x = reshape(tensor(values), [40, 50])
    for (const axes of [[0], [1], [0, 1]]) {
      for (const [op, name] of [
        [max, 'max'],
        [min, 'min'],
      ] as const) {
        const result = both(op, reductionKernel(REDUCTIONS[name]!, 'float32'), [x], { axes, keepDims: false })
        expectWithin(result, 0)
      }
    }
    for (const [op, kind] of [
      [argmax, 'max'],
      [argmin, 'min'],
    ] as const)
      expectWithin(both(op, positionKernel(kind), [x], { axes: [1], keepDims: false }), 0)
  })
})

describe('softmax and its relatives', () => {
  const KERNELS = [
    ['softmax', softmax, softmaxKernel('softmax')],
    ['logSoftmax', logSoftmax, softmaxKernel('logSoftmax')],
    ['logSumExp', logSumExp, reductionKernel(REDUCTIONS.logSumExp!, 'float32')],
  ] as const

  test.each(KERNELS)('%s of rows of any length', (_, op, kernel) => {
    for (const count of LENGTHS.filter(length => length <= ROW_ELEMENTS / 2)) {
      const x = numbers([Math.max(3, Math.floor(9000 / count)), count])
      // Elements lie within 8 of the largest: their differences round by a quarter of a unit of 8, 2 units of the result.
      expectWithin(both(op, kernel, [x], { axes: [1], keepDims: false }), 8)
    }
  })

  test.each(KERNELS)('%s of infinities and NaN', (_, op, kernel) => {
    const values = new Float32Array(6 * 20).map(() => 4 * random())
    values[3] = Number.NaN
    values[20 + 5] = Number.NEGATIVE_INFINITY
    values[40 + 6] = Number.POSITIVE_INFINITY
    values.fill(Number.NEGATIVE_INFINITY, 60, 80)
    values[80] = 1000
    values[100] = -1000
    expectWithin(both(op, kernel, [reshape(tensor(values), [6, 20])], { axes: [1], keepDims: false }), 8)
  })

  test('probabilities of a row add up to 1, also far apart', () => {
    const x = numbers([64, 1000], 'float32', 60)
    const { found } = both(softmax, softmaxKernel('softmax'), [x], { axes: [1] })
    for (const total of sum(found!, 1).data()) expect(Math.abs(total - 1)).toBeLessThan(1e-6)
  })

  test('another axis, and rows that are too long, are left alone', () => {
    expect(both(softmax, softmaxKernel('softmax'), [numbers([40, 50])], { axes: [0] }).found).toBeUndefined()
    const long = numbers([2, ROW_ELEMENTS])
    expect(both(softmax, softmaxKernel('softmax'), [long], { axes: [1] }).found).toBeUndefined()
  })
})
