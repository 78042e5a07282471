import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError, normal, uniform } from '@adjoint/core/functional'
import { gainFor, type Nonlinearity } from './gain.ts'
import { expectRng, fansOf, type Initializer } from './initializer.ts'

/** Settings of {@link heUniform} and {@link heNormal}. */
export interface HeOptions {
  /** The activation that follows. Default `'relu'`. */
  readonly nonlinearity?: Nonlinearity
  /** Slope of a leakyRelu left of 0. Default 0.01. */
  readonly slope?: number
  /** Keep the variance of the forward pass (`'fanIn'`, the default) or of the backward pass (`'fanOut'`). */
  readonly mode?: 'fanIn' | 'fanOut'
}

/** The standard deviation for a shape: std = gain / √fan. */
function heStd(name: string, options: HeOptions): (shape: readonly number[]) => number {
  expectOptions(`initializers.${name}`, options, ['nonlinearity', 'slope', 'mode'])
  const { nonlinearity = 'relu', slope = 0.01, mode = 'fanIn' } = options
  const gain = gainFor(name, nonlinearity, slope)
  if (mode !== 'fanIn' && mode !== 'fanOut') {
    throw new ArgumentError(
      `initializers.${name}`,
      `mode must be 'fanIn' or 'fanOut', got '${String(mode)}'.`,
    )
  }
  return shape => gain / Math.sqrt(fansOf(name, shape)[mode])
}

/**
 * Uniform in ±√3 std with std = gain / √fanIn; the gain of relu is √2, because it drops half of the variance.
 * He et al., Delving deep into rectifiers, 2015.
 *
 * @throws ArgumentError for an unknown nonlinearity or mode; when it is called, for shapes with fewer than two axes.
 */
export function heUniform(options: HeOptions = {}): Initializer {
  const stdOf = heStd('heUniform', options)
  return (shape, { rng, dtype }) => {
    const bound = Math.sqrt(3) * stdOf(shape)
    return uniform(expectRng('heUniform', rng), shape, { low: -bound, high: bound, dtype })
  }
}

/**
 * Normal with mean 0 and std = gain / √fanIn, see {@link heUniform}.
 *
 * @throws ArgumentError for an unknown nonlinearity or mode; when it is called, for shapes with fewer than two axes.
 */
export function heNormal(options: HeOptions = {}): Initializer {
  const stdOf = heStd('heNormal', options)
  return (shape, { rng, dtype }) => normal(expectRng('heNormal', rng), shape, { std: stdOf(shape), dtype })
}
