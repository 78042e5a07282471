import { permute } from '../ops/permute.ts'
import { reshape } from '../ops/reshape.ts'
import { unfold } from '../ops/unfold.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { pad } from './pad.ts'
import { behind } from './pixelShuffle.ts'

/** One number for height and width, or one for each. */
export type Pair = number | readonly [height: number, width: number]

/** Where the patches of images lie. */
export interface ImagePatchOptions {
  /** Size of a patch. */
  readonly kernel: Pair
  /** From one patch to the next. Default 1. */
  readonly stride?: Pair
  /** Zeros around the image, on each side. Default 0. */
  readonly padding?: Pair
  /** Distance between neighbours within a patch. Default 1. */
  readonly dilation?: Pair
}

/** The same for one axis of an image. */
export interface PatchAxis {
  readonly kernel: number
  readonly stride: number
  readonly padding: number
  readonly dilation: number
}

/**
 * The patches of images as columns, known as im2col: `[..., c, h, w] -> [..., c kh kw, patches]`. A column runs through the
 * channels of its patch, and within each through rows and columns; the patches stand in row-major order. A convolution is
 * then one matrix product. The transpose is `foldImages`.
 *
 * @example
 * ```ts
 * import { arange, unfoldImages } from '@adjoint/core'
 * const image = arange(9).reshape([1, 1, 3, 3])
 * unfoldImages(image, { kernel: 2 }).toArray() // => [[[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]]
 * ```
 * @throws ShapeError when the padded image is smaller than a patch, or there are less than three axes; ArgumentError for
 * settings that are not whole numbers.
 */
export function unfoldImages(x: Tensor, options: ImagePatchOptions): Tensor {
  expectOptions('unfoldImages', options, ['kernel', 'stride', 'padding', 'dilation'])
  const { rank, shape } = expectTensor('unfoldImages', x)
  const [rows, columns] = patchAxes('unfoldImages', options)
  if (rank < 3) {
    throw new ShapeError(
      'unfoldImages',
      `takes images [..., channels, height, width], got ${formatShape(shape)}; add an axis with unsqueeze.`,
      [shape],
    )
  }
  const lead = rank - 3
  const [channels, height, width] = shape.slice(lead) as [number, number, number]
  const counts = [countPatches(height, rows), countPatches(width, columns)] as const
  expectPatches('unfoldImages', [height, width], counts, options)
  const isPadded = rows.padding > 0 || columns.padding > 0
  const around: [number, number][] = shape.map(() => [0, 0])
  around[lead + 1] = [rows.padding, rows.padding]
  around[lead + 2] = [columns.padding, columns.padding]
  const framed = isPadded ? (pad(x, around) as Tensor) : x
  // [..., c, rows of patches, columns of patches, kh, kw], all of it still a view.
  const inRows = unfold(framed, lead + 1, rows.kernel, rows.stride, rows.dilation)
  const patches = unfold(inRows, lead + 2, columns.kernel, columns.stride, columns.dilation)
  return reshape(permute(patches, behind(lead, [0, 3, 4, 1, 2])), [
    ...shape.slice(0, lead),
    channels * rows.kernel * columns.kernel,
    counts[0] * counts[1],
  ])
}

/** Settings for the height and for the width, checked. */
export function patchAxes(name: string, options: ImagePatchOptions): readonly [PatchAxis, PatchAxis] {
  const { kernel, stride = 1, padding = 0, dilation = 1 } = options ?? {}
  const pairs = {
    kernel: pairOf(name, 'kernel', kernel, 1),
    stride: pairOf(name, 'stride', stride, 1),
    padding: pairOf(name, 'padding', padding, 0),
    dilation: pairOf(name, 'dilation', dilation, 1),
  }
  const along = (axis: 0 | 1): PatchAxis => ({
    kernel: pairs.kernel[axis],
    stride: pairs.stride[axis],
    padding: pairs.padding[axis],
    dilation: pairs.dilation[axis],
  })
  return [along(0), along(1)]
}

/** A setting for height and width as two whole numbers from `least` up. */
export function pairOf(
  name: string,
  setting: string,
  value: Pair | undefined,
  least: number,
): readonly [number, number] {
  const pair = typeof value === 'number' ? [value, value] : value
  if (!Array.isArray(pair) || pair.length !== 2 || !pair.every(n => Number.isInteger(n) && n >= least)) {
    throw new ArgumentError(
      name,
      `${setting} must be a whole number from ${least} up, or a pair of them [height, width]; got ${JSON.stringify(value)}.`,
    )
  }
  return pair as unknown as readonly [number, number]
}

/** How many patches fit along an axis of an image, 0 or less for none. */
export function countPatches(size: number, { kernel, stride, padding, dilation }: PatchAxis): number {
  return Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1
}

/** Refuses images into which no patch fits. */
export function expectPatches(
  name: string,
  image: readonly [number, number],
  counts: readonly [number, number],
  options: ImagePatchOptions,
): void {
  if (counts[0] >= 1 && counts[1] >= 1) return
  throw new ShapeError(
    name,
    `no patch fits into an image of ${image[0]} by ${image[1]} with ${JSON.stringify(options)}; use a smaller kernel or more padding.`,
    [image],
  )
}
