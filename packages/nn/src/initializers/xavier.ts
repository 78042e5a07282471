import { expectOptions } from '@adjoint/core/engine'
import { normal, uniform } from '@adjoint/core/functional'
import { expectNumber, expectRng, type Fans, fansOf, type Initializer } from './initializer.ts'

/** Settings of {@link xavierUniform} and {@link xavierNormal}. */
export interface XavierOptions {
  /** What the standard deviation is multiplied with. Default 1; 5/3 is usual before tanh. */
  readonly gain?: number
}

function gainOf(name: string, options: XavierOptions): number {
  expectOptions(`initializers.${name}`, options, ['gain'])
  return expectNumber(name, 'gain', options.gain ?? 1, 0)
}

/** std = gain √(2 / (fanIn + fanOut)) */
function xavierStd(gain: number, { fanIn, fanOut }: Fans): number {
  return gain * Math.sqrt(2 / (fanIn + fanOut))
}

/**
 * Uniform in ±√3 std with std = gain √(2 / (fanIn + fanOut)): the variance of activations and of gradients stays
 * near the same from layer to layer under tanh.
 * Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.
 *
 * @throws ArgumentError for a gain that is not a number from 0 up; when it is called, for shapes with fewer than two axes.
 */
export function xavierUniform(options: XavierOptions = {}): Initializer {
  const gain = gainOf('xavierUniform', options)
  return (shape, { rng, dtype }) => {
    const bound = Math.sqrt(3) * xavierStd(gain, fansOf('xavierUniform', shape))
    return uniform(expectRng('xavierUniform', rng), shape, { low: -bound, high: bound, dtype })
  }
}

/**
 * Normal with mean 0 and std = gain √(2 / (fanIn + fanOut)), see {@link xavierUniform}.
 *
 * @throws ArgumentError for a gain that is not a number from 0 up; when it is called, for shapes with fewer than two axes.
 */
export function xavierNormal(options: XavierOptions = {}): Initializer {
  const gain = gainOf('xavierNormal', options)
  return (shape, { rng, dtype }) => {
    const std = xavierStd(gain, fansOf('xavierNormal', shape))
    return normal(expectRng('xavierNormal', rng), shape, { std, dtype })
  }
}
