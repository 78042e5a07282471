import { expand } from '../ops/expand.ts'
import { pick } from '../ops/pick.ts'
import { reshape } from '../ops/reshape.ts'
import { broadcastShapes } from '../shape/broadcast.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { expectMask, nonzeroPositions } from './nonzero.ts'

/**
 * The elements of `x` where the mask is true, in row-major order: `[...s] × [...t] -> [count]`. The mask is bool; the two
 * broadcast. The other elements get gradient 0.
 *
 * @example
 * ```ts
 * import { maskedSelect, tensor } from '@adjoint/core'
 * const x = tensor([[1, -2], [-3, 4]])
 * maskedSelect(x, x.greater(0)).toArray() // => [1, 4]
 * ```
 * @throws ShapeError for shapes that do not broadcast; DTypeError for a mask that is not bool.
 */
export function maskedSelect(x: Tensor, mask: Tensor): Tensor<[number]> {
  expectMask('maskedSelect', mask)
  const shape = broadcastShapes('maskedSelect', expectTensor('maskedSelect', x).shape, mask.shape)
  const full = expand(x, shape)
  const positions = nonzeroPositions(expand(mask, shape))
  return pick(reshape(full, [full.size]), positions) as Tensor<[number]>
}
