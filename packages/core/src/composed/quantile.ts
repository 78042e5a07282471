import { argsort } from '../ops/argsort.ts'
import { cast } from '../ops/cast.ts'
import { gather } from '../ops/gather.ts'
import { lerp } from '../ops/lerp.ts'
import { notEqual } from '../ops/notEqual.ts'
import { reshape } from '../ops/reshape.ts'
import { where } from '../ops/where.ts'
import type { ReductionOptions } from '../primitive/signatures.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, describe, formatShape } from '../shape/errors.ts'
import type { Reduced, Shape } from '../shape/types.ts'
import { toFloating } from '../storage/dtype.ts'
import { expectTensor, scalar } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type Lines, linesOf } from './selection.ts'
import { sliceAlong } from './sliceAlong.ts'
import { stack } from './stack.ts'

/** What to do between two elements, see {@link quantile}. */
export type Interpolation = 'linear' | 'lower' | 'higher' | 'nearest' | 'midpoint'

/** Settings of {@link quantile}. */
export interface QuantileOptions<Keep extends boolean = boolean> extends ReductionOptions<Keep> {
  /** Default `linear`. */
  readonly interpolation?: Interpolation
}

/** The position of a quantile among sorted elements: a share of `weight` of the upper neighbour, the rest of the lower. */
type Place = (position: number) => readonly [lower: number, upper: number, weight: number]

const PLACES: Readonly<Record<Interpolation, Place>> = {
  linear: position => [Math.floor(position), Math.ceil(position), position - Math.floor(position)],
  lower: position => [Math.floor(position), Math.floor(position), 0],
  higher: position => [Math.ceil(position), Math.ceil(position), 0],
  nearest: position => [roundHalfToEven(position), roundHalfToEven(position), 0],
  midpoint: position => [Math.floor(position), Math.ceil(position), Number.isInteger(position) ? 0 : 0.5],
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value)
  if (value - floor !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}

/**
 * The value below which a share `q` of the elements lies, along one axis, several, or all (without `axis`): the element at
 * position `q (n - 1)` in sorted order. Between two elements a and b of neighbouring positions, `linear` (default) goes from
 * a to b evenly, `lower` takes a, `higher` b, `nearest` the closer one (at equal distance the one at the even position),
 * `midpoint` (a + b) / 2, both computed in float64 and rounded once. NaN when there is a NaN. Several `q` give a first axis of their own.
 *
 * The one or two elements that were taken get the cotangent by their weights.
 *
 * @example
 * ```ts
 * import { quantile, tensor } from '@adjoint/core'
 * const x = tensor([4, 1, 3, 2])
 * quantile(x, 0.5).item() // => 2.5
 * quantile(x, [0, 1]).toArray() // => [1, 4]
 * quantile(x, 0.5, 0, { interpolation: 'lower' }).item() // => 2
 * ```
 * @throws ArgumentError for a `q` outside of 0 to 1, for no elements, and for an unknown interpolation.
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export function quantile<
  S extends Shape,
  const Axis extends number | readonly number[] | undefined = undefined,
  Keep extends boolean = false,
>(x: Tensor<S>, q: number, axis?: Axis, options?: QuantileOptions<Keep>): Tensor<Reduced<S, Axis, Keep>>
export function quantile(
  x: Tensor,
  q: readonly number[],
  axis?: number | readonly number[],
  options?: QuantileOptions,
): Tensor
export function quantile(
  x: Tensor,
  q: number | readonly number[],
  axis?: number | readonly number[],
  options: QuantileOptions = {},
): Tensor {
  expectOptions('quantile', options, ['interpolation', 'keepDims'])
  const { interpolation = 'linear' } = options
  if (!Object.hasOwn(PLACES, interpolation)) {
    throw new ArgumentError(
      'quantile',
      `interpolation is one of ${Object.keys(PLACES).join(', ')}; got ${describe(interpolation)}.`,
    )
  }
  for (const share of [q].flat()) {
    if (typeof share === 'number' && share >= 0 && share <= 1) continue
    throw new ArgumentError('quantile', `q is from 0 to 1, got ${describe(share)}.`)
  }
  const floating = cast(expectTensor('quantile', x), toFloating(x.dtype))
  const found = linesOf('quantile', floating, axis, options)
  const length = found.lines.shape[found.axis]!
  if (length === 0)
    throw new ArgumentError(
      'quantile',
      `there is no element to choose from in shape ${formatShape(x.shape)}.`,
    )
  const order = argsort(found.lines, found.axis)
  const at = (share: number): Tensor =>
    reshape(between(found, order, PLACES[interpolation](share * (length - 1))), found.shape)
  return typeof q === 'number' ? at(q) : stack(q.map(at), 0)
}

/** The element at a place of every sorted line, NaN when the line ends with NaN. */
function between({ lines, axis }: Lines, order: Tensor, place: ReturnType<Place>): Tensor {
  const [lower, upper, weight] = place
  const elementAt = (position: number): Tensor => gather(lines, axis, sliceAlong(order, axis, position, 1))
  const low = elementAt(lower)
  // In float64, whatever the dtype: a weight rounded to float32 would be another quantile.
  const value = weight === 0 ? low : cast(lerp(low, elementAt(upper), scalar(weight, 'float64')), lines.dtype)
  const last = elementAt(lines.shape[axis]! - 1)
  return where(notEqual(last, last), last, value)
}
