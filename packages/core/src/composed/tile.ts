import type { Tensor } from '../tensor/tensor.ts'
import { repeated } from './repeat.ts'

/**
 * The whole tensor repeated along its last axes, `counts` times each; axes in front that have no count stay as they are.
 *
 * @example
 * ```ts
 * import { tensor, tile } from '@adjoint/core'
 * tile(tensor([[1, 2], [3, 4]]), 2).toArray() // => [[1, 2, 1, 2], [3, 4, 3, 4]]
 * ```
 * @throws ArgumentError for a count that is not a whole number from 0 up.
 */
export function tile(x: Tensor, counts: number | readonly number[]): Tensor {
  return repeated('tile', x, counts, true)
}
