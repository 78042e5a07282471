import { expectOptions } from '@adjoint/core/engine'
import { normal as drawNormal } from '@adjoint/core/functional'
import { expectNumber, expectRng, type Initializer } from './initializer.ts'

/**
 * Entries from the normal distribution, by default with mean 0 and standard deviation 0.01: the lecture's
 * `randn(n_out, n_in) * 0.01`.
 *
 * @throws ArgumentError when the mean is not finite or the standard deviation is negative.
 */
export function normal(options: { readonly mean?: number; readonly std?: number } = {}): Initializer {
  expectOptions('initializers.normal', options, ['mean', 'std'])
  const { mean = 0, std = 0.01 } = options
  expectNumber('normal', 'mean', mean)
  expectNumber('normal', 'std', std, 0)
  return (shape, { rng, dtype }) => drawNormal(expectRng('normal', rng), shape, { mean, std, dtype })
}
