/** Tensors from data and from rules. */

import { pointBetween } from '../backend/pointBetween.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, DTypeError, describe, formatShape, ShapeError } from '../shape/errors.ts'
import { expectShapeArgument } from '../shape/shape.ts'
import type { Nested, Plain, Shape, ShapeOfNested } from '../shape/types.ts'
import { type DType, dtypeOfArray, expectDType, getDefaultDType, type TypedArray } from '../storage/dtype.ts'
import { expectRoom } from '../storage/slab.ts'
import { flattenNested } from './nested.ts'
import { allocate, allocateLike, requireGradient, Tensor } from './tensor.ts'

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
  expectOptions('tensor', options, ['dtype', 'requiresGrad', 'name', 'shape'])
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
  // A plain copy: frozen arrays beside ordinary ones make every read of a shape slow, everywhere.
  return allocate([...shape], expectDType(op, dtype), op)
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
  const result = allocateLike(SCALAR_SHAPE, SCALAR_SHAPE, 1, dtype)
  result.storage[result.offset] = value
  return result as unknown as Tensor<[]>
}

const SCALAR_SHAPE: readonly number[] = []

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
  expectOptions('full', options, ['dtype', 'requiresGrad', 'name'])
  return filled('full', shape, value, options) as unknown as Tensor<Plain<S>>
}

function filled(op: string, shape: readonly number[], value: number, options: TensorOptions): Tensor {
  const dtype = options.dtype ?? getDefaultDType()
  const result = reserve(op, shape, dtype)
  const element = stored(op, value, dtype)
  if (element !== 0) result.storage.fill(element, result.offset, result.offset + result.size)
  return finish(op, result, options)
}

/**
 * A tensor of zeros.
 *
 * @example
 * ```ts
 * import { zeros } from '@adjoint/core'
 * zeros([2, 3]).toArray() // => [[0, 0, 0], [0, 0, 0]]
 * ```
 */
export function zeros<const S extends readonly number[]>(
  shape: S,
  options: TensorOptions = {},
): Tensor<Plain<S>> {
  expectOptions('zeros', options, ['dtype', 'requiresGrad', 'name'])
  return filled('zeros', shape, 0, options) as unknown as Tensor<Plain<S>>
}

/**
 * A tensor of ones.
 *
 * @example
 * ```ts
 * import { ones } from '@adjoint/core'
 * ones([3], { dtype: 'int32' }).toArray() // => [1, 1, 1]
 * ```
 */
export function ones<const S extends readonly number[]>(
  shape: S,
  options: TensorOptions = {},
): Tensor<Plain<S>> {
  expectOptions('ones', options, ['dtype', 'requiresGrad', 'name'])
  return filled('ones', shape, 1, options) as unknown as Tensor<Plain<S>>
}

/**
 * Zeros in the shape and dtype of another tensor.
 *
 * @example
 * ```ts
 * import { tensor, zerosLike } from '@adjoint/core'
 * zerosLike(tensor([[1, 2]])).toArray() // => [[0, 0]]
 * ```
 */
export function zerosLike<S extends Shape>(x: Tensor<S>): Tensor<S> {
  const { shape, dtype } = expectTensor('zerosLike', x as Tensor)
  return allocate(shape, dtype) as unknown as Tensor<S>
}

/**
 * Ones in the shape and dtype of another tensor.
 *
 * @example
 * ```ts
 * import { onesLike, tensor } from '@adjoint/core'
 * onesLike(tensor([true, false])).toArray() // => [true, true]
 * ```
 */
export function onesLike<S extends Shape>(x: Tensor<S>): Tensor<S> {
  const { shape, dtype } = expectTensor('onesLike', x as Tensor)
  const result = allocate(shape, dtype)
  const { storage, offset, size } = result
  // Every walk backward begins with a single one, for which `fill` is slow.
  for (let i = offset; i < offset + size; i++) storage[i] = 1
  return result as unknown as Tensor<S>
}

/**
 * One value in the shape and dtype of another tensor.
 *
 * @example
 * ```ts
 * import { fullLike, tensor } from '@adjoint/core'
 * fullLike(tensor([[1, 2]]), 7).toArray() // => [[7, 7]]
 * ```
 * @throws DTypeError when the dtype cannot hold the value.
 */
export function fullLike<S extends Shape>(x: Tensor<S>, value: number): Tensor<S> {
  const { shape, dtype } = expectTensor('fullLike', x as Tensor)
  const result = allocate(shape, dtype)
  result.storage.fill(stored('fullLike', value, dtype), result.offset, result.offset + result.size)
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
  expectOptions('arange', options, ['dtype', 'requiresGrad', 'name'])
  const [start, end] = second === undefined ? [0, first] : [first, second]
  if (!Number.isFinite(step) || step === 0 || !Number.isFinite(end - start)) {
    throw new ArgumentError('arange', `cannot count from ${start} to ${end} in steps of ${step}.`)
  }
  const length = Math.max(0, Math.ceil((end - start) / step))
  expectRoom('arange', [length])
  return tensor(
    Array.from({ length }, (_, i) => start + i * step),
    { dtype: getDefaultDType(), ...options, shape: [length] },
  )
}

/**
 * `count` numbers from `start` to `end`, both included, at equal distances. Both ends are exact. For dtype int32 the
 * numbers drop their fraction.
 *
 * @example
 * ```ts
 * import { linspace } from '@adjoint/core'
 * linspace(1, 0, 5).toArray() // => [1, 0.75, 0.5, 0.25, 0]
 * ```
 * @throws ArgumentError when count is not a whole number from 0 up, or an end is not finite.
 */
