/** Random matrices, central differences and comparisons for the tests of this package. */
import fc from 'fast-check'
import { expect } from 'vitest'
import { type Layout, type Matrix, matrix, transpose } from '../src/index.ts'

export const layouts: readonly Layout[] = ['columns', 'rows']

/** The step of the central difference; all values in these tests are of the order of 1. */
export const STEP = 1e-5

/**
 * The error of a central difference is h² f‴/6 from the step and ε f/h from rounding. With h = 1e-5 both are near 1e-10
 * for f and f‴ of the order of 1; a few hundred times that is allowed, relative to the largest derivative.
 */
export const TOLERANCE = 1e-7

/** Two sums of the same terms in another order, or in another layout. */
export const ROUNDING = 1e-13

/** Entries (v + ½)/1000 with whole v: between −2 and 2, and never nearer to the kink at 0 than 50 steps. */
export const entry: fc.Arbitrary<number> = fc.integer({ min: -2000, max: 1999 }).map(v => (v + 0.5) / 1000)

/** Entries v/1000: never nearer to an `entry` than 50 steps, so that no difference of the two is on a kink. */
export const target: fc.Arbitrary<number> = fc.integer({ min: -2000, max: 2000 }).map(v => v / 1000)

export const probability: fc.Arbitrary<number> = fc.integer({ min: 50, max: 950 }).map(v => v / 1000)

export const size: fc.Arbitrary<number> = fc.integer({ min: 1, max: 4 })

export function matrixOf(rows: number, columns: number, entries: fc.Arbitrary<number>): fc.Arbitrary<Matrix> {
  const length = rows * columns
  return fc
    .array(entries, { minLength: length, maxLength: length })
    .map(data => matrix([rows, columns], data))
}

/** As many matrices of one shape as there are arbitraries for their entries. */
export function matricesOf(...entries: readonly fc.Arbitrary<number>[]): fc.Arbitrary<readonly Matrix[]> {
  return fc
    .tuple(size, size)
    .chain(([rows, columns]) => fc.tuple(...entries.map(each => matrixOf(rows, columns, each))))
}

/** In columns what is in columns already, in rows its transpose. */
export function inLayout(layout: Layout, columns: Matrix): Matrix {
  return layout === 'columns' ? columns : transpose(columns)
}

/** The same numbers in float32. */
export function single({ shape, data }: Matrix): Matrix {
  return matrix(shape, Float32Array.from(data))
}

export function scaled({ shape, data }: Matrix, factor: number): Matrix {
  return matrix(
    shape,
    Float64Array.from(data, value => value * factor),
  )
}

export function columnsOf(layout: Layout, batch: Matrix): number {
  return layout === 'columns' ? batch.shape[1] : batch.shape[0]
}

/** ∂f/∂x, entry by entry: (f(x + h) − f(x − h)) / 2h. */
export function centralDifference(f: (x: Matrix) => number, x: Matrix): Matrix {
  const gradient = new Float64Array(x.data.length)
  const shifted = (index: number, step: number): Matrix => {
    const data = Float64Array.from(x.data)
    data[index]! += step
    return matrix(x.shape, data)
  }
  for (let i = 0; i < gradient.length; i++) {
    gradient[i] = (f(shifted(i, STEP)) - f(shifted(i, -STEP))) / (2 * STEP)
  }
  return matrix(x.shape, gradient)
}

/** Same shape, and no entry further apart than `tolerance` times the largest entry, or 1. */
export function expectClose(actual: Matrix, expected: Matrix, tolerance: number, what = 'matrix'): void {
  expect(actual.shape, `shape of ${what}`).toEqual(expected.shape)
  const scale = Math.max(1, ...expected.data.map(Math.abs))
  for (let i = 0; i < expected.data.length; i++) {
    const difference = Math.abs(actual.data[i]! - expected.data[i]!)
    const isClose = difference <= tolerance * scale
    if (!isClose) expect.fail(`${what}[${i}] is ${actual.data[i]}, not ${expected.data[i]}`)
  }
}

/** Σ_i u_i v_i. */
export function dot(u: Matrix, v: Matrix): number {
  let sum = 0
  for (let i = 0; i < u.data.length; i++) sum += u.data[i]! * v.data[i]!
  return sum
}

/** What `run` throws; fails when it does not. */
export function errorOf(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    if (error instanceof Error) return error
  }
  return expect.fail('nothing was thrown')
}
