import { sliceRanges } from '../ops/sliceRanges.ts'
import { ArgumentError, formatShape } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import type { ResizedAt, Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** The parts of {@link split}: as many as there are sizes, where these are written out. */
export type SplitParts<S extends Shape, Sizes, Axis extends number> = Sizes extends readonly number[]
  ? { -readonly [Part in keyof Sizes]: Tensor<ResizedAt<S, Axis, Sizes[Part] & number>> }
  : Tensor<ResizedAt<S, Axis, number>>[]

/**
 * Consecutive parts along an axis, as views: of one size, the last one perhaps smaller, or of the given sizes.
 *
 * @example
 * ```ts
 * import { arange, split } from '@adjoint/core'
 * split(arange(5), 2).map(part => part.toArray()) // => [[0, 1], [2, 3], [4]]
 * const [first, rest] = split(arange(5), [1, 4])
 * first.toArray() // => [0]
 * rest.toArray() // => [1, 2, 3, 4]
 * ```
 * @throws ArgumentError for sizes that do not add up to the size of the axis; AxisError for an axis outside of the rank.
 */
export function split<
  S extends Shape,
  const Sizes extends number | readonly number[],
  const Axis extends number = 0,
>(x: Tensor<S>, sizeOrSizes: Sizes, axis?: Axis): SplitParts<S, Sizes, Axis>
export function split(x: Tensor, sizeOrSizes: number | readonly number[], axis = 0): Tensor[] {
  const { shape, rank } = expectTensor('split', x)
  const along = normalizeAxis('split', axis, rank)
  const length = shape[along]!
  const sizes = typeof sizeOrSizes === 'number' ? equalSizes(length, sizeOrSizes) : sizeOrSizes
  const isValid = Array.isArray(sizes) && sizes.every(size => Number.isInteger(size) && size >= 0)
  if (!isValid || sizes.reduce((total: number, size: number) => total + size, 0) !== length) {
    throw new ArgumentError(
      'split',
      `needs a size from 1 up, or sizes that add up to the ${length} of axis ${along} of ${formatShape(shape)}; got ${JSON.stringify(sizeOrSizes)}.`,
    )
  }
  return partsOf(x, along, sizes)
}

/** As many times `size` as it takes; at least one part, and none of a size that is no size. */
function equalSizes(length: number, size: number): readonly number[] {
  if (!Number.isInteger(size) || size < 1) return length === 0 && size === 0 ? [0] : [-1]
  const count = Math.max(1, Math.ceil(length / size))
  return Array.from({ length: count }, (_, i) => Math.min(size, length - i * size))
}

/** Up to so many parts are taken from the whole directly. */
const FEW = 4

/**
 * Parts of checked sizes. Many of them are taken from halves of halves: the gradient of a part is as large as what it was
 * taken from, so that n elements in k parts cost n log k additions on the way back, and not n k.
 */
export function partsOf(x: Tensor, axis: number, sizes: readonly number[]): Tensor[] {
  if (sizes.length <= FEW) {
    let next = 0
    return sizes.map(size => {
      next += size
      return partOf(x, axis, next - size, size)
    })
  }
  const middle = sizes.length >> 1
  const [first, second] = [sizes.slice(0, middle), sizes.slice(middle)]
  const start = first.reduce((total, size) => total + size, 0)
  return [
    ...partsOf(partOf(x, axis, 0, start), axis, first),
    ...partsOf(partOf(x, axis, start, x.shape[axis]! - start), axis, second),
  ]
}

function partOf(x: Tensor, axis: number, start: number, size: number): Tensor {
  return sliceRanges(x, {
    starts: x.shape.map((_, k) => (k === axis ? start : 0)),
    sizes: x.shape.map((all, k) => (k === axis ? size : all)),
    steps: x.shape.map(() => 1),
  })
}
