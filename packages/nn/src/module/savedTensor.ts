/** A tensor in a saved state: itself, or what JSON makes of it. */

import { formatShape } from '@adjoint/core/engine'
import { type DType, Tensor, tensor } from '@adjoint/core/functional'
import { shown } from './shown.ts'

/** A tensor as plain data, as `tensor.toJSON()` gives it: the elements in row-major order. */
export interface SavedTensor {
  readonly shape: readonly number[]
  readonly dtype: DType
  /** Numbers; what JSON cannot write as a number stands as a string: `'NaN'`, `'Infinity'`, `'-Infinity'`, `'-0'`. */
  readonly data: readonly (number | string)[]
}

const WORDS: readonly unknown[] = ['NaN', 'Infinity', '-Infinity', '-0']

/** `float32 [2, 3]` of a tensor, saved or not; otherwise what it is. */
export function describe(value: unknown): string {
  const { shape, dtype } = Object(value) as Partial<Tensor>
  return Array.isArray(shape) && shape.every(Number.isInteger) && typeof dtype === 'string'
    ? `${dtype} ${formatShape(shape)}`
    : shown(value)
}

/** The tensor that was saved in place of `like`, or what is wrong with it. Nothing of `found` is trusted. */
export function readTensor(found: unknown, like: Tensor | undefined): Tensor | string {
  const needed = describe(like)
  if (like === undefined || describe(found) !== needed) return `is ${describe(found)}, needed is ${needed}`
  if (found instanceof Tensor) return found
  const { data } = found as { readonly data?: unknown }
  const numbers = Array.isArray(data) ? Array.from(data, x => (WORDS.includes(x) ? Number(x) : x)) : []
  if (numbers.length !== like.size || !numbers.every(x => typeof x === 'number')) {
    return `is ${needed}, but data is not an array of ${like.size} numbers`
  }
  return tensor(numbers, { shape: like.shape, dtype: like.dtype })
}
