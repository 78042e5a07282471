import { discreteFourier } from '../ops/discreteFourier.ts'
import { expectOptions } from '../shape/arguments.ts'
import { normalizeAxis } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type FourierOptions, fourierFactor, fourierLength, scaled, withLength } from './fft.ts'
import { sliceAlong } from './sliceAlong.ts'
import { unsqueeze } from './unsqueeze.ts'

/**
 * The discrete Fourier transform of real numbers along an axis: the first floor(n/2) + 1 of the n frequencies, for the others
 * are their conjugates. `[..., n] -> [..., floor(n/2) + 1, 2]`, pairs (re, im) on a new last axis.
 *
 * @example
 * ```ts
 * import { rfft, tensor } from '@adjoint/core'
 * rfft(tensor([1, 2, 3, 4])).toArray() // => [[10, 0], [-2, 2], [-2, 0]]
 * ```
 * @throws ArgumentError for a length below 1 or an unknown norm; AxisError for an axis outside of the rank.
 */
export function rfft(x: Tensor, axis = -1, options: FourierOptions = {}): Tensor {
  expectOptions('rfft', options, ['length', 'norm'])
  const along = normalizeAxis('rfft', axis, expectTensor('rfft', x).rank)
  const n = fourierLength('rfft', options.length ?? x.shape[along]!)
  const pairs = withLength(unsqueeze(withLength(x, along, n), -1), x.rank, 2)
  const half = sliceAlong(discreteFourier(pairs, along, false), along, 0, Math.floor(n / 2) + 1)
  return scaled(half, fourierFactor('rfft', options.norm, n, false))
}
