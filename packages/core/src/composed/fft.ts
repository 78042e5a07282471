import { discreteFourier } from '../ops/discreteFourier.ts'
import { mul } from '../ops/mul.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, describe, formatShape, ShapeError } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { pad } from './pad.ts'

/**
 * Where the factor 1/n goes: into the inverse transform (`backward`, the default), as 1/√n into both (`ortho`), or into the
 * transform (`forward`).
 */
export type FourierNorm = 'backward' | 'ortho' | 'forward'

/** Settings of {@link fft} and its kin. */
export interface FourierOptions {
  /** Number of elements to transform: more are cut off, fewer filled up with zeros. Default: all there are. */
  readonly length?: number
  /** Default `backward`. */
  readonly norm?: FourierNorm
}

/**
 * The discrete Fourier transform X_k = Σ x_j e^(-2πi jk/n) along an axis, of any length n. Complex numbers are pairs (re, im)
 * on the last axis, which does not count as one of the axes to transform: `[..., n, 2] -> [..., n, 2]`. O(n log n) for every length, primes included. Linear: the gradient is the
 * transform in the other direction of the cotangent.
 *
 * @example
 * ```ts
 * import { fft, tensor } from '@adjoint/core'
 * fft(tensor([[1, 0], [0, 0], [0, 0]])).toArray() // => [[1, 0], [1, 0], [1, 0]]
 * ```
 * @throws ShapeError unless the last axis has size 2; ArgumentError for a length below 1 or an unknown norm; AxisError for an
 * axis outside of the rank.
 */
export function fft(x: Tensor, axis = -1, options: FourierOptions = {}): Tensor {
  return transformPairs('fft', x, axis, options, false)
}

/** {@link fft} or its inverse, in the name of either. */
export function transformPairs(
  op: string,
  x: Tensor,
  axis: number,
  options: FourierOptions,
  inverse: boolean,
): Tensor {
  expectOptions(op, options, ['length', 'norm'])
  const along = pairAxis(op, x, axis)
  const n = fourierLength(op, options.length ?? x.shape[along]!)
  const result = discreteFourier(withLength(x, along, n), along, inverse)
  return scaled(result, fourierFactor(op, options.norm, n, inverse))
}

/** The axis to transform of a tensor of pairs. */
export function pairAxis(op: string, x: Tensor, axis: number): number {
  const { shape, rank } = expectTensor(op, x)
  if (rank === 0 || shape[rank - 1] !== 2) {
    throw new ShapeError(
      op,
      `complex numbers are pairs (re, im) on the last axis, got ${formatShape(shape)}; stack real and imaginary parts, or use rfft.`,
      [shape],
    )
  }
  return normalizeAxis(op, axis, rank - 1)
}

/** A number of elements that can be transformed. */
export function fourierLength(op: string, length: number): number {
  if (Number.isInteger(length) && length > 0) return length
  throw new ArgumentError(op, `the length must be a whole number from 1 up, got ${describe(length)}.`)
}

/** The first elements along an axis, filled up with zeros where there are not enough. */
export function withLength(x: Tensor, axis: number, length: number): Tensor {
  const missing = length - x.shape[axis]!
  if (missing === 0) return x
  return pad(
    x,
    x.shape.map((_, k) => [0, k === axis ? missing : 0] as const),
  )
}

/** What a norm multiplies with; 'backward' unless told otherwise. */
export function fourierFactor(
  op: string,
  norm: FourierNorm | undefined,
  n: number,
  inverse: boolean,
): number {
  if (norm === 'ortho') return 1 / Math.sqrt(n)
  if (norm === undefined || norm === 'backward') return inverse ? 1 / n : 1
  if (norm === 'forward') return inverse ? 1 : 1 / n
  throw new ArgumentError(op, `the norm must be 'backward', 'ortho' or 'forward', got ${describe(norm)}.`)
}

/** x times a factor that often is 1. */
export function scaled(x: Tensor, factor: number): Tensor {
  return factor === 1 ? x : mul(x, factor)
}
