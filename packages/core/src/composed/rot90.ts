import { permute } from '../ops/permute.ts'
import { ArgumentError, AxisError } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { flip } from './flip.ts'

/**
 * Turned by `times` quarter turns in the plane of two axes, from the first toward the second, as a view. Negative numbers
 * turn the other way.
 *
 * @example
 * ```ts
 * import { rot90, tensor } from '@adjoint/core'
 * rot90(tensor([[1, 2], [3, 4]])).toArray() // => [[2, 4], [1, 3]]
 * ```
 * @throws AxisError when the two axes do not exist or are one; ArgumentError when `times` is not whole.
 */
export function rot90(x: Tensor, times = 1, axes: readonly [number, number] = [0, 1]): Tensor {
  const { rank } = expectTensor('rot90', x)
  if (!Number.isInteger(times) || !Array.isArray(axes) || axes.length !== 2) {
    throw new ArgumentError(
      'rot90',
      `takes a whole number of quarter turns and a pair of axes such as [0, 1], got ${times} and ${JSON.stringify(axes)}.`,
    )
  }
  const [from, to] = [normalizeAxis('rot90', axes[0], rank), normalizeAxis('rot90', axes[1], rank)]
  if (from === to) {
    throw new AxisError('rot90', from, rank, `a plane has two axes, got [${axes.join(', ')}].`)
  }
  const order = x.shape.map((_, axis) => (axis === from ? to : axis === to ? from : axis))
  switch (((times % 4) + 4) % 4) {
    case 1:
      return permute(flip(x, to), order) as Tensor
    case 2:
      return flip(x, [from, to])
    case 3:
      return flip(permute(x, order) as Tensor, to)
    default:
      return x
  }
}
