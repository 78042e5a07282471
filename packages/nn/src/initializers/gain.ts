import { ArgumentError } from '@adjoint/core/functional'
import { expectNumber } from './initializer.ts'

/** The activation that follows the layer. */
export type Nonlinearity = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu' | 'selu'

/** What an activation takes from the standard deviation, and the weights have to make up for. */
const GAINS: Readonly<Record<Nonlinearity, (slope: number) => number>> = {
  linear: () => 1,
  sigmoid: () => 1,
  tanh: () => 5 / 3,
  relu: () => Math.SQRT2,
  leakyRelu: slope => Math.sqrt(2 / (1 + slope ** 2)),
  selu: () => 3 / 4,
}

/**
 * The factor that weights need before an activation, so that the standard deviation stays near the same from layer to
 * layer: √2 before relu, which drops half of the variance, √(2 / (1 + slope²)) before leakyRelu, 5/3 before tanh, 3/4 before
 * selu, 1 before sigmoid and where nothing follows. The numbers are those of PyTorch's `calculate_gain`.
 *
 * @param slope slope of a leakyRelu left of 0
 * @example
 * ```ts
 * import { initializers } from '@adjoint/nn'
 * initializers.gain('relu') // => 1.4142
 * initializers.xavierNormal({ gain: initializers.gain('tanh') })
 * ```
 * @throws ArgumentError for an unknown nonlinearity and a slope that is not finite.
 */
export function gain(nonlinearity: Nonlinearity, slope: number = 0.01): number {
  return gainFor('gain', nonlinearity, slope)
}

/** {@link gain}, with the name of the initialiser that wants it in the messages. */
export function gainFor(name: string, nonlinearity: Nonlinearity, slope: number): number {
  if (!Object.hasOwn(GAINS, nonlinearity)) {
    const known = Object.keys(GAINS).join(', ')
    throw new ArgumentError(
      `initializers.${name}`,
      `knows no gain for '${nonlinearity}'; nonlinearity is one of ${known}.`,
    )
  }
  return GAINS[nonlinearity](expectNumber(name, 'slope', slope))
}
