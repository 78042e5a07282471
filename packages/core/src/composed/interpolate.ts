import type { AxisRule } from '../backend/resampling.ts'
import { resample } from '../ops/resample.ts'
import { expectSettings } from '../shape/arguments.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import { countSpace, type PerAxis, perAxis } from '../shape/perAxis.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * How values between pixels are found:
 * - `'nearest'`: the pixel that the left edge of the output lies in; `'nearestExact'`: the one that its centre lies in;
 * - `'linear'`: the two neighbours along each axis, by their distance; `'bilinear'` and `'trilinear'` are the same for
 *   images and volumes, and say so;
 * - `'bicubic'`: four neighbours along each axis of an image, by Keys' cubic convolution with a = -3/4;
 * - `'area'`: the mean of the pixels that the output covers, which is `adaptiveAveragePool`.
 */
export type InterpolationMode =
  | 'nearest'
  | 'nearestExact'
  | 'linear'
  | 'bilinear'
  | 'trilinear'
  | 'bicubic'
  | 'area'

/** Settings of {@link interpolate}. */
export interface InterpolateOptions {
  /** The new size. Either this or `scale`. */
  readonly size?: PerAxis
  /** The new size as a multiple of the old one, rounded down. */
  readonly scale?: PerAxis
  /** Default `'nearest'`. */
  readonly mode?: InterpolationMode
  /**
   * Whether the centres of the corner pixels stay in the corners. Default false: the edges of the image do. Only for the
   * linear and the cubic modes.
   */
  readonly alignCorners?: boolean
  /** Whether the filter is widened when an image shrinks, so that no pixel is skipped. Default false. For images only. */
  readonly antialias?: boolean
  /**
   * Whether the distance of the outputs follows from the two sizes. Default false: a given `scale` says it, also where the
   * size was rounded. In the linear modes without `antialias` an axis that keeps its size stays as it is.
   */
  readonly recomputeScale?: boolean
}

/** The number of axes of space that a mode is for, where it says so. */
const AXES_OF_MODE: Readonly<Partial<Record<InterpolationMode, number>>> = {
  bilinear: 2,
  trilinear: 3,
  bicubic: 2,
}

const MODES: readonly InterpolationMode[] = [
  'nearest',
  'nearestExact',
  'linear',
  'bilinear',
  'trilinear',
  'bicubic',
  'area',
]

/**
 * Signals, images or volumes of another size: `[batch, channels, ...space] -> [batch, channels, ...size]`. `size` and
 * `scale` are one number for all axes of the space, or a list with one for each; with a list the batch may be missing. A linear map
 * of the input, whatever the mode; pixels at the border stand for those beyond.
 *
 * @example
 * ```ts
 * import { interpolate, tensor } from '@adjoint/core'
 * const signal = tensor([[[0, 4]]])
 * interpolate(signal, { scale: 2 }).toArray() // => [[[0, 0, 4, 4]]]
 * interpolate(signal, { scale: 2, mode: 'linear' }).toArray() // => [[[0, 1, 3, 4]]]
 * interpolate(signal, { size: 5, mode: 'linear', alignCorners: true }).toArray() // => [[[0, 1, 2, 3, 4]]]
 * ```
 * @throws ArgumentError for settings that do not go together; ShapeError for tensors of other ranks, or without elements.
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  const name = 'interpolate'
  expectSettings(name, options, ['size', 'scale', 'mode', 'alignCorners', 'antialias', 'recomputeScale'])
  const { size, scale, mode = 'nearest', alignCorners = false, antialias = false } = options
  const { recomputeScale = false } = options
  const { shape } = expectTensor(name, x)
  if (!MODES.includes(mode)) {
    throw new ArgumentError(name, `the mode is one of ${MODES.join(', ')}; got ${JSON.stringify(mode)}.`)
  }
  const isBetween = mode !== 'nearest' && mode !== 'nearestExact' && mode !== 'area'
  if (alignCorners && !isBetween) {
    throw new ArgumentError(name, `alignCorners is for the linear and cubic modes, not for '${mode}'.`)
  }
  if (antialias && mode !== 'bilinear' && mode !== 'bicubic') {
    throw new ArgumentError(name, `antialias is for the modes 'bilinear' and 'bicubic', not for '${mode}'.`)
  }
  if ((size === undefined) === (scale === undefined)) {
    throw new ArgumentError(name, 'takes either size or scale.')
  }
  if (recomputeScale && scale === undefined) {
    throw new ArgumentError(name, 'recomputeScale says what a scale means, and there is only a size.')
  }
  const count = countSpace(name, shape, [size, scale])
  const wanted = AXES_OF_MODE[mode] ?? count
  if (wanted !== count) {
    throw new ShapeError(
      name,
      `mode '${mode}' is for ${wanted} axes of space, ${formatShape(shape)} has ${count}.`,
      [shape],
    )
  }
  const space = shape.slice(-count)
  if (space.includes(0)) throw new ShapeError(name, `there is no pixel in ${formatShape(shape)}.`, [shape])
  const scales = scale === undefined ? undefined : scalesOf(scale, count)
  const sizes = perAxis(
    name,
    scale === undefined ? 'size' : 'the size that scale gives',
    size ?? space.map((from, k) => Math.floor(from * scales![k]!)),
    count,
    1,
  )
  const rules = space.map((from, k): AxisRule => {
    const outputs = sizes[k]!
    if (mode === 'area') return { kind: 'adaptive', size: from, outputs }
    const kind = !isBetween ? mode : mode === 'bicubic' ? 'cubic' : 'linear'
    // As in PyTorch: a scale of 1.04 that is rounded away must not blur an axis whose size stays.
    const stays = kind === 'linear' && !antialias && outputs === from
    const ratio = scales === undefined || recomputeScale || stays ? from / outputs : 1 / scales[k]!
    const step = alignCorners ? (outputs > 1 ? (from - 1) / (outputs - 1) : 0) : ratio
    return { kind, size: from, outputs, step, alignCorners, antialias }
  })
  return resample(x, rules)
}

function scalesOf(scale: PerAxis, count: number): readonly number[] {
  const scales = typeof scale === 'number' ? new Array<number>(count).fill(scale) : scale
  if (scales.length === count && scales.every(each => Number.isFinite(each) && each > 0)) return scales
  throw new ArgumentError(
    'interpolate',
    `scale must be a number above 0, or ${count} of them; got ${JSON.stringify(scale)}.`,
  )
}
