// Matrix products and convolutions in WebAssembly against the reference loops.
import { convolution, grad, matmul, matrixTranspose, Rng, type Tensor } from '@adjoint/core'
import { provideKernel, type Strided } from '@adjoint/core/engine'
import {
  f32x4,
  f64x2,
  hasRelaxedSimd,
  i32,
  ModuleBuilder,
  matrixProduct,
  PAGE_BYTES,
  v128,
  webAssembly,
} from '@adjoint/core/wasm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ConvolutionSettings, convolveBatches } from '../src/backend/convolution.ts'
import { matrixProduct as referenceProduct } from '../src/backend/matrixProduct.ts'
import { convolutionKernel } from '../src/backend/wasmKernels/convolution.ts'
import { matmulKernel, multiply } from '../src/backend/wasmKernels/matrixProduct.ts'
import { MOST_BYTES, memoryOf } from '../src/backend/wasmKernels/memory.ts'

const DTYPES = ['float32', 'float64'] as const
type FloatingType = (typeof DTYPES)[number]
const ARRAYS = { float32: Float32Array, float64: Float64Array }
const ROUNDING = { float32: 2 ** -24, float64: 2 ** -53 }

/** The stated bound on a sum of k products whose absolute values sum up to `total`. */
function boundOf(dtype: FloatingType, k: number, total: number): number {
  // The reference for float64 is itself a sum in float64.
  const roundings =
    (Math.min(k, 256) + Math.ceil(k / 256) + 1 + (dtype === 'float64' ? k : 0)) * ROUNDING[dtype]
  return (roundings / (1 - roundings)) * total
}

/** How the elements of a tensor lie in memory. */
const layouts = fc.record({
  /** The last two axes the other way round. */
  isTransposed: fc.boolean(),
  step: fc.constantFrom(1, 1, 2, 3),
  gap: fc.constantFrom(0, 0, 1, 700),
  isReversed: fc.boolean(),
  offset: fc.constantFrom(0, 1, 5),
})

interface Layout {
  readonly isTransposed: boolean
  readonly step: number
  readonly gap: number
  readonly isReversed: boolean
  readonly offset: number
}

/** A tensor of random numbers; the last axis, or with `isTransposed` the one before, is the closest in memory. */
function laidOut(
  dtype: FloatingType,
  shape: readonly number[],
  layout: Layout,
  rng: Rng,
  value: () => number = () => 2 * rng.next() - 1,
): Strided {
  const order = shape.map((_, axis) => axis).reverse()
  if (layout.isTransposed && order.length > 1) order.unshift(...order.splice(1, 1))
  const strides = shape.map(() => 0)
  let reach = layout.step
  for (const [place, axis] of order.entries()) {
    strides[axis] = reach
    reach = reach * shape[axis]! + (place === 0 ? layout.gap : 0)
  }
  const storage = new ARRAYS[dtype](reach + layout.offset).map(value)
  let { offset } = layout
  if (layout.isReversed) {
    const axis = order[0]!
    offset += strides[axis]! * Math.max(0, shape[axis]! - 1)
    strides[axis] = -strides[axis]!
  }
  const size = shape.reduce((product, length) => product * length, 1)
  return { shape, strides, storage, offset, contiguous: false, size }
}

function resultOf(dtype: FloatingType, shape: readonly number[]): Strided {
  const size = shape.reduce((product, length) => product * length, 1)
  const strides = shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((product, length) => product * length, 1),
  )
  return { shape, strides, storage: new ARRAYS[dtype](size + 3), offset: 3, contiguous: true, size }
}

/** Where the matrix at an index of the batch begins; axes of size 1 are repeated, missing ones in front are ignored. */
function matrixAt({ shape, strides, offset }: Strided, lead: readonly number[]): number {
  const own = lead.slice(lead.length + 2 - shape.length)
  return own.reduce((at, index, axis) => at + (shape[axis] === 1 ? 0 : index * strides[axis]!), offset)
}

