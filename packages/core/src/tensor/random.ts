/** Random tensors that are constants, drawn from a generator; draws with tensors as parameters are in `composed/random`. */

import { truncatedNormalQuantile } from '../backend/incompleteGamma.ts'
import { inverseNormal } from '../backend/inverseNormal.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, DTypeError, describe } from '../shape/errors.ts'
import { expectShapeArgument, sizeOf } from '../shape/shape.ts'
import type { Plain } from '../shape/types.ts'
import { type DType, getDefaultDType, isFloating, type TypedArray } from '../storage/dtype.ts'
import { draws, expectRng, type Rng } from './rng.ts'
import { allocate, type Tensor } from './tensor.ts'

/** The element type of random tensors. */
export interface RandomOptions {
  /** Default: the default dtype, float32. */
  readonly dtype?: 'float32' | 'float64'
}

/**
 * The numbers 0 .. length - 1 in random order (Fisher and Yates).
 *
 * @example
 * ```ts
 * import { permutation, Rng } from '@adjoint/core'
 * permutation(new Rng(0), 5).toSorted() // => new Int32Array([0, 1, 2, 3, 4])
 * ```
 * @throws ArgumentError when the length is not a whole number from 0 up.
 */
export function permutation(rng: Rng, length: number): Int32Array {
  expectRng('permutation', rng)
  expectShapeArgument('permutation', [length])
  const order = Int32Array.from({ length }, (_, i) => i)
  for (let last = length - 1; last > 0; last--) {
    const pick = rng.integer(last + 1)
    const kept = order[last]!
    order[last] = order[pick]!
    order[pick] = kept
  }
  return order
}

/** Settings of {@link randomIntegers}. */
export interface RandomIntegersOptions {
  /** Smallest number, included. Default 0. */
  readonly low?: number
  /** Largest number, excluded. */
  readonly high: number
}

/**
 * Whole numbers, uniform in [low, high), without bias; dtype int32. A constant: a draw that jumps from one whole number to
 * the next has no derivative.
 *
 * @example
 * ```ts
 * import { randomIntegers, Rng } from '@adjoint/core'
 * randomIntegers(new Rng(0), [5], { low: 1, high: 7 }).toArray() // => [6, 4, 5, 2, 5]
 * ```
 * @throws ArgumentError unless low and high are whole numbers of 32 bits and low is below high.
 */
export function randomIntegers<const S extends readonly number[]>(
  rng: Rng,
  shape: S,
  options: RandomIntegersOptions,
): Tensor<Plain<S>> {
  expectRng('randomIntegers', rng)
  expectOptions('randomIntegers', options, ['low', 'high'])
  const { low = 0, high } = options ?? {}
  const isValid = low === (low | 0) && Number.isInteger(high) && high <= 2 ** 31 && low < high
  if (!isValid) {
    throw new ArgumentError(
      'randomIntegers',
      `low (${low}) and high (${high}) must be whole numbers of 32 bits, and low below high.`,
    )
  }
  return drawnTensor('randomIntegers', shape, 'int32', (storage, offset, size) => {
    for (let i = 0; i < size; i++) storage[offset + i] = low + rng.integer(high - low)
  })
}

/** Settings of {@link truncatedNormal}. */
export interface TruncatedNormalOptions extends RandomOptions {
  /** Mean of the normal distribution that is cut off. Default 0. */
  readonly mean?: number
  /** Its standard deviation. Default 1. */
  readonly std?: number
  /** Lower bound of the result, in its units; perhaps -Infinity. Default: mean - 2 std. */
  readonly low?: number
  /** Upper bound of the result, in its units; perhaps Infinity. Default: mean + 2 std. */
  readonly high?: number
}

/**
 * Numbers from the normal distribution that lie between two bounds. By the inverse of the distribution function, one
 * uniform number each, accurate however far out in the tail the bounds are: nothing is drawn and thrown away. A constant.
 *
 * @example
 * ```ts
 * import { Rng, truncatedNormal } from '@adjoint/core'
 * const x = truncatedNormal(new Rng(0), [1000], { std: 0.02, low: -0.04, high: 0.04 })
 * x.abs().max().item() <= 0.04 // => true
 * truncatedNormal(new Rng(0), [2], { low: 40, high: Infinity }).toArray() // => [40.0135, 40.0094]
 * ```
 * @throws ArgumentError unless mean and std are finite, std is above 0, and low is below high.
 */
