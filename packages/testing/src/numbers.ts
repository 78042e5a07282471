/** The forms in which people hold numbers, read into one: a shape and the values in row-major order. */

import { formatShape, sizeOf } from '@adjoint/core/engine'
import { ArgumentError, Tensor } from '@adjoint/core/functional'

/** Plain numbers, nested as deeply as they have axes. */
export type NestedNumbers = number | readonly NestedNumbers[]

/** A shape and the values in row-major order, such as a `Matrix` of `@adjoint/manual`. */
export interface ShapedNumbers {
  readonly shape: readonly number[]
  readonly data: ArrayLike<number>
}

/** Numbers as a tensor, a typed array, nested arrays, or a shape with flat data. */
export type Numbers =
  | Tensor
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint8Array
  | ShapedNumbers
  | NestedNumbers

/** Numbers that were read. A typed array brings no shape of its own: it fits any shape of its length. */
export interface ReadNumbers {
  readonly shape: readonly number[]
  readonly data: Float64Array
  readonly shapeless: boolean
}

/**
 * Reads numbers of any form.
 *
 * @throws ArgumentError for ragged nesting, data that do not fill their shape, or anything that is no number.
 */
export function readNumbers(op: string, name: string, numbers: Numbers): ReadNumbers {
  if (numbers instanceof Tensor) {
    return { shape: numbers.shape, data: Float64Array.from(numbers.data()), shapeless: false }
  }
  if (ArrayBuffer.isView(numbers)) {
    return { shape: [numbers.length], data: Float64Array.from(numbers), shapeless: true }
  }
  if (typeof numbers === 'object' && numbers !== null && 'shape' in numbers && 'data' in numbers) {
    const { shape, data } = numbers
    if (data.length !== sizeOf(shape)) {
      throw new ArgumentError(
        op,
        `'${name}' has ${data.length} numbers for shape ${formatShape(shape)}, which needs ${sizeOf(shape)}.`,
      )
    }
    return { shape: [...shape], data: Float64Array.from(data), shapeless: false }
  }
  return readNested(op, name, numbers)
}

/** Something that is no number, for a message. */
function whatIs(part: unknown): string {
  if (Array.isArray(part)) return 'ragged nested arrays'
  if (part === null || part === undefined) return String(part)
  return typeof part === 'object' ? 'an object' : `a ${typeof part}`
}

function readNested(op: string, name: string, numbers: NestedNumbers): ReadNumbers {
  const shape: number[] = []
  for (let level: unknown = numbers; Array.isArray(level); level = level[0]) shape.push(level.length)
  const data: number[] = []
  const visit = (part: unknown, axis: number): void => {
    if (Array.isArray(part) && part.length === shape[axis]) {
      for (const entry of part) visit(entry, axis + 1)
    } else if (typeof part === 'number' && axis === shape.length) {
      data.push(part)
    } else {
      throw new ArgumentError(
        op,
        `'${name}' holds ${whatIs(part)}; expected a tensor, a typed array, nested arrays of numbers, or { shape, data }.`,
      )
    }
  }
  visit(numbers, 0)
  return { shape, data: Float64Array.from(data), shapeless: false }
}
