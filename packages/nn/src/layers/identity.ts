import type { Shape, Tensor } from '@adjoint/core/functional'

/**
 * Gives back what it gets: a place to put another layer later, and the branch of `parallel` that leaves the input alone.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { Identity } from '@adjoint/nn'
 * new Identity().forward(tensor([1, 2])).toArray() // => [1, 2]
 * ```
 */
export class Identity {
  forward<S extends Shape>(input: Tensor<S>): Tensor<S> {
    return input
  }

  toString(): string {
    return 'Identity'
  }
}