/** Compares a product with the sums by the definition. */
function expectProduct(dtype: FloatingType, x: Strided, y: Strided, out: Strided): void {
  const [m, n] = [out.shape.at(-2)!, out.shape.at(-1)!]
  const k = x.shape.at(-1)!
  const [xRow, xColumn] = x.strides.slice(-2) as [number, number]
  const [yRow, yColumn] = y.strides.slice(-2) as [number, number]
  for (let i = 0; i < out.size; i++) {
    const [row, column] = [Math.floor(i / n) % m, i % n]
    let rest = Math.floor(i / (m * n))
    const lead = out.shape.slice(0, -2).map(() => 0)
    for (let axis = lead.length - 1; axis >= 0; axis--) {
      lead[axis] = rest % out.shape[axis]!
      rest = Math.floor(rest / out.shape[axis]!)
    }
    const [xAt, yAt] = [matrixAt(x, lead) + row * xRow, matrixAt(y, lead) + column * yColumn]
    let [sum, total] = [0, 0]
    for (let p = 0; p < k; p++) {
      const product = x.storage[xAt + p * xColumn]! * y.storage[yAt + p * yRow]!
      sum += product
      total += Math.abs(product)
    }
    const got = out.storage[out.offset + i]!
    const isRight = Number.isFinite(sum)
      ? Math.abs(got - sum) <= boundOf(dtype, k, total)
      : Object.is(got, sum)
    if (!isRight) expect.fail(`[${lead}, ${row}, ${column}] of ${x.shape} × ${y.shape} is ${got}, not ${sum}`)
  }
  expect([...out.storage.subarray(0, 3)]).toEqual([0, 0, 0])
}

