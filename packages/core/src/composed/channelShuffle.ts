import { permute } from '../ops/permute.ts'
import { reshape } from '../ops/reshape.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Channels dealt out in turn, `[batch, channels, ...space]` to the same shape: channel j of group i becomes channel i of block
 * j, so that a grouped convolution behind another one sees all groups. Source: Zhang et al., ShuffleNet, 2018.
 *
 * @example
 * ```ts
 * import { channelShuffle, tensor } from '@adjoint/core'
 * channelShuffle(tensor([[[1], [2], [3], [4]]]), 2).toArray() // => [[[1], [3], [2], [4]]]
 * ```
 * @throws ShapeError when the channels are no multiple of the groups; ArgumentError when `groups` is no whole number from 1 up.
 */
export function channelShuffle(x: Tensor, groups: number): Tensor {
  const { rank, shape } = expectTensor('channelShuffle', x)
  if (!Number.isSafeInteger(groups) || groups < 1) {
    throw new ArgumentError('channelShuffle', `groups must be a whole number from 1 up, got ${groups}.`)
  }
  const [batch, channels, ...space] = shape as [number, number, ...number[]]
  if (rank < 2 || channels % groups !== 0) {
    throw new ShapeError(
      'channelShuffle',
      `takes [batch, channels, ...space] with a multiple of ${groups} channels, got ${formatShape(shape)}.`,
      [shape],
    )
  }
  const dealt = reshape(x, [batch, groups, channels / groups, ...space]) as Tensor
  const others = space.map((_, k) => 3 + k)
  return reshape(permute(dealt, [0, 2, 1, ...others]) as Tensor, shape) as Tensor
}
