/**
 * A matrix product outside of JavaScript, for those who hold their numbers in memory of their own: a compiled program calls
 * it in the middle of its work. Eager code gets the same library as a kernel of matmul, see kernels.ts. Core has none itself.
 */

/**
 * `C = alpha op(A) op(B) + beta C`, as GEMM in BLAS, with all matrices in row-major order: element (i, j) of a matrix is at
 * `at + i * ld + j` of its array, where `ld` is the distance between two rows. op(A) is [m, k] and op(B) is [k, n]; where
 * `trans` is true, what lies in memory is the transpose, [k, m] or [n, k]. With `beta` 0, C is not read: NaN in it does no
 * harm. C overlaps neither A nor B. The arrays may be views of the memory of a WebAssembly instance, also of a shared one.
 *
 * @throws RangeError when a matrix reaches beyond the end of its array, or a distance is shorter than a row.
 */
export type StridedMatrixProduct<A extends Float32Array | Float64Array> = (
  transA: boolean,
  transB: boolean,
  m: number,
  n: number,
  k: number,
  alpha: number,
  a: A,
  aAt: number,
  lda: number,
  b: A,
  bAt: number,
  ldb: number,
  beta: number,
  c: A,
  cAt: number,
  ldc: number,
) => void

/** What provides matrix products, and the products. */
export interface NativeMatrixProduct {
  /** Library and version, for example `'OpenBLAS 0.3.21'`. */
  readonly name: string
  /** Threads that one product may take; `undefined` when the library does not say. */
  readonly threads: number | undefined
  readonly float32: StridedMatrixProduct<Float32Array>
  readonly float64: StridedMatrixProduct<Float64Array>
}

/** The one provided last is in use. */
let provided: readonly NativeMatrixProduct[] = []

/** Offers a native matrix product to whoever asks. Returns a function that takes it back. */
export function provideNativeMatrixProduct(product: NativeMatrixProduct): () => void {
  const entry = { ...product }
  provided = [...provided, entry]
  return () => {
    provided = provided.filter(other => other !== entry)
  }
}

/**
 * The native matrix product in use, `undefined` when there is none.
 *
 * @example
 * ```ts
 * import { nativeMatrixProduct } from '@adjoint/core/engine'
 * const c = new Float32Array(4)
 * const [a, b] = [Float32Array.of(1, 2, 3, 4), Float32Array.of(1, 0, 0, 1)]
 * nativeMatrixProduct()?.float32(false, false, 2, 2, 2, 1, a, 0, 2, b, 0, 2, 0, c, 0, 2)
 * ```
 */
export function nativeMatrixProduct(): NativeMatrixProduct | undefined {
  return provided[provided.length - 1]
}