describe.each(DTYPES)('matmul of %s', dtype => {
  const run = matmulKernel(dtype)
  const size = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 70 }) },
    { weight: 1, arbitrary: fc.constantFrom(0, 255, 256, 257, 300) },
  )

  test('any sizes, strides and offsets', () => {
    fc.assert(
      fc.property(size, size, size, layouts, layouts, fc.nat(), (m, k, n, left, right, seed) => {
        const rng = new Rng(seed)
        const [x, y] = [laidOut(dtype, [m, k], left, rng), laidOut(dtype, [k, n], right, rng)]
        const out = resultOf(dtype, [m, n])
        expect(run([x, y], out, {})).toBe(true)
        expectProduct(dtype, x, y, out)
      }),
      { numRuns: 150 },
    )
  })

  test('batches that broadcast', () => {
    const small = fc.integer({ min: 1, max: 12 })
    const batch = fc.tuple(fc.constantFrom(1, 2, 3), fc.constantFrom(1, 2))
    const which = fc.constantFrom('both', 'left', 'right', 'leftHasNone', 'rightHasNone')
    fc.assert(
      fc.property(
        batch,
        which,
        small,
        small,
        small,
        layouts,
        layouts,
        fc.nat(),
        (lead, repeated, m, k, n, l, r, seed) => {
          const rng = new Rng(seed)
          const one = [1, lead[1]]
          const left = repeated === 'leftHasNone' ? [] : repeated === 'left' ? one : lead
          const right = repeated === 'rightHasNone' ? [] : repeated === 'right' ? one : lead
          const x = laidOut(dtype, [...left, m, k], l, rng)
          const y = laidOut(dtype, [...right, k, n], r, rng)
          const out = resultOf(dtype, [...lead, m, n])
          expect(run([x, y], out, {})).toBe(true)
          expectProduct(dtype, x, y, out)
        },
      ),
      { numRuns: 150 },
    )
  })

  test('NaN and infinities go where they belong, and nowhere else', () => {
    fc.assert(
      fc.property(size, size, size, layouts, layouts, fc.nat(), (m, k, n, left, right, seed) => {
        const rng = new Rng(seed)
        const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
        const value = () => (rng.next() < 0.02 ? values[Math.floor(3 * rng.next())]! : rng.next() - 0.5)
        const [x, y] = [laidOut(dtype, [m, k], left, rng, value), laidOut(dtype, [k, n], right, rng, value)]
        const out = resultOf(dtype, [m, n])
        expect(run([x, y], out, {})).toBe(true)
        expectProduct(dtype, x, y, out)
      }),
      { numRuns: 60 },
    )
  })

  // Larger than what is in memory at a time: over rows, over the inner size, and over columns.
  test.each([
    [3000, 500, 2],
    [3, 9000, 5],
    [2, 4096, 700],
  ])('in parts: %d × %d × %d', (m, k, n) => {
    const rng = new Rng(1)
    const plain = { isTransposed: false, step: 1, gap: 0, isReversed: false, offset: 2 }
    for (const [left, right] of [
      [plain, { ...plain, isTransposed: true }],
      [
        { ...plain, isTransposed: true, isReversed: true },
        { ...plain, step: 2 },
      ],
    ] as const) {
      const [x, y] = [laidOut(dtype, [m, k], left, rng), laidOut(dtype, [k, n], right, rng)]
      const out = resultOf(dtype, [m, n])
      expect(run([x, y], out, {})).toBe(true)
      expectProduct(dtype, x, y, out)
    }
  })

  test('the same bits for every layout, and for a part as for the whole', () => {
    const rng = new Rng(3)
    const [m, k, n] = [61, 300, 53]
    const plain = { isTransposed: false, step: 1, gap: 0, isReversed: false, offset: 0 }
    const [x, y] = [laidOut(dtype, [m, k], plain, rng), laidOut(dtype, [k, n], plain, rng)]
    const whole = resultOf(dtype, [m, n])
    run([x, y], whole, {})
    const turned = laidOut(dtype, [k, n], { ...plain, isTransposed: true }, rng)
    for (let i = 0; i < k; i++) for (let j = 0; j < n; j++) turned.storage[i + j * k] = y.storage[i * n + j]!
    const other = resultOf(dtype, [m, n])
    run([x, turned], other, {})
    expect(other.storage).toEqual(whole.storage)
    const part = resultOf(dtype, [7, n])
    run([{ ...x, shape: [7, k], offset: 10 * k, size: 7 * k }, y], part, {})
    expect(part.storage.subarray(3)).toEqual(whole.storage.subarray(3 + 10 * n, 3 + 17 * n))
  })
})

test('matmul and its gradient ask the kernel of the package itself', () => {
  const rng = new Rng(1)
  const [x, y] = [rng.normal([4, 60, 50]), rng.normal([50, 40])]
  const loss = (a: Tensor, b: Tensor): Tensor => (matmul(a, b) as Tensor).sin().sum()
  const fast = [grad((a: Tensor) => loss(a, y))(x), grad((b: Tensor) => loss(x, b))(y)]
  const takeBack = provideKernel('matmul', 'float32', ([a, b], out) => {
    const [m, k, n] = [a!.shape.at(-2)!, a!.shape.at(-1)!, b!.shape.at(-1)!]
    for (let i = 0; i * m * n < out.size; i++) {
      const [aAt, bAt] = [a!, b!].map(z => z.offset + (z.shape.length > 2 ? i * z.strides[0]! : 0))
      referenceProduct(m, k, n, a!, aAt!, b!, bAt!, out, out.offset + i * m * n)
    }
    return true
  })
  const slow = [grad((a: Tensor) => loss(a, y))(x), grad((b: Tensor) => loss(x, b))(y)]
  takeBack()
  for (const [i, gradient] of fast.entries()) {
    const distance = gradient.sub(slow[i]!).abs().max().item()
    expect(distance).toBeLessThan(1e-3)
    expect(distance).toBeGreaterThan(0)
  }
  expect(matmul(x, matrixTranspose(rng.normal([40, 50]))).shape).toEqual([4, 60, 40])
})

