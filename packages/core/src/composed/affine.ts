/** The learned part of a norm: a factor and an offset for each channel, or for each place. */

import { add } from '../ops/add.ts'
import { mul } from '../ops/mul.ts'
import { reshape } from '../ops/reshape.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import { sameShape } from '../shape/shape.ts'
import { expectNumber, expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** What norms multiply with, and add, after they have standardised. */
export interface AffineOptions {
  /** Factors. Default: none. */
  readonly weight?: Tensor | null
  /** Offsets. Default: none. */
  readonly bias?: Tensor | null
}

/** x * weight + bias, both of the shape `given` and seen as `seen`, which broadcasts with x. */
export function affine(
  op: string,
  x: Tensor,
  { weight = null, bias = null }: AffineOptions,
  given: readonly number[],
  seen: readonly number[],
): Tensor {
  const scaled = weight === null ? x : mul(x, seenAs(op, 'weight', weight, given, seen))
  return bias === null ? scaled : add(scaled, seenAs(op, 'bias', bias, given, seen))
}

/** A tensor of the shape `given` as one of the shape `seen`. */
export function seenAs(
  op: string,
  name: string,
  tensor: Tensor,
  given: readonly number[],
  seen: readonly number[],
): Tensor {
  if (!sameShape(expectTensor(op, tensor).shape, given)) {
    throw new ShapeError(op, `${name} must be ${formatShape(given)}, got ${formatShape(tensor.shape)}.`, [
      tensor.shape,
    ])
  }
  return reshape(tensor, seen)
}

/** What is added under the root: a number from 0 up. */
export function expectEpsilon(op: string, epsilon: number): number {
  if (expectNumber(op, 'epsilon', epsilon) >= 0) return epsilon
  throw new ArgumentError(op, `epsilon must be a number from 0 up, got ${epsilon}.`)
}

/** `[1, channels, 1, ...]`: one number for each place of an axis of a shape. */
export function alongAxisOf(shape: readonly number[], axis: number): number[] {
  return shape.map((size, k) => (k === axis ? size : 1))
}

/** A shape with everything before an axis as one, the axis, and everything after it as one. */
export function aroundAxis(shape: readonly number[], axis: number): [number, number, number] {
  const product = (sizes: readonly number[]): number => sizes.reduce((total, size) => total * size, 1)
  return [product(shape.slice(0, axis)), shape[axis]!, product(shape.slice(axis + 1))]
}

/** Axes of batch and channels at least. */
export function expectChannels(op: string, x: Tensor, axes: number, layout: string): Tensor {
  if (expectTensor(op, x).rank >= axes) return x
  throw new ShapeError(op, `takes ${layout}, got ${formatShape(x.shape)}.`, [x.shape])
}
