import {
  ArgumentError,
  type PadOptions,
  pad,
  type Resized,
  type Shape,
  type Tensor,
} from '@adjoint/core/functional'
import { expectSpace } from '../module/space.ts'

/**
 * How much is added around the space, one entry for each of its axes, 1 to 3 of them: a number for both ends, or
 * `[before, after]`. Negative numbers take elements away.
 */
export type PaddingWidths = readonly (number | readonly [before: number, after: number])[]

type Widths = readonly (readonly [before: number, after: number])[]

function widthsOf(layer: string, widths: PaddingWidths): Widths {
  const isPair = (width: unknown): boolean =>
    Array.isArray(width) && width.length === 2 && width.every(Number.isSafeInteger)
  const isValid =
    Array.isArray(widths) &&
    widths.length >= 1 &&
    widths.length <= 3 &&
    widths.every(width => Number.isSafeInteger(width) || isPair(width))
  if (!isValid) {
    throw new ArgumentError(
      layer,
      'takes a list with one entry for each axis of the space, 1 to 3 of them: a whole number or [before, after]; ' +
        `got ${JSON.stringify(widths)}.`,
    )
  }
  return Object.freeze(widths.map(width => (typeof width === 'number' ? ([width, width] as const) : width)))
}

/** Batch and channels stay as they are. */
function padded(layer: string, widths: Widths, input: Tensor, options: PadOptions): Tensor {
  expectSpace(layer, widths.length, input)
  const lead = input.shape.slice(0, input.rank - widths.length).map(() => [0, 0] as const)
  return pad(input, [...lead, ...widths], options) as Tensor
}

/**
 * Zeros around signals, images or volumes: `[batch, channels, ...space]` or without the batch; the length of the widths says how
 * many axes of space there are. The function is `pad`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { ZeroPad } from '@adjoint/nn'
 * new ZeroPad([[1, 2]]).forward(tensor([[[3, 4]]])).toArray() // => [[[0, 3, 4, 0, 0]]]
 * new ZeroPad([0, 1]).forward(tensor([[[[3, 4]]]])).toArray() // => [[[[0, 3, 4, 0]]]]
 * ```
 */
export class ZeroPad {
  readonly widths: Widths

  /** @throws ArgumentError for widths that are not one to three whole numbers or pairs of them. */
  constructor(widths: PaddingWidths) {
    this.widths = widthsOf('ZeroPad', widths)
  }

  /** @throws ShapeError for another rank. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<Resized<S>>
  forward(input: Tensor): Tensor {
    return padded(String(this), this.widths, input, {})
  }

  toString(): string {
    return `ZeroPad(${JSON.stringify(this.widths)})`
  }
}

/**
 * One value around signals, images or volumes; shapes as for {@link ZeroPad}.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { ConstantPad } from '@adjoint/nn'
 * new ConstantPad([1], 9).forward(tensor([[[3, 4]]])).toArray() // => [[[9, 3, 4, 9]]]
 * ```
 */
export class ConstantPad {
  readonly widths: Widths
  readonly value: number

  /** @throws ArgumentError for widths that are not one to three whole numbers or pairs of them. */
  constructor(widths: PaddingWidths, value: number) {
    this.widths = widthsOf('ConstantPad', widths)
    this.value = value
  }

  /** @throws ShapeError for another rank. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<Resized<S>>
  forward(input: Tensor): Tensor {
    return padded(String(this), this.widths, input, { value: this.value })
  }

  toString(): string {
    return `ConstantPad(${JSON.stringify(this.widths)}, ${this.value})`
  }
}

/**
 * The elements mirrored at the edges, which are not repeated; shapes as for {@link ZeroPad}.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { ReflectionPad } from '@adjoint/nn'
 * new ReflectionPad([2]).forward(tensor([[[1, 2, 3]]])).toArray() // => [[[3, 2, 1, 2, 3, 2, 1]]]
 * ```
 */
export class ReflectionPad {
  readonly widths: Widths

  /** @throws ArgumentError for widths that are not one to three whole numbers or pairs of them. */
  constructor(widths: PaddingWidths) {
    this.widths = widthsOf('ReflectionPad', widths)
  }

  /** @throws ShapeError for another rank, and for an axis that is not longer than what is added. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<Resized<S>>
  forward(input: Tensor): Tensor {
    return padded(String(this), this.widths, input, { mode: 'reflect' })
  }

  toString(): string {
    return `ReflectionPad(${JSON.stringify(this.widths)})`
  }
}

/**
 * The elements at the edges repeated; shapes as for {@link ZeroPad}.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { ReplicationPad } from '@adjoint/nn'
 * new ReplicationPad([2]).forward(tensor([[[1, 2]]])).toArray() // => [[[1, 1, 1, 2, 2, 2]]]
 * ```
 */
export class ReplicationPad {
  readonly widths: Widths

  /** @throws ArgumentError for widths that are not one to three whole numbers or pairs of them. */
  constructor(widths: PaddingWidths) {
    this.widths = widthsOf('ReplicationPad', widths)
  }

  /** @throws ShapeError for another rank. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<Resized<S>>
  forward(input: Tensor): Tensor {
    return padded(String(this), this.widths, input, { mode: 'replicate' })
  }

  toString(): string {
    return `ReplicationPad(${JSON.stringify(this.widths)})`
  }
}

/**
 * The elements from the other end; shapes as for {@link ZeroPad}.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { CircularPad } from '@adjoint/nn'
 * new CircularPad([1]).forward(tensor([[[1, 2, 3]]])).toArray() // => [[[3, 1, 2, 3, 1]]]
 * ```
 */
export class CircularPad {
  readonly widths: Widths

  /** @throws ArgumentError for widths that are not one to three whole numbers or pairs of them. */
  constructor(widths: PaddingWidths) {
    this.widths = widthsOf('CircularPad', widths)
  }

  /** @throws ShapeError for another rank, and for an axis that is shorter than what is added. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<Resized<S>>
  forward(input: Tensor): Tensor {
    return padded(String(this), this.widths, input, { mode: 'circular' })
  }

  toString(): string {
    return `CircularPad(${JSON.stringify(this.widths)})`
  }
}
