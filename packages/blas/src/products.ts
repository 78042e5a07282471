/** The two functions of CBLAS that matter here, called on typed arrays. */

import type { StridedMatrixProduct } from '@adjoint/core/engine'

/** A floating typed array. */
export type FloatArray = Float32Array | Float64Array

/**
 * `y = op(A) x` where what lies in memory at `a` has `rows` rows of `columns` elements, `lda` apart; element i of x is at
 * `xAt + i * xStep`, those of y lie one after the other.
 */
export type MatrixVectorProduct<A extends FloatArray> = (
  trans: boolean,
  rows: number,
  columns: number,
  a: A,
  aAt: number,
  lda: number,
  x: A,
  xAt: number,
  xStep: number,
  y: A,
  yAt: number,
) => void

/** The products of one dtype. */
export interface Products<A extends FloatArray> {
  readonly matrix: StridedMatrixProduct<A>
  /** Missing when the library has none that can be trusted. */
  readonly vector: MatrixVectorProduct<A> | undefined
}

/** A function of a library. */
export type ForeignFunction = (...values: readonly unknown[]) => unknown

/** The numbers that CBLAS knows its options by. */
const ROW_MAJOR = 101
const NO_TRANS = 111
const TRANS = 112

/** `cblas_sgemm` or `cblas_dgemm` behind checks: what is wrong here would be written somewhere into the process. */
export function matrixProductOf<A extends FloatArray>(gemm: ForeignFunction): StridedMatrixProduct<A> {
  return (transA, transB, m, n, k, alpha, a, aAt, lda, b, bAt, ldb, beta, c, cAt, ldc) => {
    expectInside('A', a, aAt, transA ? k : m, transA ? m : k, lda)
    expectInside('B', b, bAt, transB ? n : k, transB ? k : n, ldb)
    expectInside('C', c, cAt, m, n, ldc)
    if (m === 0 || n === 0) return
    if (k === 0) {
      for (let i = 0; i < m; i++) scale(c, cAt + i * ldc, n, beta)
      return
    }
    const opA = transA ? TRANS : NO_TRANS
    const opB = transB ? TRANS : NO_TRANS
    const [from, by, to] = [startingAt(a, aAt), startingAt(b, bAt), startingAt(c, cAt)]
    gemm(ROW_MAJOR, opA, opB, m, n, k, alpha, from, lda, by, ldb, beta, to, ldc)
  }
}

/** `cblas_sgemv` or `cblas_dgemv`, with alpha 1 and beta 0. */
export function vectorProductOf<A extends FloatArray>(gemv: ForeignFunction): MatrixVectorProduct<A> {
  return (trans, rows, columns, a, aAt, lda, x, xAt, xStep, y, yAt) => {
    const op = trans ? TRANS : NO_TRANS
    const [from, by, to] = [startingAt(a, aAt), startingAt(x, xAt), startingAt(y, yAt)]
    gemv(ROW_MAJOR, op, rows, columns, 1, from, lda, by, xStep, 0, to, 1)
  }
}

/** The address of an element is that of a view that begins there. */
function startingAt<A extends FloatArray>(array: A, at: number): A {
  return (at === 0 ? array : array.subarray(at)) as A
}

function scale(c: FloatArray, at: number, count: number, beta: number): void {
  if (beta === 0) c.fill(0, at, at + count)
  else for (let i = at; i < at + count; i++) c[i]! *= beta
}

function expectInside(
  name: string,
  array: FloatArray,
  at: number,
  rows: number,
  columns: number,
  ld: number,
): void {
  if (at >= 0 && rows >= 0 && columns >= 0 && ld >= columns && ld >= 1) {
    if (rows === 0 || columns === 0 || at + (rows - 1) * ld + columns <= array.length) return
  }
  throw new RangeError(
    `matrix ${name} of ${rows} rows of ${columns} elements, ${ld} apart, from ${at} on, is not inside of its array of ${array.length}.`,
  )
}
