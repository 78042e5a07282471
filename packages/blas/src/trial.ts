/** Small products with known results, which a library has to give before it is used. */

import type { StridedMatrixProduct } from '@adjoint/core/engine'
import type { FloatArray, MatrixVectorProduct } from './products.ts'

type ArrayClass<A extends FloatArray> = new (length: number) => A

/** Sizes m, n, k. Some libraries treat vectors differently. */
const SIZES = [
  [3, 5, 4],
  [1, 5, 4],
  [3, 1, 4],
  [17, 9, 33],
] as const

/** Elements at the front of every array that belong to nobody, and at the end of every row. */
const FRONT = 3
const GAP = 2

/** Whole numbers: products and sums of them are exact in any order. */
const element = (i: number, j: number): number => ((i * 7 + j * 3) % 11) - 5

/**
 * Right in all combinations of transposes and beta; NaN in the result does no harm with beta 0; 0 times infinity is NaN.
 * Alpha and beta are powers of two: ATLAS works with their quotient.
 */
export function rightMatrixProduct<A extends FloatArray>(
  product: StridedMatrixProduct<A>,
  array: ArrayClass<A>,
): boolean {
  return (
    SIZES.every(([m, n, k]) =>
      [false, true].every(transA =>
        [false, true].every(transB =>
          [0, 4].every(beta => {
            const a = filled(array, m, k, transA, element)
            const b = filled(array, k, n, transB, (p, j) => element(j, p + 1))
            const c = filled(array, m, n, false, beta === 0 ? () => Number.NaN : element)
            product(
              transA,
              transB,
              m,
              n,
              k,
              2,
              a.data,
              FRONT,
              a.ld,
              b.data,
              FRONT,
              b.ld,
              beta,
              c.data,
              FRONT,
              c.ld,
            )
            const expected = filled(array, m, n, false, (i, j) => {
              let sum = 0
              for (let p = 0; p < k; p++) sum += element(i, p) * element(j, p + 1)
              return 2 * sum + (beta === 0 ? 0 : beta * element(i, j))
            })
            return same(c.data, expected.data)
          }),
        ),
      ),
    ) &&
    keepsNaN(
      (zeros, infinite, out) => product(false, false, 4, 4, 4, 1, zeros, 0, 4, infinite, 0, 4, 0, out, 0, 4),
      array,
    )
  )
}

/** Right with and without the transpose, for a vector with gaps. */
export function rightVectorProduct<A extends FloatArray>(
  product: MatrixVectorProduct<A>,
  array: ArrayClass<A>,
): boolean {
  return (
    [false, true].every(trans => {
      const [rows, columns] = [5, 9]
      const a = filled(array, rows, columns, false, element)
      const [length, count] = trans ? [columns, rows] : [rows, columns]
      const x = filled(array, count, 1, false, i => element(i, 2))
      const y = filled(array, 1, length, false, () => Number.NaN)
      product(trans, rows, columns, a.data, FRONT, a.ld, x.data, FRONT, x.ld, y.data, FRONT)
      const expected = filled(array, 1, length, false, (_, i) => {
        let sum = 0
        for (let p = 0; p < count; p++) sum += (trans ? element(p, i) : element(i, p)) * element(p, 2)
        return sum
      })
      return same(y.data, expected.data)
    }) &&
    keepsNaN((zeros, infinite, out) => product(false, 4, 4, zeros, 0, 4, infinite, 0, 1, out, 0), array) &&
    keepsNaN((zeros, infinite, out) => product(false, 4, 4, infinite, 0, 4, zeros, 0, 1, out, 0), array)
  )
}

/** A matrix in row-major order with other numbers around it, transposed when it is to be read so. */
function filled<A extends FloatArray>(
  array: ArrayClass<A>,
  rows: number,
  columns: number,
  trans: boolean,
  at: (i: number, j: number) => number,
): { readonly data: A; readonly ld: number } {
  const [height, width] = trans ? [columns, rows] : [rows, columns]
  const ld = width + GAP
  const data = new array(FRONT + height * ld).fill(99) as A
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) data[FRONT + (trans ? j * ld + i : i * ld + j)] = at(i, j)
  return { data, ld }
}

function same(x: FloatArray, y: FloatArray): boolean {
  return x.length === y.length && x.every((value, i) => value === y[i])
}

function keepsNaN<A extends FloatArray>(
  run: (zeros: A, infinite: A, out: A) => void,
  array: ArrayClass<A>,
): boolean {
  const out = new array(16)
  run(new array(16), new array(16).fill(Number.POSITIVE_INFINITY) as A, out)
  return out.subarray(0, 4).every(Number.isNaN)
}
