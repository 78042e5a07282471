/** Numbers in nested arrays, on their way into tensors and out of them. */

import { ArgumentError, describe } from '../shape/errors.ts'
import type { DType, TypedArray } from '../storage/dtype.ts'

/** What `toArray` returns: numbers or booleans, nested as deeply as the tensor has axes. */
export type NestedArray = number | boolean | NestedArray[]

/** Flat elements in row-major order as nested arrays of a shape; booleans for dtype bool. */
export function nest(shape: readonly number[], data: TypedArray, dtype: DType): NestedArray {
  const value = (at: number): number | boolean => (dtype === 'bool' ? data[at] !== 0 : data[at]!)
  if (shape.length === 0) return value(0)
  const build = (axis: number, start: number, size: number): NestedArray[] => {
    const length = shape[axis]!
    const part = length === 0 ? 0 : size / length
    return Array.from({ length }, (_, i) =>
      axis === shape.length - 1 ? value(start + i) : build(axis + 1, start + i * part, part),
    )
  }
  return build(0, 0, data.length)
}

/** Reads nested numbers into a flat list and finds their shape. */
export function flattenNested(
  op: string,
  data: unknown,
): { shape: number[]; values: number[]; boolean: boolean } {
  const shape: number[] = []
  for (let level: unknown = data; Array.isArray(level); level = level[0]) shape.push(level.length)
  const values: number[] = []
  let booleans = 0
  const visit = (part: unknown, axis: number, path: string): void => {
    if (Array.isArray(part)) {
      if (axis >= shape.length || part.length !== shape[axis]) {
        const expected = axis >= shape.length ? 'a number' : `${shape[axis]} entries`
        throw new ArgumentError(
          op,
          `the nested array is ragged: ${path || 'data'} has ${part.length} entries where ${expected} would fit.`,
        )
      }
      for (let i = 0; i < part.length; i++) visit(part[i], axis + 1, `${path}[${i}]`)
      return
    }
    if (axis !== shape.length) {
      throw new ArgumentError(
        op,
        `the nested array is ragged: ${path} is ${String(part)} where an array of ${shape[axis]} entries would fit.`,
      )
    }
    if (typeof part === 'boolean') booleans++
    else if (typeof part !== 'number') {
      throw new ArgumentError(op, `data${path} is ${describe(part)}; tensors hold numbers or booleans.`)
    }
    values.push(Number(part))
  }
  visit(data, 0, '')
  if (booleans > 0 && booleans < values.length) {
    throw new ArgumentError(op, 'data mixes numbers and booleans; use one of them.')
  }
  return { shape, values, boolean: booleans > 0 }
}
