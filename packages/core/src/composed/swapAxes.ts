import { permute } from '../ops/permute.ts'
import { normalizeAxis } from '../shape/shape.ts'
import type { Shape, Swapped } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Two axes exchanged, as a view.
 *
 * @example
 * ```ts
 * import { swapAxes, zeros } from '@adjoint/core'
 * swapAxes(zeros([2, 3, 4]), 0, -1).shape // => [4, 3, 2]
 * ```
 * @throws AxisError when an axis is outside of the rank.
 */
export function swapAxes<S extends Shape, const A extends number, const B extends number>(
  x: Tensor<S>,
  a: A,
  b: B,
): Tensor<Swapped<S, A, B>> {
  const { rank } = expectTensor('swapAxes', x)
  const [first, second] = [normalizeAxis('swapAxes', a, rank), normalizeAxis('swapAxes', b, rank)]
  const order = x.shape.map((_, axis) => (axis === first ? second : axis === second ? first : axis))
  return permute(x, order) as unknown as Tensor<Swapped<S, A, B>>
}
