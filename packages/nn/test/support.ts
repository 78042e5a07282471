/** What the tests of this package share: conversions to and from the hand-derived side, distances, errors. */
import type { Tensor } from '@adjoint/core'
import { type Matrix, matrix } from '@adjoint/manual'
import { expect } from 'vitest'

/** A tensor with up to two axes as a matrix: `[n]` becomes one row, a number one entry. */
export function toMatrix(x: Tensor): Matrix {
  const [rows, columns] = x.rank === 2 ? x.shape : [1, x.size]
  return matrix([rows!, columns!], x.data() as Float64Array | Float32Array)
}

/** The entries of a tensor, or of a matrix, or numbers as they are. */
export type Entries = ArrayLike<number> & Iterable<number>

/**
 * The largest absolute difference, relative to the largest absolute entry of what is expected, or to `terms` when that is
 * larger; 0 when there is no difference.
 */
export function distance(actual: Entries, expected: Entries, terms: number = 0): number {
  expect(actual.length).toBe(expected.length)
  let difference = 0
  let scale = terms
  for (let i = 0; i < expected.length; i++) {
    // Math.max keeps NaN, so that it can never pass.
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!))
    scale = Math.max(scale, Math.abs(expected[i]!))
  }
  return difference === 0 ? 0 : difference / scale
}

/** What `run` throws; fails when it throws nothing. */
export function errorOf(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    if (error instanceof Error) return error
  }
  return expect.fail('nothing was thrown')
}
