/** The few operations the lecture's formula sheets are written in. Shapes are checked by the sheets, once. */
import { type Matrix, zerosFor, zerosLike } from '../matrix.ts'

/** AB, the matrix product. */
export function times(A: Matrix, B: Matrix): Matrix {
  const [rows, inner] = A.shape
  const columns = B.shape[1]
  const product = zerosFor([rows, columns], [A, B])
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      let sum = 0
      for (let k = 0; k < inner; k++) sum += A.data[r * inner + k]! * B.data[k * columns + c]!
      product.data[r * columns + c] = sum
    }
  }
  return product
}

/** A + b, the column b added to every column of A. */
export function plusColumn(A: Matrix, b: Matrix): Matrix {
  const [rows, columns] = A.shape
  const sum = zerosFor(A.shape, [A, b])
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) sum.data[r * columns + c] = A.data[r * columns + c]! + b.data[r]!
  }
  return sum
}

/** A − B. */
export function minus(A: Matrix, B: Matrix): Matrix {
  const difference = zerosFor(A.shape, [A, B])
  for (let i = 0; i < A.data.length; i++) difference.data[i] = A.data[i]! - B.data[i]!
  return difference
}

/** (1/m) A. */
export function dividedBy(A: Matrix, m: number): Matrix {
  const quotient = zerosLike(A)
  for (let i = 0; i < A.data.length; i++) quotient.data[i] = A.data[i]! / m
  return quotient
}

/** Σ_i Aᵢ, the sum of the columns of A, as a column. */
export function sumOfColumns(A: Matrix): Matrix {
  const [rows, columns] = A.shape
  const sums = zerosFor([rows, 1], [A])
  for (let r = 0; r < rows; r++) {
    let sum = 0
    for (let c = 0; c < columns; c++) sum += A.data[r * columns + c]!
    sums.data[r] = sum
  }
  return sums
}