describe('memory', () => {
  test('no more than stated, and none for more', () => {
    expect(memoryOf(MOST_BYTES + 1)).toBeUndefined()
    const x = { storage: new Float64Array(2 ** 20), at: 0, row: 0, column: 1 }
    expect(multiply('float64', 3000, 4096, 2, x, { ...x, row: 2 }, new Float64Array(6000), 0)).toBe(true)
    expect(memoryOf(1)!.bytes.length).toBeLessThanOrEqual(MOST_BYTES)
  })
})

describe.each(DTYPES)('the generated function for %s', dtype => {
  const lanes = dtype === 'float32' ? f32x4 : f64x2
  const bytes = ARRAYS[dtype].BYTES_PER_ELEMENT

  test.each(
    (hasRelaxedSimd() ? [false, true] : [false]).flatMap(relaxed =>
      [false, true].map(accumulate => ({ relaxed, accumulate })),
    ),
  )('epilogue, %o: writes nothing but the result and the workspace', ({ relaxed, accumulate }) => {
    const module = new ModuleBuilder()
    module.importMemory('environment', 'memory', { initial: 1 })
    const product = matrixProduct(module, {
      dtype,
      relaxed,
      accumulate,
      epilogue: {
        parameters: { bias: 'i32', scale: 'i32' },
        // (value + bias[column]) * scale[row]
        value: (_, value, { row, column }, { bias, scale }) =>
          lanes.mul(
            lanes.add(value, v128.load(i32.add(bias, column))),
            dtype === 'float32'
              ? v128.load32Splat(i32.add(scale, i32.mul(row, bytes)))
              : v128.load64Splat(i32.add(scale, i32.mul(row, bytes))),
          ),
      },
    })
    module.export('run', product.function)
    const { Instance, Memory, Module } = webAssembly!
    const memory = new Memory({ initial: Math.ceil((12 * 2 ** 20) / PAGE_BYTES) })
    const { exports } = new Instance(new Module(module.toBytes()), { environment: { memory } })
    const run = exports.run as (...operands: number[]) => void
    const numbers = new ARRAYS[dtype](memory.buffer as ArrayBuffer)
    const size = fc.oneof(
      { weight: 12, arbitrary: fc.integer({ min: 0, max: 40 }) },
      { weight: 1, arbitrary: fc.constantFrom(256, 257, 513, 1030) },
    )
    fc.assert(
      fc.property(size, fc.integer({ min: 0, max: 300 }), size, fc.nat(), (m, k, n, seed) => {
        fc.pre(m * k * n < 2e6 && m * k < 130_000 && k * n < 260_000 && m * (n + 2) < 140_000)
        const rng = new Rng(seed)
        numbers.fill(Number.NaN)
        const [a, b, c, bias, scale, workspace] = [64, 140_000, 410_000, 560_000, 570_000, 580_000]
        const [aRow, aColumn] = rng.next() < 0.5 ? [k, 1] : [1, m]
        const [bRow, bColumn] = rng.next() < 0.5 ? [n, 1] : [1, k]
        const cRow = n + 2
        for (let i = 0; i < m * k; i++) numbers[a + i] = rng.next() - 0.5
        for (let i = 0; i < k * n; i++) numbers[b + i] = rng.next() - 0.5
        for (let j = 0; j < n; j++) numbers[bias + j] = rng.next()
        for (let i = 0; i < m; i++) numbers[scale + i] = i % 2 ? -1 : 2
        const before = accumulate ? 0.25 : 0
        for (let i = 0; i < m && accumulate; i++) numbers.fill(before, c + i * cRow, c + i * cRow + n)
        const isFree = (at: number): boolean => Number.isNaN(numbers[at])
        run(
          ...[a, aRow, aColumn, b, bRow, bColumn, c, cRow].map(elements => elements * bytes),
          ...[m, k, n, workspace * bytes, bias * bytes, scale * bytes],
        )
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            let [sum, total] = [before + numbers[bias + j]!, before + numbers[bias + j]!]
            for (let p = 0; p < k; p++) {
              const term = numbers[a + i * aRow + p * aColumn]! * numbers[b + p * bRow + j * bColumn]!
              sum += term
              total += Math.abs(term)
            }
            const factor = numbers[scale + i]!
            const got = numbers[c + i * cRow + j]!
            const bound = 2 * boundOf(dtype, k + 3, total)
            if (!(Math.abs(got - sum * factor) <= bound)) expect.fail(`${m}×${k}×${n} [${i}, ${j}]: ${got}`)
          }
          if (!isFree(c + i * cRow + n) || !isFree(c + i * cRow + n + 1)) expect.fail('wrote behind a row')
        }
        const end = workspace + Math.ceil(product.workspaceBytes(m, k, n) / bytes)
        for (let at = end; at < end + 256; at++) if (!isFree(at)) expect.fail('wrote behind the workspace')
        if (!isFree(workspace - 1) || !isFree(c - 1) || !isFree(a - 1)) expect.fail('wrote in front')
      }),
      { numRuns: 80 },
    )
  })
})

