/** Fourier transforms. No dtype of the files is complex: complex numbers are pairs on a last axis, as in Adjoint. */
import * as ad from '@adjoint/core'
import { NotCovered } from '../errors.ts'
import { type Adapter, type AdapterTable, unary } from './adapter.ts'

const along =
  (op: (x: ad.Tensor, axis: number, options: ad.FourierOptions) => ad.Tensor): Adapter =>
  ([x], a) => {
    const length = a.optionalNumber('n')
    return op(x, a.number('dim', -1), {
      norm: a.word('norm', ['backward', 'ortho', 'forward'], 'backward'),
      ...(length === undefined ? {} : { length }),
    })
  }

/** An op of complex numbers. */
const ofPairs =
  (adapter: Adapter): Adapter =>
  (inputs, a) => {
    if (inputs[0].shape.at(-1) !== 2)
      throw new NotCovered('a Fourier transform of real numbers as complex ones')
    return adapter(inputs, a)
  }

export const FOURIER: AdapterTable = {
  fft: ofPairs(along(ad.fft)),
  ifft: ofPairs(along(ad.ifft)),
  rfft: along(ad.rfft),
  irfft: ofPairs(along(ad.irfft)),
  view_as_real: unary(ad.identity),
  view_as_complex: unary(ad.identity),
  fftfreq: (_, a) => ad.fftFrequencies(a.number('n'), { spacing: a.number('d', 1), dtype: 'float64' }),
  rfftfreq: (_, a) => ad.rfftFrequencies(a.number('n'), { spacing: a.number('d', 1), dtype: 'float64' }),
}
