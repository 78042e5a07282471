/** The arrays of this package: a shape of any number of axes, and a flat typed array. */
import { formatShape } from './shapeError.ts'

/** An array of numbers, the last axis fastest: in `[a, b, c]`, entry (i, j, k) is `data[(i * b + j) * c + k]`. */
export interface NumericArray {
  readonly shape: readonly number[]
  readonly data: Float64Array | Float32Array
}

/**
 * An array over the given entries, the last axis fastest. A typed array is kept as it is, a plain array becomes a
 * Float64Array.
 *
 * ```ts
 * import { numericArray } from '@adjoint/manual'
 *
 * const image = numericArray([1, 2, 2], [1, 2, 3, 4])
 * image.data[1 * 2 + 0] // => 3
 * ```
 */
export function numericArray(
  shape: readonly number[],
  data: Float64Array | Float32Array | readonly number[],
): NumericArray {
  if (!shape.every(size => Number.isInteger(size) && size >= 0)) {
    throw new RangeError(
      `numericArray: the shape ${formatShape(shape)} must be whole numbers, none negative.`,
    )
  }
  const size = sizeOf(shape)
  if (data.length !== size) {
    throw new RangeError(
      `numericArray: the shape ${formatShape(shape)} needs ${size} numbers, but ${data.length} were given.`,
    )
  }
  const isTyped = data instanceof Float64Array || data instanceof Float32Array
  return { shape: [...shape], data: isTyped ? data : Float64Array.from(data) }
}

/** How many entries an array of a shape has. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

/** Zeros to hold a result computed from `inputs`: float32 where every input is float32, else float64. */
export function zerosOf(shape: readonly number[], inputs: readonly NumericArray[]): NumericArray {
  const isSingle = inputs.length > 0 && inputs.every(({ data }) => data instanceof Float32Array)
  const size = sizeOf(shape)
  return { shape: [...shape], data: isSingle ? new Float32Array(size) : new Float64Array(size) }
}
