import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError, uniform as drawUniform } from '@adjoint/core/functional'
import { expectNumber, expectRng, type Initializer } from './initializer.ts'

/**
 * Entries uniform in [low, high), by default [0, 1).
 *
 * @throws ArgumentError when a bound is not finite, or low is above high.
 */
export function uniform(options: { readonly low?: number; readonly high?: number } = {}): Initializer {
  expectOptions('initializers.uniform', options, ['low', 'high'])
  const { low = 0, high = 1 } = options
  expectNumber('uniform', 'low', low)
  expectNumber('uniform', 'high', high)
  if (low > high) {
    throw new ArgumentError('initializers.uniform', `low (${low}) must not be above high (${high}).`)
  }
  return (shape, { rng, dtype }) => drawUniform(expectRng('uniform', rng), shape, { low, high, dtype })
}
