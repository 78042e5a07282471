import { ArgumentError, normal, uniform } from '@adjoint/core/functional'
import { expectNumber, expectRng, fansOf, type Initializer } from './initializer.ts'

/** The activation that follows the layer. */
export type Nonlinearity = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu'

/** Settings of {@link heUniform} and {@link heNormal}. */
export interface HeOptions {
  /** The activation that follows. Default `'relu'`. */
  readonly nonlinearity?: Nonlinearity
  /** Slope of a leakyRelu left of 0. Default 0.01. */
  readonly slope?: number
  /** Keep the variance of the forward pass (`'fanIn'`, the default) or of the backward pass (`'fanOut'`). */
  readonly mode?: 'fanIn' | 'fanOut'
}

/** What an activation takes from the standard deviation, and the weights have to make up for. */
const GAINS: Readonly<Record<Nonlinearity, (slope: number) => number>> = {
  linear: () => 1,
  sigmoid: () => 1,
  tanh: () => 5 / 3,
  relu: () => Math.SQRT2,
  leakyRelu: slope => Math.sqrt(2 / (1 + slope ** 2)),
}

/** The standard deviation for a shape: std = gain / √fan. */
function heStd(
  name: string,
  { nonlinearity = 'relu', slope = 0.01, mode = 'fanIn' }: HeOptions,
): (shape: readonly number[]) => number {
  if (!Object.hasOwn(GAINS, nonlinearity)) {
    const known = Object.keys(GAINS).join(', ')
    throw new ArgumentError(
      `initializers.${name}`,
      `knows no gain for '${nonlinearity}'; nonlinearity is one of ${known}.`,
    )
  }
  if (mode !== 'fanIn' && mode !== 'fanOut') {
    throw new ArgumentError(
      `initializers.${name}`,
      `mode must be 'fanIn' or 'fanOut', got '${String(mode)}'.`,
    )
  }
  const gain = GAINS[nonlinearity](expectNumber(name, 'slope', slope))
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
