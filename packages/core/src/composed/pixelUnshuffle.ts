import { permute } from '../ops/permute.ts'
import { reshape } from '../ops/reshape.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { behind, imageSizes } from './pixelShuffle.ts'

/**
 * Blocks of r by r pixels laid out as channels, `[..., c, h r, w r] -> [..., c r², h, w]`: the inverse of `pixelShuffle`.
 *
 * @example
 * ```ts
 * import { pixelUnshuffle, tensor } from '@adjoint/core'
 * pixelUnshuffle(tensor([[[1, 2], [3, 4]]]), 2).toArray() // => [[[1]], [[2]], [[3]], [[4]]]
 * ```
 * @throws ShapeError when height or width is no multiple of r; ArgumentError when the factor is not a whole number from 1 up.
 */
export function pixelUnshuffle(x: Tensor, factor: number): Tensor {
  const { batch, channels, height, width } = imageSizes('pixelUnshuffle', x, factor)
  if (height % factor !== 0 || width % factor !== 0) {
    throw new ShapeError(
      'pixelUnshuffle',
      `height and width of ${formatShape(x.shape)} must be multiples of ${factor}, the side of a block.`,
      [x.shape],
    )
  }
  const [rows, columns] = [height / factor, width / factor]
  const blocks = reshape(x, [...batch, channels, rows, factor, columns, factor]) as Tensor
  return reshape(permute(blocks, behind(batch.length, [0, 2, 4, 1, 3])), [
    ...batch,
    channels * factor * factor,
    rows,
    columns,
  ])
}
