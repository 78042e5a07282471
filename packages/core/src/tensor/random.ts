/** Random tensors, drawn from a generator. */

import { ArgumentError, DTypeError } from '../shape/errors.ts'
import { expectShapeArgument } from '../shape/shape.ts'
import type { Plain } from '../shape/types.ts'
import { getDefaultDType, isFloating } from '../storage/dtype.ts'
import { inverseNormal } from './inverseNormal.ts'
import type { Rng } from './rng.ts'
import { allocate, type Tensor } from './tensor.ts'

/** The element type of random tensors. */
export interface RandomOptions {
  /** Default: the default dtype, float32. */
  readonly dtype?: 'float32' | 'float64'
}

/** Settings of {@link uniform}. */
export interface UniformOptions extends RandomOptions {
  /** Smallest number, included. Default 0. */
  readonly low?: number
  /** Largest number, excluded. Default 1. */
  readonly high?: number
}

/** Settings of {@link normal}. */
export interface NormalOptions extends RandomOptions {
  /** Default 0. */
  readonly mean?: number
  /** Standard deviation. Default 1. */
  readonly std?: number
}

/**
 * A tensor of numbers uniform in [low, high), rounded to the dtype.
 *
 * @example
 * ```ts
 * import { Rng, uniform } from '@adjoint/core'
 * uniform(new Rng(0), [2, 3], { low: -1 }).shape // => [2, 3]
 * ```
 * @throws ArgumentError unless low and high are finite and low is not above high.
 */
export function uniform<const S extends readonly number[]>(
  rng: Rng,
  shape: S,
  options: UniformOptions = {},
): Tensor<Plain<S>> {
  const { low = 0, high = 1, dtype = getDefaultDType() } = options
  if (!(Number.isFinite(high - low) && low <= high)) {
    throw new ArgumentError(
      'uniform',
      `low (${low}) and high (${high}) must be finite, and low not above high.`,
    )
  }
  const round = dtype === 'float32' ? Math.fround : (value: number) => value
  return fill('uniform', shape, options, () => {
    const value = round(low + (high - low) * rng.next())
    // Rounding may reach `high` itself, which is not in the interval.
    return value < high ? value : low
  })
}

/**
 * A tensor of numbers from the normal distribution with this mean and standard deviation.
 *
 * @example
 * ```ts
 * import { normal, Rng } from '@adjoint/core'
 * normal(new Rng(0), [2, 3], { std: 0.01 }).shape // => [2, 3]
 * ```
 * @throws ArgumentError unless the mean is finite and the standard deviation finite and not negative.
 */
export function normal<const S extends readonly number[]>(
  rng: Rng,
  shape: S,
  options: NormalOptions = {},
): Tensor<Plain<S>> {
  const { mean = 0, std = 1 } = options
  if (!(Number.isFinite(mean) && Number.isFinite(std) && std >= 0)) {
    throw new ArgumentError('normal', `mean (${mean}) and std (${std}) must be finite, and std not negative.`)
  }
  return fill('normal', shape, options, () => mean + std * inverseNormal(nextOpen(rng)))
}

/**
 * The numbers 0 .. length - 1 in random order (Fisher and Yates).
 *
 * @throws ArgumentError when the length is not a whole number from 0 up.
 */
export function permutation(rng: Rng, length: number): Int32Array {
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

/** One number, uniform in the open interval (0, 1): an odd multiple of 2^-53. */
function nextOpen(rng: Rng): number {
  return (Math.floor(rng.next() * 2 ** 52) + 0.5) / 2 ** 52
}

function fill<const S extends readonly number[]>(
  op: string,
  shape: S,
  { dtype = getDefaultDType() }: RandomOptions,
  draw: () => number,
): Tensor<Plain<S>> {
  expectShapeArgument(op, shape)
  if (!isFloating(dtype)) {
    throw new DTypeError(
      op,
      `'${dtype}' is not a floating dtype; draw float32 or float64 and cast the result.`,
      [dtype],
    )
  }
  const result = allocate(Object.freeze([...shape]), dtype)
  for (let i = 0; i < result.size; i++) result.storage[result.offset + i] = draw()
  return result as unknown as Tensor<Plain<S>>
}