describe.each(DTYPES)('convolution of %s', dtype => {
  const run = convolutionKernel(dtype)

  test('any settings, also those of both adjoints, and any strides', () => {
    const axis = fc.record({
      length: fc.integer({ min: 1, max: 9 }),
      window: fc.integer({ min: 1, max: 9 }),
      stride: fc.integer({ min: 1, max: 3 }),
      dilation: fc.integer({ min: 1, max: 2 }),
      inputDilation: fc.integer({ min: 1, max: 3 }),
      low: fc.integer({ min: -1, max: 3 }),
      high: fc.integer({ min: -1, max: 3 }),
    })
    const sizes = fc.record({
      lead: fc.constantFrom([], [], [2]),
      isShared: fc.boolean(),
      batch: fc.integer({ min: 1, max: 3 }),
      groups: fc.integer({ min: 1, max: 2 }),
      inputs: fc.integer({ min: 1, max: 5 }),
      outputs: fc.integer({ min: 1, max: 9 }),
    })
    const axes = fc.array(axis, { minLength: 1, maxLength: 3 })
    let done = 0
    fc.assert(
      fc.property(axes, sizes, layouts, layouts, fc.nat(), (space, settings, left, right, seed) => {
        const { lead, isShared, batch, groups, inputs, outputs } = settings
        const counts = space.map(({ length, window, stride, dilation, inputDilation, low, high }) => {
          const room = (length - 1) * inputDilation + low + high - (window - 1) * dilation
          return Math.max(0, Math.floor(room / stride) + 1)
        })
        fc.pre(counts.every(count => count > 0))
        const rng = new Rng(seed)
        const shape = [...lead, batch, groups * inputs, ...space.map(({ length }) => length)]
        const windows = space.map(({ window }) => window)
        const x = laidOut(dtype, shape, left, rng)
        const weights = [...(isShared ? [] : lead), groups * outputs, inputs, ...windows]
        const kernel = laidOut(dtype, weights, right, rng)
        const attributes = {
          stride: space.map(({ stride }) => stride),
          padding: space.map(({ low, high }) => [low, high] as const),
          dilation: space.map(({ dilation }) => dilation),
          inputDilation: space.map(({ inputDilation }) => inputDilation),
          groups,
        }
        const out = resultOf(dtype, [...lead, batch, groups * outputs, ...counts])
        if (!run([x, kernel], out, attributes)) {
          expect([...out.storage].every(value => value === 0)).toBe(true)
          return
        }
        done++
        const [sums, totals] = [resultOf('float64', out.shape), resultOf('float64', out.shape)]
        convolveBatches(x, kernel, sums, attributes)
        convolveBatches(absolute(x), absolute(kernel), totals, attributes)
        const k = inputs * windows.reduce((product, window) => product * window, 1)
        for (let i = 0; i < out.storage.length; i++) {
          const distance = Math.abs(out.storage[i]! - sums.storage[i]!)
          if (!(distance <= boundOf(dtype, k, totals.storage[i]!))) {
            expect.fail(`element ${i} is ${out.storage[i]}, not ${sums.storage[i]}`)
          }
        }
      }),
      { numRuns: 200 },
    )
    expect(done).toBeGreaterThan(50)
  })

  test('in parts, one after the other', () => {
    const rng = new Rng(5)
    const plain = { isTransposed: false, step: 1, gap: 0, isReversed: false, offset: 0 }
    const attributes = {
      stride: [1],
      padding: [[2, 2]] as const,
      dilation: [1],
      inputDilation: [1],
      groups: 1,
    }
    // More images than are in memory at a time, and more columns of one than are multiplied at a time.
    const x = laidOut(dtype, [3, 2, 400_000], plain, rng)
    const kernel = laidOut(dtype, [2, 2, 5], plain, rng)
    const [out, sums] = [resultOf(dtype, [3, 2, 400_000]), resultOf('float64', [3, 2, 400_000])]
    expect(run([x, kernel], out, attributes)).toBe(true)
    convolveBatches(x, kernel, sums, attributes)
    const bound = boundOf(dtype, 10, 10)
    expect(out.storage.every((value, i) => Math.abs(value - sums.storage[i]!) <= bound)).toBe(true)
  })

  test('NaN under one window', () => {
    const attributes = {
      stride: [1, 1],
      padding: [
        [0, 0],
        [0, 0],
      ] as const,
      dilation: [1, 1],
      inputDilation: [1, 1],
      groups: 1,
    }
    const x = resultOf(dtype, [1, 2, 20, 20])
    const kernel = resultOf(dtype, [3, 2, 3, 3])
    x.storage.fill(1)
    kernel.storage.fill(1)
    x.storage[x.offset + 7 * 20 + 8] = Number.NaN
    const out = resultOf(dtype, [1, 3, 18, 18])
    expect(run([x, kernel], out, attributes)).toBe(true)
    const spoiled = [...out.storage.subarray(3)].flatMap((value, i) => (Number.isNaN(value) ? [i] : []))
    const expected = [0, 1, 2].flatMap(o =>
      [5, 6, 7].flatMap(row => [6, 7, 8].map(column => (o * 18 + row) * 18 + column)),
    )
    expect(spoiled).toEqual(expected)
  })

  test('its gradients through the package agree with the reference', () => {
    const rng = new Rng(2)
    const x = rng.normal([4, 6, 12, 11], { dtype })
    const kernel = rng.normal([8, 3, 3, 2], { dtype })
    const options = { stride: [2, 1], padding: [1, 0], groups: 2 } as const
    const loss = (a: Tensor, b: Tensor): Tensor => convolution(a, b, options).sin().sum()
    const fast = [grad((a: Tensor) => loss(a, kernel))(x), grad((b: Tensor) => loss(x, b))(kernel)]
    const takeBack = provideKernel('convolution', dtype, convolveByReference)
    const slow = [grad((a: Tensor) => loss(a, kernel))(x), grad((b: Tensor) => loss(x, b))(kernel)]
    takeBack()
    for (const [i, gradient] of fast.entries()) {
      const distance = gradient.sub(slow[i]!).abs().max().item()
      // Sums of at most 1000 terms below 20 each, behind a convolution of 27 terms.
      expect(distance).toBeLessThan(dtype === 'float32' ? 1e-3 : 1e-11)
      // Float64 is added up in the same order as in the reference, to the same bits.
      if (dtype === 'float32') expect(distance).toBeGreaterThan(0)
    }
  })
})

/** The reference loops as a kernel, which does what the others would have done. */
function convolveByReference(
  [x, kernel]: readonly Strided[],
  out: Strided,
  attributes: Readonly<Record<string, unknown>>,
): boolean {
  convolveBatches(x!, kernel!, out, attributes as unknown as ConvolutionSettings)
  return true
}

function absolute(x: Strided): Strided {
  return { ...x, storage: x.storage.map(Math.abs) }
}
