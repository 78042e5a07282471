import { foldWindows } from '../ops/foldWindows.ts'
import { permute } from '../ops/permute.ts'
import { reshape } from '../ops/reshape.ts'
import { expectOptions } from '../shape/arguments.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { pad } from './pad.ts'
import { behind } from './pixelShuffle.ts'
import {
  countPatches,
  expectPatches,
  type ImagePatchOptions,
  type Pair,
  pairOf,
  patchAxes,
} from './unfoldImages.ts'

/** Settings of {@link foldImages}. */
export interface FoldImagesOptions extends ImagePatchOptions {
  /** Height and width of the images. */
  readonly outputSize: Pair
}

/**
 * Columns of patches added up to images, known as col2im: `[..., c kh kw, patches] -> [..., c, h, w]`. Where patches overlap
 * their elements add up, and what lies in the padding is dropped: the transpose of `unfoldImages` with the same settings,
 * not its inverse.
 *
 * @example
 * ```ts
 * import { foldImages, ones } from '@adjoint/core'
 * foldImages(ones([4, 4]), { outputSize: 3, kernel: 2 }).toArray() // => [[[1, 2, 1], [2, 4, 2], [1, 2, 1]]]
 * ```
 * @throws ShapeError when the columns do not fit the settings; ArgumentError for settings that are not whole numbers.
 */
export function foldImages(x: Tensor, options: FoldImagesOptions): Tensor {
  expectOptions('foldImages', options, ['outputSize', 'kernel', 'stride', 'padding', 'dilation'])
  const { rank, shape } = expectTensor('foldImages', x)
  const [rows, columns] = patchAxes('foldImages', options)
  const [height, width] = pairOf('foldImages', 'outputSize', options.outputSize, 1)
  const counts = [countPatches(height, rows), countPatches(width, columns)] as const
  expectPatches('foldImages', [height, width], counts, options)
  const [elements, patches] = shape.slice(-2)
  const area = rows.kernel * columns.kernel
  if (rank < 2 || elements! % area !== 0 || patches !== counts[0] * counts[1]) {
    throw new ShapeError(
      'foldImages',
      `${formatShape(shape)} does not fit: needs [..., a multiple of ${area}, ${counts[0] * counts[1]}], for kernels of ` +
        `${rows.kernel} by ${columns.kernel} and ${counts[0]} by ${counts[1]} patches.`,
      [shape],
    )
  }
  const lead = rank - 2
  const channels = elements! / area
  const blocks = reshape(x, [
    ...shape.slice(0, lead),
    channels,
    rows.kernel,
    columns.kernel,
    counts[0],
    counts[1],
  ]) as Tensor
  // [..., c, rows of patches, columns of patches, kh, kw], as unfoldImages has it.
  const windows = permute(blocks, behind(lead, [0, 3, 4, 1, 2])) as Tensor
  const wide = width + 2 * columns.padding
  const high = height + 2 * rows.padding
  const inRows = foldWindows(windows, lead + 2, wide, columns.stride, columns.dilation)
  const framed = foldWindows(inRows, lead + 1, high, rows.stride, rows.dilation)
  if (rows.padding === 0 && columns.padding === 0) return framed
  const around: [number, number][] = framed.shape.map(() => [0, 0])
  around[lead + 1] = [-rows.padding, -rows.padding]
  around[lead + 2] = [-columns.padding, -columns.padding]
  return pad(framed, around) as Tensor
}