export function linspace(
  start: number,
  end: number,
  count: number,
  options: TensorOptions = {},
): Tensor<[number]> {
  expectOptions('linspace', options, ['dtype', 'requiresGrad', 'name'])
  return fromList(evenlySpaced('linspace', start, end, count), options)
}

/** Settings of {@link logspace}. */
export interface LogspaceOptions extends TensorOptions {
  /** What is raised to the powers. Default 10. */
  readonly base?: number
}

/**
 * `count` powers of a base, from base^start to base^end, whose exponents are at equal distances. Powers are as exact as the
 * engine's; whole powers of a whole base are exact.
 *
 * @example
 * ```ts
 * import { logspace } from '@adjoint/core'
 * logspace(0, 3, 4).toArray() // => [1, 10, 100, 1000]
 * logspace(-1, 1, 3, { base: 2 }).toArray() // => [0.5, 1, 2]
 * ```
 * @throws ArgumentError when count is not a whole number from 0 up, or an end or the base is not finite.
 */
export function logspace(
  start: number,
  end: number,
  count: number,
  options: LogspaceOptions = {},
): Tensor<[number]> {
  expectOptions('logspace', options, ['base', 'dtype', 'requiresGrad', 'name'])
  const { base = 10, ...rest } = options
  expectNumber('logspace', 'the base', base)
  const exponents = evenlySpaced('logspace', start, end, count)
  return fromList(
    exponents.map(exponent => base ** exponent),
    rest,
  )
}

/**
 * `count` numbers from `start` to `end`, both included and exact, each a constant multiple of the one before.
 *
 * @example
 * ```ts
 * import { geomspace } from '@adjoint/core'
 * geomspace(1, 256, 9).toArray() // => [1, 2, 4, 8, 16, 32, 64, 128, 256]
 * geomspace(-1000, -1, 4).toArray() // => [-1000, -100, -10, -1]
 * ```
 * @throws ArgumentError when count is not a whole number from 0 up, or unless both ends are above 0, or both below.
 */
export function geomspace(
  start: number,
  end: number,
  count: number,
  options: TensorOptions = {},
): Tensor<[number]> {
  expectOptions('geomspace', options, ['dtype', 'requiresGrad', 'name'])
  const ratio = end / start
  if (!(ratio > 0 && Number.isFinite(ratio))) {
    throw new ArgumentError(
      'geomspace',
      `the ends must be finite and both above 0 or both below, got ${start} and ${end}.`,
    )
  }
  const parts = evenlySpaced('geomspace', 0, 1, count)
  // From the nearer end, which makes both ends exact.
  const values = parts.map(part => (part <= 0.5 ? start * ratio ** part : end * ratio ** (part - 1)))
  return fromList(values, options)
}

function evenlySpaced(op: string, start: number, end: number, count: number): number[] {
  if (!Number.isInteger(count) || count < 0) {
    throw new ArgumentError(op, `the count must be a whole number from 0 up, got ${count}.`)
  }
  expectNumber(op, 'start', start)
  expectNumber(op, 'end', end)
  expectRoom(op, [count])
  const step = count > 1 ? (end - start) / (count - 1) : 0
  // The ends may be further apart than the largest number.
  if (!Number.isFinite(step))
    return Array.from({ length: count }, (_, i) => pointBetween(start, end, i / (count - 1)))
  // Counting back from the end in the second half makes both ends exact.
  return Array.from({ length: count }, (_, i) =>
    count > 1 && 2 * i >= count ? end - (count - 1 - i) * step : start + i * step,
  )
}

function fromList(values: readonly number[], options: TensorOptions): Tensor<[number]> {
  const dtype = options.dtype ?? getDefaultDType()
  const list = dtype === 'int32' ? values.map(Math.trunc) : values
  return tensor(list, { ...options, dtype, shape: [values.length] })
}

/**
 * Ones on and below a diagonal of a matrix `[rows, columns]`, zeros above it. Diagonal 0 is the main one, a positive
 * number one further up.
 *
 * @example
 * ```ts
 * import { tri } from '@adjoint/core'
 * tri(2, 3).toArray() // => [[1, 0, 0], [1, 1, 0]]
 * tri(2, 3, 1).toArray() // => [[1, 1, 0], [1, 1, 1]]
 * ```
 * @throws ArgumentError when a size is not a whole number from 0 up, or the diagonal is not a whole number.
 */
export function tri(
  rows: number,
  columns: number = rows,
  diagonal = 0,
  options: TensorOptions = {},
): Tensor<[number, number]> {
  expectOptions('tri', options, ['dtype', 'requiresGrad', 'name'])
  if (!Number.isInteger(diagonal)) {
    throw new ArgumentError('tri', `the diagonal must be a whole number, got ${describe(diagonal)}.`)
  }
  const result = reserve('tri', [rows, columns], options.dtype ?? getDefaultDType())
  for (let i = 0; i < rows; i++) {
    const end = Math.min(columns, Math.max(0, i + diagonal + 1))
    const at = result.offset + i * columns
    result.storage.fill(1, at, at + end)
  }
  return finish('tri', result, options) as unknown as Tensor<[number, number]>
}

/**
 * The identity matrix, `[rows, columns]`, square unless `columns` is given.
 *
 * @example
 * ```ts
 * import { eye } from '@adjoint/core'
 * eye(2, 3).toArray() // => [[1, 0, 0], [0, 1, 0]]
 * ```
 */
export function eye(
  rows: number,
  columns: number = rows,
  options: TensorOptions = {},
): Tensor<[number, number]> {
  expectOptions('eye', options, ['dtype', 'requiresGrad', 'name'])
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