export function truncatedNormal<const S extends readonly number[]>(
  rng: Rng,
  shape: S,
  options: TruncatedNormalOptions = {},
): Tensor<Plain<S>> {
  expectRng('truncatedNormal', rng)
  expectOptions('truncatedNormal', options, ['mean', 'std', 'low', 'high', 'dtype'])
  const { mean = 0, std = 1, dtype = getDefaultDType() } = options
  const { low = mean - 2 * std, high = mean + 2 * std } = options
  if (!(Number.isFinite(mean) && Number.isFinite(std) && std > 0 && low < high)) {
    throw new ArgumentError(
      'truncatedNormal',
      `mean (${mean}) and std (${std}) must be finite and std above 0, low (${low}) below high (${high}).`,
    )
  }
  expectFloating('truncatedNormal', dtype)
  const [from, to] = [(low - mean) / std, (high - mean) / std]
  return fillDraws('truncatedNormal', rng, shape, dtype, u => {
    const value = mean + std * truncatedNormalQuantile(from, to, opened(u))
    return roundedInto(Math.min(high, Math.max(low, value)), low, high, dtype)
  })
}

/** A number rounded to a dtype, but not over one of its bounds. */
function roundedInto(value: number, low: number, high: number, dtype: DType): number {
  if (dtype !== 'float32') return value
  const rounded = Math.fround(value)
  if (rounded > high) return Math.fround(value - Math.abs(value) * 2 ** -24)
  return rounded < low ? Math.fround(value + Math.abs(value) * 2 ** -24) : rounded
}

/**
 * What dropout multiplies with: 1 / (1 - rate) where an element stays, 0 where it goes, which it does with probability
 * `rate`. Rate 0 gives ones and rate 1 zeros, exactly. A constant: the gradient of x times the mask is g times the mask.
 *
 * @example
 * ```ts
 * import { dropoutMask, Rng } from '@adjoint/core'
 * dropoutMask(new Rng(1), [2, 4], 0.5).toArray() // => [[2, 0, 0, 2], [0, 0, 2, 2]]
 * ```
 * @throws ArgumentError unless the rate is between 0 and 1.
 */
export function dropoutMask<const S extends readonly number[]>(
  rng: Rng,
  shape: S,
  rate: number,
  options: RandomOptions = {},
): Tensor<Plain<S>> {
  expectRng('dropoutMask', rng)
  expectOptions('dropoutMask', options, ['dtype'])
  if (!(typeof rate === 'number' && rate >= 0 && rate <= 1)) {
    throw new ArgumentError('dropoutMask', `the rate must be a number from 0 to 1, got ${describe(rate)}.`)
  }
  const { dtype = getDefaultDType() } = options
  expectFloating('dropoutMask', dtype)
  const kept = rate === 1 ? 0 : 1 / (1 - rate)
  // A product, because no branch predictor guesses a coin.
  return fillDraws('dropoutMask', rng, shape, dtype, u => Number(u >= rate) * kept)
}

/** Settings of {@link orthogonal}. */
export interface OrthogonalOptions extends RandomOptions {
  /** Factor of the result. Default 1. */
  readonly gain?: number
}

/**
 * A random matrix with orthonormal rows or columns, whichever are fewer, times `gain`; uniform over all of them (Haar
 * measure). Further axes are counted as columns: a kernel `[out, in, 3, 3]` is a matrix `[out, in * 9]`. From the QR
 * decomposition of normal numbers whose R has a positive diagonal (F. Mezzadri, Notices of the AMS 54 (2007)); starting
 * values of A. Saxe, J. McClelland and S. Ganguli (2014). A constant.
 *
 * @example
 * ```ts
 * import { eye, orthogonal, Rng } from '@adjoint/core'
 * const q = orthogonal(new Rng(0), [3, 3], { dtype: 'float64' })
 * q.matmul(q.transpose()).sub(eye(3)).abs().max().item() < 1e-14 // => true
 * ```
 * @throws ArgumentError for a shape of fewer than two axes.
 */
