/** What several tests of this package need. */
import { blasInUse, stopBlas, useBlas } from '@adjoint/blas'
import type { StridedMatrixProduct } from '@adjoint/core/engine'
import { test } from 'vitest'
import { type Library, openLibrary } from '../src/library.ts'
import type { FloatArray, MatrixVectorProduct, Products } from '../src/products.ts'

useBlas()
const { path } = blasInUse()
stopBlas()

/** The library that is found on this machine; `undefined` when there is none. */
export const library: Library | undefined = path === undefined ? undefined : openLibrary(path)

/** A test of the library of this machine; where there is none, one that says what was not tried. */
export function withLibrary(name: string, run: (library: Library) => void | Promise<void>): void {
  const found = library
  if (found !== undefined) test(name, () => run(found))
  else test(name, () => console.log(`not tried, no BLAS was found: ${name}`))
}

/** GEMM as its definition reads, in place of a library. */
export const loopMatrixProduct: StridedMatrixProduct<FloatArray> = (
  transA,
  transB,
  m,
  n,
  k,
  alpha,
  a,
  aAt,
  lda,
  b,
  bAt,
  ldb,
  beta,
  c,
  cAt,
  ldc,
) => {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let p = 0; p < k; p++)
        sum += a[aAt + (transA ? p * lda + i : i * lda + p)]! * b[bAt + (transB ? j * ldb + p : p * ldb + j)]!
      const at = cAt + i * ldc + j
      c[at] = alpha * sum + (beta === 0 ? 0 : beta * c[at]!)
    }
  }
}

/** GEMV as its definition reads. */
export const loopVectorProduct: MatrixVectorProduct<FloatArray> = (
  trans,
  rows,
  columns,
  a,
  aAt,
  lda,
  x,
  xAt,
  xStep,
  y,
  yAt,
) => {
  const [length, count] = trans ? [columns, rows] : [rows, columns]
  for (let i = 0; i < length; i++) {
    let sum = 0
    for (let p = 0; p < count; p++) sum += a[aAt + (trans ? p * lda + i : i * lda + p)]! * x[xAt + p * xStep]!
    y[yAt + i] = sum
  }
}

/** Loops in place of the products of a library. */
export const LOOPS: Products<FloatArray> = { matrix: loopMatrixProduct, vector: loopVectorProduct }

/** Loops, and the library of this machine. */
export const PRODUCTS: Readonly<
  Record<string, { float32: Products<Float32Array>; float64: Products<Float64Array> }>
> = {
  loops: { float32: LOOPS, float64: LOOPS },
  'loops without vectors': {
    float32: { matrix: loopMatrixProduct, vector: undefined },
    float64: { matrix: loopMatrixProduct, vector: undefined },
  },
  ...(library === undefined ? {} : { [library.name]: library }),
}

if (library === undefined) console.log('not tried, no BLAS was found: its products')
