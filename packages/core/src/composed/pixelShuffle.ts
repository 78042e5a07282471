import { permute } from '../ops/permute.ts'
import { reshape } from '../ops/reshape.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Channels laid out as finer pixels, `[..., c r², h, w] -> [..., c, h r, w r]`: r² neighbouring channels become a block of
 * r by r pixels. Source: Shi et al., Real-Time Single Image and Video Super-Resolution, 2016.
 *
 * @example
 * ```ts
 * import { pixelShuffle, tensor } from '@adjoint/core'
 * pixelShuffle(tensor([[[1]], [[2]], [[3]], [[4]]]), 2).toArray() // => [[[1, 2], [3, 4]]]
 * ```
 * @throws ShapeError when the channels are no multiple of r²; ArgumentError when the factor is not a whole number from 1 up.
 */
export function pixelShuffle(x: Tensor, factor: number): Tensor {
  const { batch, channels, height, width } = imageSizes('pixelShuffle', x, factor)
  if (channels % (factor * factor) !== 0) {
    throw new ShapeError(
      'pixelShuffle',
      `${channels} channels of ${formatShape(x.shape)} are no multiple of ${factor * factor}, the pixels of a ${factor} by ${factor} block.`,
      [x.shape],
    )
  }
  const kept = channels / (factor * factor)
  const blocks = reshape(x, [...batch, kept, factor, factor, height, width]) as Tensor
  return reshape(permute(blocks, behind(batch.length, [0, 3, 1, 4, 2])), [
    ...batch,
    kept,
    height * factor,
    width * factor,
  ])
}

/** The sizes of `[..., c, h, w]`, and the factor checked. */
export function imageSizes(
  name: string,
  x: Tensor,
  factor: number,
): { batch: readonly number[]; channels: number; height: number; width: number } {
  const { rank, shape } = expectTensor(name, x)
  if (!Number.isInteger(factor) || factor < 1) {
    throw new ArgumentError(name, `the factor must be a whole number from 1 up, got ${factor}.`)
  }
  if (rank < 3) {
    throw new ShapeError(
      name,
      `takes images [..., channels, height, width], got ${formatShape(shape)}; add an axis with unsqueeze.`,
      [shape],
    )
  }
  const [channels, height, width] = shape.slice(-3) as [number, number, number]
  return { batch: shape.slice(0, -3), channels, height, width }
}

/** An order of axes that come behind `lead` others. */
export function behind(lead: number, order: readonly number[]): number[] {
  return [...Array.from({ length: lead }, (_, axis) => axis), ...order.map(axis => lead + axis)]
}
