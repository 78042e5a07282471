/** The matrices of this package: a shape and a flat typed array, and the two ways a batch of examples can lie in one. */
import { formatShape, ShapeError } from './shapeError.ts'

/** A matrix, stored row after row: the entry in row r and column c is `data[r * shape[1] + c]`. */
export interface Matrix {
  readonly shape: readonly [number, number]
  readonly data: Float64Array | Float32Array
}

/**
 * How a batch of m examples with n units each lies in a matrix.
 * - `'columns'`, the lecture's: (n, m), an example is a column, b is (n, 1).
 * - `'rows'`, the field's habit: (m, n), an example is a row, b is (1, n).
 *
 * W is (n_out, n_in) in both.
 */
export type Layout = 'rows' | 'columns'

/** A batch seen without its layout: unit u of example i is `data[u * unitStride + i * exampleStride]`. */
export interface Batch {
  readonly units: number
  readonly examples: number
  readonly unitStride: number
  readonly exampleStride: number
}

/**
 * A matrix over the given entries, row after row. A typed array is kept as it is, a plain array becomes a Float64Array.
 *
 * ```ts
 * import { matrix } from '@adjoint/manual'
 *
 * const W = matrix([2, 3], [1, 2, 3, 4, 5, 6])
 * W.data[1 * 3 + 2] // => 6
 * ```
 */
export function matrix(
  shape: readonly [number, number],
  data: Float64Array | Float32Array | readonly number[],
): Matrix {
  const [rows, columns] = shape
  if (!Number.isInteger(rows) || !Number.isInteger(columns) || rows < 0 || columns < 0) {
    throw new RangeError(`matrix: the shape ${formatShape(shape)} must be two whole numbers, none negative.`)
  }
  if (data.length !== rows * columns) {
    throw new RangeError(
      `matrix: the shape ${formatShape(shape)} needs ${rows * columns} numbers, but ${data.length} were given.`,
    )
  }
  const isTyped = data instanceof Float64Array || data instanceof Float32Array
  return { shape: [rows, columns], data: isTyped ? data : Float64Array.from(data) }
}

/** A matrix of zeros in float64. */
export function zeros(shape: readonly [number, number]): Matrix {
  return matrix(shape, new Float64Array(shape[0] * shape[1]))
}

/** A matrix of zeros with the shape and the precision of the given one. */
export function zerosLike(like: Matrix): Matrix {
  return zerosFor(like.shape, [like])
}

/** Zeros to hold a result computed from `inputs`: float32 where every input is float32, else float64. */
export function zerosFor(shape: readonly [number, number], inputs: readonly Matrix[]): Matrix {
  return matrix(shape, arrayFor(shape[0] * shape[1], inputs))
}

/** The same for a plain array, such as one loss for each example. */
export function arrayFor(length: number, inputs: readonly Matrix[]): Float64Array | Float32Array {
  const isSingle = inputs.every(({ data }) => data instanceof Float32Array)
  return isSingle ? new Float32Array(length) : new Float64Array(length)
}

/** Aᵀ: examples in columns become examples in rows, and back. */
export function transpose(A: Matrix): Matrix {
  const [rows, columns] = A.shape
  const transposed = zerosFor([columns, rows], [A])
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) transposed.data[c * rows + r] = A.data[r * columns + c]!
  }
  return transposed
}

/** Units and examples of a batch, with the distance in `data` from one unit, and from one example, to the next. */
export function batchOf(x: Matrix, layout: Layout): Batch {
  const [rows, columns] = x.shape
  if (layout === 'columns') return { units: rows, examples: columns, unitStride: columns, exampleStride: 1 }
  if (layout === 'rows') return { units: columns, examples: rows, unitStride: 1, exampleStride: columns }
  throw new TypeError(`The layout must be 'rows' or 'columns', not ${String(layout)}.`)
}

/** The shape of a batch, the reverse of `batchOf`. */
export function batchShape(units: number, examples: number, layout: Layout): readonly [number, number] {
  return layout === 'columns' ? [units, examples] : [examples, units]
}

/** Throws unless all operands have one shape; says so when two are each other's transpose. */
export function expectSameShape(operation: string, operands: Readonly<Record<string, Matrix>>): void {
  const [first, ...others] = Object.entries(operands)
  if (first === undefined) return
  const [firstName, { shape }] = first
  for (const [name, other] of others) {
    if (other.shape[0] === shape[0] && other.shape[1] === shape[1]) continue
    const isTransposed = other.shape[0] === shape[1] && other.shape[1] === shape[0]
    throw new ShapeError(
      operation,
      operands,
      `${firstName} is ${formatShape(shape)} but ${name} is ${formatShape(other.shape)}. They must have one shape${
        isTransposed ? `: transpose ${name}, or choose the other layout.` : '.'
      }`,
    )
  }
}
