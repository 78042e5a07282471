/** Tensors from data and from rules. */

import { ArgumentError, DTypeError, describe, formatShape, ShapeError } from '../shape/errors.ts'
import { expectShapeArgument } from '../shape/shape.ts'
import type { Nested, Plain, Shape, ShapeOfNested } from '../shape/types.ts'
import { type DType, dtypeOfArray, expectDType, getDefaultDType, type TypedArray } from '../storage/dtype.ts'
import { flattenNested } from './nested.ts'
import { allocate, requireGradient, Tensor } from './tensor.ts'

/** Settings that every creating function takes. */
export interface TensorOptions {
  /** Element type; by default float32 for numbers and bool for booleans. */
  readonly dtype?: DType
  /** Record operations on the tensor, so that gradients flow to it. Default false. */
  readonly requiresGrad?: boolean
  /** Name for messages, pictures of the graph and ledgers. */
  readonly name?: string
}

/** Settings of {@link tensor} for flat data: the shape to give it. */
export interface ShapedTensorOptions<S extends readonly number[]> extends TensorOptions {
  readonly shape: S
}

/**
 * A tensor from numbers or booleans, nested as deeply as it shall have axes, or from a typed array.
 * The data is copied. Flat data takes a `shape`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * const x = tensor([[1, 2, 3], [4, 5, 6]])
 * x.shape // => [2, 3]
 * tensor(new Float64Array([1, 2, 3, 4]), { shape: [2, 2] }).toArray() // => [[1, 2], [3, 4]]
 * ```
 * @throws ArgumentError when the nesting is ragged or an entry is no number.
 * @throws ShapeError when `shape` has another number of elements than the data.
 * @throws DTypeError when `requiresGrad` is asked of an integer or bool tensor.
 */
export function tensor<const S extends readonly number[]>(
  data: TypedArray | readonly number[] | readonly boolean[],
  options: ShapedTensorOptions<S>,
): Tensor<Plain<S>>
export function tensor(data: TypedArray, options?: TensorOptions): Tensor<[number]>
export function tensor<const Data extends Nested>(
  data: Data,
  options?: TensorOptions,
): Tensor<ShapeOfNested<Data>>
export function tensor(
  data: Nested | TypedArray,
  options: TensorOptions & { readonly shape?: readonly number[] } = {},
): Tensor {
  if (ArrayBuffer.isView(data)) {
    const dtype = dtypeOfArray('tensor', data, options.dtype)
    return fill(options.shape ?? [data.length], dtype, data, options)
  }
  const { shape, values, boolean } = flattenNested('tensor', data)
  return fill(
    options.shape ?? shape,
    options.dtype ?? (boolean ? 'bool' : getDefaultDType()),
    values,
    options,
  )
}

function fill(
  shape: readonly number[],
  dtype: DType,
  values: ArrayLike<number>,
  options: TensorOptions,
): Tensor {
  const result = reserve('tensor', shape, dtype)
  if (result.size !== values.length) {
    throw new ShapeError(
      'tensor',
      `shape ${formatShape(shape)} has ${result.size} elements, the data has ${values.length}.`,
      [shape],
    )
  }
  const { storage, offset } = result
  for (let i = 0; i < values.length; i++) storage[offset + i] = stored('tensor', values[i]!, dtype)
  return finish('tensor', result, options)
}

/** Fresh memory for a shape and a dtype that a caller has given. */
function reserve(op: string, shape: readonly number[], dtype: DType): Tensor {
  expectShapeArgument(op, shape)
  return allocate(Object.freeze([...shape]), expectDType(op, dtype))
}

/** A number as an element of a dtype; whole numbers of 32 bits only for int32, 0 or 1 for bool. */
function stored(op: string, value: number, dtype: DType): number {
  if (typeof value !== 'number') throw new ArgumentError(op, `takes numbers, got ${describe(value)}.`)
  if (dtype === 'bool') return value === 0 ? 0 : 1
  if (dtype !== 'int32' || value === (value | 0)) return value
  throw new DTypeError(op, `${value} does not fit dtype int32; use a floating dtype, or round it first.`, [
    dtype,
  ])
}

function finish(op: string, result: Tensor, options: TensorOptions): Tensor {
  if (options.name !== undefined) result.name = options.name
  if (options.requiresGrad) requireGradient(op, result)
  return result
}

/** A 0-d tensor of one number; the quick form for operands. */
export function scalar(value: number, dtype: DType): Tensor<[]> {
  const result = allocate(SCALAR_SHAPE, dtype)
  result.storage[result.offset] = value
  return result as unknown as Tensor<[]>
}

const SCALAR_SHAPE: readonly number[] = Object.freeze([])

/**
 * A tensor filled with one value.
 *
 * @example
 * ```ts
 * import { full } from '@adjoint/core'
 * full([2, 2], 7).toArray() // => [[7, 7], [7, 7]]
 * ```
 */
