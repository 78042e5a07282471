import type { Tensor } from '../tensor/tensor.ts'
import { type FourierOptions, transformPairs } from './fft.ts'

/**
 * The inverse discrete Fourier transform x_j = 1/n Σ X_k e^(2πi jk/n) along an axis. Complex numbers are pairs (re, im) on
 * the last axis: `[..., n, 2] -> [..., n, 2]`.
 *
 * @example
 * ```ts
 * import { fft, ifft, tensor } from '@adjoint/core'
 * const x = tensor([[1, 2], [3, 4], [5, 6]], { dtype: 'float64' })
 * ifft(fft(x)).sub(x).abs().max().item() < 1e-14 // => true
 * ```
 * @throws ShapeError unless the last axis has size 2; ArgumentError for a length below 1 or an unknown norm; AxisError for an
 * axis outside of the rank.
 */
export function ifft(x: Tensor, axis = -1, options: FourierOptions = {}): Tensor {
  return transformPairs('ifft', x, axis, options, true)
}
