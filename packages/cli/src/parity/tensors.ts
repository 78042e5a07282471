/** Stored tensors as tensors of Adjoint, and how far two of them are apart. */
import { type DType, type Tensor, tensor } from '@adjoint/core'
import { NotCovered } from './errors.ts'
import type { StoredTensor, Tolerance } from './format.ts'

/** A stored element as a number. */
export const numberOf = (element: number | boolean | string): number => Number(element)

/**
 * A stored tensor as one of Adjoint: int64 becomes int32.
 *
 * @throws NotCovered for uint8, which wraps around where no dtype of Adjoint does, and for whole numbers beyond int32.
 */
export function load({ shape, dtype, data }: StoredTensor): Tensor {
  if (dtype === 'uint8') throw new NotCovered('dtype uint8: Adjoint has float32, float64, int32 and bool')
  const values = data.map(numberOf)
  if (dtype === 'int64' && values.some(value => value !== (value | 0)))
    throw new NotCovered('int64 beyond the range of int32')
  return tensor(values, { shape, dtype: dtype === 'int64' ? 'int32' : dtype })
}

/** The dtype of Adjoint that a result shall have; undefined where there is none. */
export function dtypeFor({ dtype }: StoredTensor): DType | undefined {
  if (dtype === 'uint8') return undefined
  return dtype === 'int64' ? 'int32' : dtype
}

/** A difference: where, what was found, what was expected. */
export interface Difference {
  readonly what: string
  readonly message: string
  /** Whether the expected number itself is finite; without one the difference is of shapes or dtypes. */
  readonly expectedFinite?: boolean
  /** Whether the found number is finite. */
  readonly foundFinite?: boolean
}

/** What about single elements is acceptable although it differs. */
export type Pardon = (actual: number, expected: number) => boolean

const noPardon: Pardon = () => false

/** NaN equals NaN, infinities go by sign, 0 and -0 are equal, everything else by the tolerance. */
export function agrees(actual: number, expected: number, { rtol, atol }: Tolerance): boolean {
  if (actual === expected || (Number.isNaN(actual) && Number.isNaN(expected))) return true
  // An infinite number has an infinite tolerance, within which everything is.
  return Number.isFinite(expected) && Math.abs(actual - expected) <= atol + rtol * Math.abs(expected)
}

/**
 * The first difference of a tensor from what is stored: in shape, in dtype, or in an element; undefined when they agree.
 * `loose` lets a whole number or a truth value stand for another one, as indices may.
 */
export function differenceOf(
  what: string,
  actual: Tensor,
  expected: StoredTensor,
  tolerance: Tolerance,
  { pardon = noPardon, loose = false }: { readonly pardon?: Pardon; readonly loose?: boolean } = {},
): Difference | undefined {
  const shape = actual.shape as readonly number[]
  if (shape.length !== expected.shape.length || shape.some((size, axis) => size !== expected.shape[axis])) {
    return { what, message: `shape [${shape.join(', ')}], expected is [${expected.shape.join(', ')}]` }
  }
  const wanted = dtypeFor(expected)
  const isWhole = (dtype: DType | undefined): boolean => dtype === 'int32' || dtype === 'bool'
  if (actual.dtype !== wanted && !(loose && isWhole(actual.dtype) && isWhole(wanted))) {
    return { what, message: `dtype ${actual.dtype}, expected is ${expected.dtype}` }
  }
  const found = actual.data()
  for (const [at, stored] of expected.data.entries()) {
    const e = numberOf(stored)
    const a = found[at]!
    if (agrees(a, e, tolerance) || pardon(a, e)) continue
    return {
      what,
      message: `element ${at} of ${found.length} is ${a}, expected is ${e}`,
      expectedFinite: Number.isFinite(e),
      foundFinite: Number.isFinite(a),
    }
  }
  return undefined
}
