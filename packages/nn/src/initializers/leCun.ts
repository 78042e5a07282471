import { normal, uniform } from '@adjoint/core/functional'
import { expectRng, fansOf, type Initializer } from './initializer.ts'

/**
 * Uniform in ±√(3 / fanIn), so that std = 1 / √fanIn: a sum of fanIn terms keeps the variance of one. The start of a
 * network with selu. LeCun et al., Efficient BackProp, 1998.
 *
 * @throws ArgumentError, when it is called, for shapes with fewer than two axes.
 */
export const leCunUniform: Initializer = (shape, { rng, dtype }) => {
  const bound = Math.sqrt(3 / fansOf('leCunUniform', shape).fanIn)
  return uniform(expectRng('leCunUniform', rng), shape, { low: -bound, high: bound, dtype })
}

/**
 * Normal with mean 0 and std = 1 / √fanIn, see {@link leCunUniform}.
 *
 * @throws ArgumentError, when it is called, for shapes with fewer than two axes.
 */
export const leCunNormal: Initializer = (shape, { rng, dtype }) => {
  const std = 1 / Math.sqrt(fansOf('leCunNormal', shape).fanIn)
  return normal(expectRng('leCunNormal', rng), shape, { std, dtype })
}
