import { expectOptions } from '@adjoint/core/engine'
import { orthogonal as draw } from '@adjoint/core/functional'
import { expectNumber, expectRng, type Initializer } from './initializer.ts'

/**
 * Orthonormal rows or columns, whichever are fewer, times `gain`; of a kernel `[out, in, ...window]`, all axes but the first
 * count as columns. Signals keep their length in a deep linear network.
 * Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning, 2014.
 *
 * @throws ArgumentError for a gain that is not finite; when it is called, for shapes with fewer than two axes.
 */
export function orthogonal(options: { readonly gain?: number } = {}): Initializer {
  expectOptions('initializers.orthogonal', options, ['gain'])
  const { gain = 1 } = options
  expectNumber('orthogonal', 'gain', gain)
  return (shape, { rng, dtype }) => draw(expectRng('orthogonal', rng), shape, { gain, dtype })
}
