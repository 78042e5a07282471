import { discreteFourier } from '../ops/discreteFourier.ts'
import { mul } from '../ops/mul.ts'
import { expectOptions } from '../shape/arguments.ts'
import { toFloating } from '../storage/dtype.ts'
import { tensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type FourierOptions, fourierFactor, fourierLength, pairAxis, withLength } from './fft.ts'
import { sliceAlong } from './sliceAlong.ts'
import { squeeze } from './squeeze.ts'

/**
 * The real numbers whose {@link rfft} this is: `[..., m, 2] -> [..., n]`. n is `length`, by default 2 (m - 1); an odd n has to
 * be told. The imaginary parts of frequency 0, and of n/2 where n is even, are not read: a real signal has none.
 *
 * @example
 * ```ts
 * import { irfft, rfft, tensor } from '@adjoint/core'
 * irfft(rfft(tensor([1, 2, 3, 4]))).toArray() // => [1, 2, 3, 4]
 * irfft(rfft(tensor([1, 2, 3])), -1, { length: 3 }).toArray() // => [1, 2, 3]
 * ```
 * @throws ShapeError unless the last axis has size 2; ArgumentError for a length below 1 or an unknown norm; AxisError for an
 * axis outside of the rank.
 */
export function irfft(x: Tensor, axis = -1, options: FourierOptions = {}): Tensor {
  expectOptions('irfft', options, ['length', 'norm'])
  const along = pairAxis('irfft', x, axis)
  const n = fourierLength('irfft', options.length ?? 2 * (x.shape[along]! - 1))
  const factor = fourierFactor('irfft', options.norm, n, true)
  const m = Math.floor(n / 2) + 1
  // Frequencies k and n - k are conjugates: together they are twice the real part of one.
  const weights = Float64Array.from({ length: m }, (_, k) => (k === 0 || 2 * k === n ? factor : 2 * factor))
  const shape = x.shape.map((_, k) => (k === along ? m : 1))
  const weighted = mul(
    withLength(x, along, m),
    tensor(weights, { shape, dtype: toFloating(x.dtype) }) as Tensor,
  )
  const pairs = discreteFourier(withLength(weighted, along, n), along, true)
  return squeeze(sliceAlong(pairs, x.rank - 1, 0, 1), -1) as Tensor
}
