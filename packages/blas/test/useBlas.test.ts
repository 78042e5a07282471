// Finding a library, saying which, and leaving everything as it was when there is none.
import Module from 'node:module'
import { fileURLToPath } from 'node:url'
import { blasInUse, stopBlas, useBlas } from '@adjoint/blas'
import { ArgumentError, matmul, Rng } from '@adjoint/core'
import { kernel, nativeMatrixProduct } from '@adjoint/core/engine'
import { webAssembly } from '@adjoint/core/wasm'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { candidates } from '../src/candidates.ts'
import { library, withLibrary } from './support.ts'

const before = kernel('matmul', 'float32')
/** The library of this machine, whatever the environment says. */
const path = library?.path

beforeEach(() => {
  vi.stubEnv('ADJOINT_BLAS', undefined)
})

afterEach(() => {
  stopBlas()
  vi.unstubAllEnvs()
})

/** Nothing is in use, and matmul is what it was. */
function expectNone(): void {
  const report = blasInUse()
  expect([report.library, report.path, report.threads]).toEqual([undefined, undefined, undefined])
  expect(kernel('matmul', 'float32')).toBe(before)
  expect(nativeMatrixProduct()).toBe(undefined)
}

describe('without a library', () => {
  test('nothing is in use before it is asked for', () => {
    expectNone()
    expect(`${blasInUse()}`).toBe('none: WebAssembly kernels are used')
  })

  test('ADJOINT_BLAS=off means none, also for a library that is named', () => {
    vi.stubEnv('ADJOINT_BLAS', 'off')
    expect(`${useBlas()}`).toBe('none: WebAssembly kernels are used (ADJOINT_BLAS is off)')
    useBlas({ library: path ?? 'libopenblas.so.0' })
    expectNone()
  })

  test.each([
    ['a path where nothing is', '/nowhere/libopenblas.so'],
    ['a file that is no library', fileURLToPath(new URL('../package.json', import.meta.url))],
    ['a library without cblas', process.platform === 'linux' ? 'libm.so.6' : process.execPath],
  ])('%s leaves everything as it was, and the line says why', (_, name) => {
    const report = useBlas({ library: name })
    expectNone()
    expect(report.passedOver).toHaveLength(1)
    expect(`${report}`).toBe(`none: WebAssembly kernels are used (${report.passedOver[0]})`)
    expect(`${report}`).toContain(name)
    vi.stubEnv('ADJOINT_BLAS', name)
    expect(`${useBlas()}`).toBe(`${report}`)
  })

  test('where koffi has no binary for the platform, nothing is thrown', async () => {
    const original = Reflect.get(Module, '_load') as (...call: unknown[]) => unknown
    Reflect.set(Module, '_load', (request: unknown, ...rest: unknown[]) => {
      if (request === 'koffi') throw new Error('Cannot find the native Koffi module')
      return original(request, ...rest)
    })
    try {
      // Libraries that were opened before stay open, so nothing but new ones shows it.
      const report = useBlas({ library: './anotherLibrary.so' })
      expectNone()
      expect(`${report}`).toContain('Cannot find the native Koffi module')
    } finally {
      Reflect.set(Module, '_load', original)
    }
  })

  test('options that are none are refused', () => {
    for (const threads of [0, -1, 1.5, Number.NaN, 'many'])
      expect(() => useBlas({ threads: threads as number })).toThrow(ArgumentError)
    expect(() => useBlas({ library: 7 as never })).toThrow(ArgumentError)
    expect(() => useBlas({ thread: 2 } as never)).toThrow('did you mean threads?')
    expectNone()
  })

  test('every platform with a usual place has candidates, the unknown ones last', () => {
    const known = candidates().map(({ isUnknown }) => isUnknown === true)
    expect([...known].sort()).toEqual(known)
  })
})

