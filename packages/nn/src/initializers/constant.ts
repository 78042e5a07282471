import { full } from '@adjoint/core/functional'
import { expectNumber, type Initializer } from './initializer.ts'

/** All entries 0. Good for biases; under equal weights the units of a hidden layer stay equal for ever. */
export const zeros: Initializer = (shape, { dtype }) => full(shape, 0, { dtype })

/** All entries 1. */
export const ones: Initializer = (shape, { dtype }) => full(shape, 1, { dtype })

/**
 * All entries the same number.
 *
 * @throws ArgumentError when it is not finite.
 */
export function constant(value: number): Initializer {
  expectNumber('constant', 'the value', value)
  return (shape, { dtype }) => full(shape, value, { dtype })
}
