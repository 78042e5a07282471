/** What an initialiser is, and what those that draw random numbers share. */

import { formatShape } from '@adjoint/core/engine'
import { ArgumentError, type Rng, type Tensor } from '@adjoint/core/functional'

/** What an initialiser is told besides the shape. */
export interface InitializerOptions {
  /** Where random numbers come from; initialisers that draw none do without. */
  readonly rng?: Rng | undefined
  readonly dtype: 'float32' | 'float64'
}

/** Makes the first values of a parameter. Any function of this type can be given to a layer. */
export type Initializer = (shape: readonly number[], options: InitializerOptions) => Tensor

/** The generator, or an error that says where to pass one. */
export function expectRng(name: string, rng: Rng | undefined): Rng {
  if (rng !== undefined) return rng
  throw new ArgumentError(
    `initializers.${name}`,
    'draws random numbers and got no generator; give the layer one, { rng: new Rng(0) }.',
  )
}

/** A finite number, at least 0 where it must be, or an error that names it. */
export function expectNumber(name: string, option: string, value: number, least: number = -Infinity): number {
  if (Number.isFinite(value) && value >= least) return value
  const kind = least === 0 ? 'a finite number from 0 up' : 'a finite number'
  throw new ArgumentError(`initializers.${name}`, `${option} must be ${kind}, got ${value}.`)
}

/** How many inputs one output of a weight adds up, and how many outputs one input reaches. */
export interface Fans {
  readonly fanIn: number
  readonly fanOut: number
}

/**
 * Fans of a weight of shape `[out, in, ...window]`: the sizes of the window count on both sides.
 *
 * @throws ArgumentError for fewer than two axes.
 */
export function fansOf(name: string, shape: readonly number[]): Fans {
  if (shape.length < 2) {
    throw new ArgumentError(
      `initializers.${name}`,
      `needs a weight of shape [out, in, ...] to count what flows in and out, got ${formatShape(shape)}. ` +
        'Biases start at zeros, or from uniform({ low, high }).',
    )
  }
  const [out, into, ...window] = shape as [number, number, ...number[]]
  const field = window.reduce((product, size) => product * size, 1)
  return { fanIn: into * field, fanOut: out * field }
}
