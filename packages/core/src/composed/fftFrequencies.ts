import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError } from '../shape/errors.ts'
import { expectNumber, type TensorOptions, tensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { fourierLength } from './fft.ts'

/** Settings of {@link fftFrequencies} and {@link rfftFrequencies}. */
export interface FrequencyOptions extends TensorOptions {
  /** Time between two samples. Default 1: frequencies in cycles per sample. */
  readonly spacing?: number
}

/**
 * The frequencies of the n entries of {@link fft}: 0, 1, ..., -2, -1 over n times the spacing; the negative ones are the
 * second half.
 *
 * @example
 * ```ts
 * import { fftFrequencies } from '@adjoint/core'
 * fftFrequencies(5, { spacing: 0.1 }).toArray() // => [0, 2, 4, -4, -2]
 * fftFrequencies(4).toArray() // => [0, 0.25, -0.5, -0.25]
 * ```
 * @throws ArgumentError when n is not a whole number from 1 up, or the spacing is 0 or not finite.
 */
export function fftFrequencies(n: number, options: FrequencyOptions = {}): Tensor<[number]> {
  expectOptions('fftFrequencies', options, ['spacing', 'dtype', 'requiresGrad', 'name'])
  const count = fourierLength('fftFrequencies', n)
  return frequencies('fftFrequencies', count, options, i => (2 * i < n ? i : i - n), n)
}

/**
 * The frequencies of the floor(n/2) + 1 entries of `rfft` of n numbers: 0, 1, ..., floor(n/2) over n times the spacing.
 *
 * @example
 * ```ts
 * import { rfftFrequencies } from '@adjoint/core'
 * rfftFrequencies(4).toArray() // => [0, 0.25, 0.5]
 * ```
 * @throws ArgumentError when n is not a whole number from 1 up, or the spacing is 0 or not finite.
 */
export function rfftFrequencies(n: number, options: FrequencyOptions = {}): Tensor<[number]> {
  expectOptions('rfftFrequencies', options, ['spacing', 'dtype', 'requiresGrad', 'name'])
  const count = Math.floor(fourierLength('rfftFrequencies', n) / 2) + 1
  return frequencies('rfftFrequencies', count, options, i => i, n)
}

function frequencies(
  op: string,
  count: number,
  { spacing = 1, ...options }: FrequencyOptions,
  cycles: (i: number) => number,
  n: number,
): Tensor<[number]> {
  if (expectNumber(op, 'the spacing', spacing) === 0) {
    throw new ArgumentError(op, 'the spacing must not be 0.')
  }
  const values = Array.from({ length: count }, (_, i) => cycles(i) / (n * spacing))
  return tensor(values, { ...options, shape: [count] })
}