describe('with a library', () => {
  withLibrary('it is found, used and left again', () => {
    const report = useBlas()
    expect(report.path).toBe(path)
    expect(`${report}`).toMatch(/^\S+( \d+(\.\d+)+)?(, \d+ threads?)? \(.+\)$/)
    expect(`${blasInUse()}`).toBe(`${report}`)
    expect(kernel('matmul', 'float32')).not.toBe(before)
    stopBlas()
    expectNone()
    stopBlas()
    expectNone()
  })

  withLibrary('it can be named, in the call or in the environment', ({ path, name }) => {
    expect(useBlas({ library: path }).library).toBe(name)
    stopBlas()
    vi.stubEnv('ADJOINT_BLAS', path)
    expect(useBlas().library).toBe(name)
    // The call goes before the environment.
    useBlas({ library: '/nowhere/x.so' })
    expectNone()
  })

  withLibrary('using it twice is using it once', () => {
    useBlas()
    useBlas()
    stopBlas()
    expectNone()
  })

  withLibrary('its number of threads is set, and put back', ({ threads }) => {
    const found = threads()
    const { threads: one } = useBlas({ threads: 1 })
    if (found === undefined)
      return console.log('not tried: this library does not say how many threads it has')
    expect(one).toBe(1)
    expect(`${blasInUse()}`).toContain(', 1 thread (')
    expect(nativeMatrixProduct()!.threads).toBe(1)
    stopBlas()
    expect(threads()).toBe(found)
    expect(useBlas({ threads: 'all' }).threads).toBeGreaterThanOrEqual(1)
  })

  withLibrary('importing the entry auto is enough', async () => {
    await import('@adjoint/blas/auto')
    expect(blasInUse().path).toBe(path)
  })

  withLibrary('two products in one process agree, whatever multiplies', () => {
    const rng = new Rng(2)
    const [x, y] = [rng.normal([40, 50], { dtype: 'float64' }), rng.normal([50, 30], { dtype: 'float64' })]
    const without = matmul(x, y)
    useBlas()
    expect(matmul(x, y).sub(without).abs().max().item()).toBeLessThan(1e-13)
  })
})

describe('for compiled programs', () => {
  const memories = {
    'its own': () => new webAssembly!.Memory({ initial: 1 }),
    'a shared one': () => new webAssembly!.Memory({ initial: 1, maximum: 2, shared: true }),
  }

  for (const [what, memory] of Object.entries(memories)) {
    withLibrary(`the product works within the memory of a WebAssembly instance, ${what}`, ({ name }) => {
      useBlas()
      const native = nativeMatrixProduct()!
      expect(native.name).toBe(name)
      for (const [product, array] of [
        [native.float32, Float32Array],
        [native.float64, Float64Array],
      ] as const) {
        const values = new array(memory().buffer as ArrayBuffer)
        values.set([1, 2, 3, 4, 5, 6], 100)
        values.set([1, 0, 10, 1, 100, 0], 200)
        values.fill(Number.NaN, 300, 304)
        // [[1, 2, 3], [4, 5, 6]] times [[1, 0], [10, 1], [100, 0]]; then 2 times the transposes of what lies there as
        // [[1, 2], [3, 4], [5, 6]] and [[1, 0, 10], [1, 100, 0]], added.
        product(
          false,
          false,
          2,
          2,
          3,
          1,
          values as never,
          100,
          3,
          values as never,
          200,
          2,
          0,
          values as never,
          300,
          2,
        )
        expect([...values.subarray(299, 305)]).toEqual([0, 321, 2, 654, 5, 0])
        product(
          true,
          true,
          2,
          2,
          3,
          2,
          values as never,
          100,
          2,
          values as never,
          200,
          3,
          1,
          values as never,
          300,
          2,
        )
        expect([...values.subarray(299, 305)]).toEqual([0, 423, 604, 778, 809, 0])
      }
    })
  }

  withLibrary('matrices that reach beyond their arrays are refused', () => {
    useBlas()
    const { float32 } = nativeMatrixProduct()!
    const [a, b, c] = [new Float32Array(12), new Float32Array(20), new Float32Array(15)]
    float32(false, false, 3, 5, 4, 1, a, 0, 4, b, 0, 5, 0, c, 0, 5)
    const call =
      (aAt: number, lda: number, ldb: number, cAt: number, m = 3) =>
      () =>
        float32(false, false, m, 5, 4, 1, a, aAt, lda, b, 0, ldb, 0, c, cAt, 5)
    expect(call(1, 4, 5, 0)).toThrow('matrix A of 3 rows of 4 elements, 4 apart, from 1 on')
    expect(call(-1, 4, 5, 0)).toThrow(RangeError)
    expect(call(0, 3, 5, 0)).toThrow(RangeError)
    expect(call(0, 4, 6, 0)).toThrow('matrix B')
    expect(call(0, 4, 5, 1)).toThrow('matrix C')
    expect(call(0, 4, 5, 0, -3)).toThrow(RangeError)
    expect(call(Number.NaN, 4, 5, 0)).toThrow(RangeError)
  })

  withLibrary('sizes of 0 scale C', () => {
    useBlas()
    const { float64 } = nativeMatrixProduct()!
    const c = Float64Array.of(1, 2, 9, 3, 4, 9)
    const empty = new Float64Array(0)
    float64(false, false, 2, 2, 0, 1, empty, 0, 1, empty, 0, 2, 3, c, 0, 3)
    expect([...c]).toEqual([3, 6, 9, 9, 12, 9])
    c.fill(Number.NaN)
    float64(false, false, 2, 2, 0, 1, empty, 0, 1, empty, 0, 2, 0, c, 0, 3)
    expect([...c]).toEqual([0, 0, Number.NaN, 0, 0, Number.NaN])
  })
})