export function orthogonal<const S extends readonly number[]>(
  rng: Rng,
  shape: S,
  options: OrthogonalOptions = {},
): Tensor<Plain<S>> {
  expectRng('orthogonal', rng)
  expectOptions('orthogonal', options, ['gain', 'dtype'])
  expectShapeArgument('orthogonal', shape)
  if (shape.length < 2) {
    throw new ArgumentError('orthogonal', `needs at least two axes, got the shape [${shape.join(', ')}].`)
  }
  const { gain = 1, dtype = getDefaultDType() } = options
  expectFloating('orthogonal', dtype)
  const rows = shape[0]!
  const columns = sizeOf(shape.slice(1))
  const [length, count] = [Math.max(rows, columns), Math.min(rows, columns)]
  return drawnTensor('orthogonal', shape, dtype, (storage, offset) => {
    const vectors = Array.from({ length: count }, () =>
      Float64Array.from({ length }, () => inverseNormal(nextOpen(rng))),
    )
    orthonormalize(vectors)
    for (let k = 0; k < count; k++) {
      for (let i = 0; i < length; i++) {
        storage[offset + (rows >= columns ? i * columns + k : k * columns + i)] = gain * vectors[k]![i]!
      }
    }
  })
}

/** Gram and Schmidt's process, twice over for each vector: that makes them orthogonal to the last digits. */
function orthonormalize(vectors: readonly Float64Array[]): void {
  for (let k = 0; k < vectors.length; k++) {
    const vector = vectors[k]!
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < k; j++) {
        const share = dotProduct(vector, vectors[j]!)
        for (let i = 0; i < vector.length; i++) vector[i]! -= share * vectors[j]![i]!
      }
    }
    const norm = Math.sqrt(dotProduct(vector, vector))
    for (let i = 0; i < vector.length; i++) vector[i]! /= norm
  }
}

function dotProduct(x: Float64Array, y: Float64Array): number {
  let total = 0
  for (let i = 0; i < x.length; i++) total += x[i]! * y[i]!
  return total
}

/** One number, uniform in the open interval (0, 1): an odd multiple of 2^-53. */
export function nextOpen(rng: Rng): number {
  return opened(rng.next())
}

/** A number from [0, 1) moved into the open interval. */
export function opened(u: number): number {
  return (Math.floor(u * 2 ** 52) + 0.5) / 2 ** 52
}

/** A tensor of functions of numbers uniform in [0, 1), one for each element, drawn in row-major order. */
export function fillDraws<const S extends readonly number[]>(
  op: string,
  rng: Rng,
  shape: S,
  dtype: DType,
  of: (u: number) => number,
): Tensor<Plain<S>> {
  return drawnTensor(op, shape, dtype, (storage, offset, size) => {
    for (let from = 0; from < size; from += uniforms.length) {
      const piece = uniforms.subarray(0, Math.min(uniforms.length, size - from))
      rng.fill(piece)
      for (let i = 0; i < piece.length; i++) piece[i] = of(piece[i]!)
      storage.set(piece, offset + from)
    }
  })
}

/** Numbers on their way into a tensor; nothing is kept here. */
const uniforms: Float64Array = /* @__PURE__ */ new Float64Array(512)

/** A tensor whose elements are drawn: now, or before every run of the function that is being traced. */
export function drawnTensor<const S extends readonly number[]>(
  op: string,
  shape: S,
  dtype: DType,
  draw: (storage: TypedArray, offset: number, size: number) => void,
): Tensor<Plain<S>> {
  const size = sizeOf(expectShapeArgument(op, shape))
  const { divert } = draws
  if (divert !== undefined) {
    const written = divert.hosted([...shape], dtype, (storage, offset) => draw(storage, offset, size))
    return written as unknown as Tensor<Plain<S>>
  }
  const result = allocate([...shape], dtype)
  draw(result.storage, result.offset, size)
  return result as unknown as Tensor<Plain<S>>
}

/** The dtype itself when it is a floating one; plain JavaScript may pass anything. */
export function expectFloating(op: string, dtype: DType): DType {
  if (isFloating(dtype)) return dtype
  throw new DTypeError(
    op,
    `'${dtype}' is not a floating dtype; draw float32 or float64 and cast the result.`,
    [dtype],
  )
}
