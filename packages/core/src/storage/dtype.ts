/** The element types of tensors and how they mix. */

import { DTypeError } from '../shape/errors.ts'
import { expectSynchronous } from '../shape/synchronous.ts'

/** `float32` is the default; `bool` is stored as bytes 0 and 1. */
export type DType = 'float32' | 'float64' | 'int32' | 'bool'

/** The typed array that holds the elements of a tensor. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array

/** The element types, from the narrowest to the widest: mixing two gives the later one. */
export const DTYPES: readonly DType[] = ['bool', 'int32', 'float32', 'float64']

/** The typed array class of each dtype. */
export const ARRAY_OF: {
  readonly float32: Float32ArrayConstructor
  readonly float64: Float64ArrayConstructor
  readonly int32: Int32ArrayConstructor
  readonly bool: Uint8ArrayConstructor
} = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array }

/** Checks the name of a dtype; plain JavaScript may pass anything. */
export function expectDType(op: string, dtype: DType): DType {
  if (Object.hasOwn(ARRAY_OF, dtype)) return dtype
  throw new DTypeError(op, `'${dtype}' is not a dtype; use float32, float64, int32 or bool.`, [dtype])
}

/** Whether tensors of this dtype can carry gradients. */
export function isFloating(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64'
}

/**
 * The dtype of a result of two operands: the wider of the two in the order bool, int32, float32, float64.
 * JavaScript numbers are weak: they take the dtype of the tensor they meet, see {@link dtypeOfNumber}.
 *
 * @example
 * ```ts
 * import { promote } from '@adjoint/core'
 * promote('int32', 'float32') // => 'float32'
 * ```
 */
export function promote(left: DType, right: DType): DType {
  if (left === right) return left
  return DTYPES.indexOf(left) > DTYPES.indexOf(right) ? left : right
}

/** The floating dtype in which an op such as `exp` computes: float32 for int32 and bool. */
export function toFloating(dtype: DType): DType {
  return isFloating(dtype) ? dtype : 'float32'
}

/** The dtype of a plain number beside a tensor: the tensor's, unless the tensor cannot hold the number. */
export function dtypeOfNumber(value: number, beside: DType): DType {
  if (isFloating(beside)) return beside
  return Number.isInteger(value) && Math.abs(value) <= 0x7fffffff ? 'int32' : 'float32'
}

/**
 * The dtype that a typed array stands for. Arrays of other whole numbers have none of their own, the caller must say.
 *
 * @throws DTypeError for arrays that hold no ordinary numbers, and for those that stand for no dtype.
 */
export function dtypeOfArray(op: string, array: ArrayBufferView, dtype: DType | undefined): DType {
  const name = array.constructor.name
  if (array instanceof DataView || name.startsWith('Big')) {
    throw new DTypeError(
      op,
      `${name} does not hold ordinary numbers; convert it to another typed array first.`,
      [name],
    )
  }
  if (dtype !== undefined) return dtype
  if (array instanceof Float32Array) return 'float32'
  if (array instanceof Float64Array) return 'float64'
  if (array instanceof Int32Array) return 'int32'
  throw new DTypeError(
    op,
    `${name} has no dtype of its own; pass { dtype: 'float32' | 'float64' | 'int32' | 'bool' } or convert it first.`,
    [name],
  )
}

let defaultDType: 'float32' | 'float64' = 'float32'

/** The dtype of tensors made from plain numbers: float32 outside of {@link withDefaultDType}. */
export function getDefaultDType(): 'float32' | 'float64' {
  return defaultDType
}

/**
 * Runs `body` with another default dtype and restores the previous one, also when `body` throws.
 *
 * @example
 * ```ts
 * import { tensor, withDefaultDType } from '@adjoint/core'
 * withDefaultDType('float64', () => tensor([1, 2]).dtype) // => 'float64'
 * tensor([1, 2]).dtype // => 'float32'
 * ```
 * @throws DTypeError when the dtype is not a floating one.
 */
export function withDefaultDType<Result>(dtype: 'float32' | 'float64', body: () => Result): Result {
  if (!isFloating(dtype)) {
    throw new DTypeError('withDefaultDType', `the default dtype must be float32 or float64, got ${dtype}.`, [
      dtype,
    ])
  }
  const previous = defaultDType
  defaultDType = dtype
  try {
    return expectSynchronous('withDefaultDType', body())
  } finally {
    defaultDType = previous
  }
}