export function full<const S extends readonly number[]>(
  shape: S,
  value: number,
  options: TensorOptions = {},
): Tensor<Plain<S>> {
  const dtype = options.dtype ?? getDefaultDType()
  const result = reserve('full', shape, dtype)
  const element = stored('full', value, dtype)
  if (element !== 0) result.storage.fill(element, result.offset, result.offset + result.size)
  return finish('full', result, options) as unknown as Tensor<Plain<S>>
}

/** A tensor of zeros. */
export function zeros<const S extends readonly number[]>(
  shape: S,
  options: TensorOptions = {},
): Tensor<Plain<S>> {
  return full(shape, 0, options)
}

/** A tensor of ones. */
export function ones<const S extends readonly number[]>(
  shape: S,
  options: TensorOptions = {},
): Tensor<Plain<S>> {
  return full(shape, 1, options)
}

/** Zeros in the shape and dtype of another tensor. */
export function zerosLike<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return allocate(x.shape, x.dtype) as unknown as Tensor<S>
}

/** Ones in the shape and dtype of another tensor. */
export function onesLike<S extends Shape>(x: Tensor<S>): Tensor<S> {
  const result = allocate(x.shape, x.dtype)
  result.storage.fill(1, result.offset, result.offset + result.size)
  return result as unknown as Tensor<S>
}

/**
 * Numbers from `start` (included) to `end` (excluded) in steps: `arange(3)` is 0, 1, 2. With a fractional step rounding
 * decides whether the last one still is below `end`, as in NumPy; `linspace` counts instead.
 *
 * @example
 * ```ts
 * import { arange } from '@adjoint/core'
 * arange(1, 10, 3).toArray() // => [1, 4, 7]
 * ```
 * @throws ArgumentError when the step is 0 or not a number.
 */
export function arange(end: number): Tensor<[number]>
export function arange(start: number, end: number, step?: number, options?: TensorOptions): Tensor<[number]>
export function arange(
  first: number,
  second?: number,
  step = 1,
  options: TensorOptions = {},
): Tensor<[number]> {
  const [start, end] = second === undefined ? [0, first] : [first, second]
  if (!Number.isFinite(step) || step === 0 || !Number.isFinite(end - start)) {
    throw new ArgumentError('arange', `cannot count from ${start} to ${end} in steps of ${step}.`)
  }
  const length = Math.max(0, Math.ceil((end - start) / step))
  return tensor(
    Array.from({ length }, (_, i) => start + i * step),
    { dtype: getDefaultDType(), ...options, shape: [length] },
  )
}

/**
 * `count` numbers from `start` to `end`, both included, at equal distances.
 *
 * @throws ArgumentError when count is not a whole number from 0 up.
 */
export function linspace(
  start: number,
  end: number,
  count: number,
  options: TensorOptions = {},
): Tensor<[number]> {
  if (!Number.isInteger(count) || count < 0) {
    throw new ArgumentError('linspace', `the count must be a whole number from 0 up, got ${count}.`)
  }
  const step = count > 1 ? (end - start) / (count - 1) : 0
  // Counting back from the end in the second half makes both ends exact.
  const values = Array.from({ length: count }, (_, i) =>
    count > 1 && 2 * i >= count ? end - (count - 1 - i) * step : start + i * step,
  )
  return tensor(values, { dtype: getDefaultDType(), ...options, shape: [count] })
}

/**
 * The identity matrix, `[rows, columns]`, square unless `columns` is given.
 */
export function eye(
  rows: number,
  columns: number = rows,
  options: TensorOptions = {},
): Tensor<[number, number]> {
  const result = reserve('eye', [rows, columns], options.dtype ?? getDefaultDType())
  for (let i = 0; i < Math.min(rows, columns); i++) result.storage[result.offset + i * columns + i] = 1
  return finish('eye', result, options) as unknown as Tensor<[number, number]>
}

/** The value itself when it is a tensor; plain JavaScript may pass anything. */
export function expectTensor(op: string, value: Tensor): Tensor {
  if (value instanceof Tensor) return value
  throw notATensor(op, value)
}

/** A finite number; plain JavaScript may pass anything. */
export function expectNumber(op: string, name: string, value: number): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new ArgumentError(op, `${name} must be a finite number, got ${describe(value)}.`)
}

/** An operand as a tensor: a number becomes a 0-d tensor of the given dtype. */
export function toTensor(op: string, value: Tensor | number, dtype: DType): Tensor {
  if (value instanceof Tensor) return value
  if (typeof value === 'number') return scalar(value, dtype)
  throw notATensor(op, value, 'tensors and numbers')
}

function notATensor(op: string, value: unknown, wanted = 'tensors'): ArgumentError {
  return new ArgumentError(op, `takes ${wanted}, got ${describe(value)}; make one with tensor(...).`)
}
