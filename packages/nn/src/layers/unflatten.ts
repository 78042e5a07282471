import { formatShape } from '@adjoint/core/engine'
import { ArgumentError, AxisError, reshape, ShapeError, type Tensor } from '@adjoint/core/functional'
import { expectTensor } from '../module/shown.ts'

/**
 * One axis as several, `[batch, features] -> [batch, ...sizes]` for axis 1: the inverse of `Flatten`. One of the sizes may be -1:
 * it is what is left.
 *
 * @example
 * ```ts
 * import { zeros } from '@adjoint/core'
 * import { Unflatten } from '@adjoint/nn'
 * new Unflatten(1, [3, 2, -1]).forward(zeros([5, 12])).shape // => [5, 3, 2, 2]
 * ```
 */
export class Unflatten {
  readonly axis: number
  readonly sizes: readonly number[]

  /** @throws ArgumentError for sizes that are not whole numbers from 1 up, one of them perhaps -1. */
  constructor(axis: number, sizes: readonly number[]) {
    const isValid =
      Array.isArray(sizes) &&
      sizes.length > 0 &&
      sizes.every(size => Number.isSafeInteger(size) && (size >= 1 || size === -1)) &&
      sizes.filter(size => size === -1).length <= 1
    if (!isValid) {
      throw new ArgumentError(
        'Unflatten',
        `sizes must be whole numbers from 1 up, one of them perhaps -1; got ${JSON.stringify(sizes)}.`,
      )
    }
    this.axis = axis
    this.sizes = Object.freeze([...sizes])
  }

  /** @throws AxisError when there is no such axis; ShapeError when its size is not the product of the sizes. */
  forward(input: Tensor): Tensor {
    expectTensor(String(this), 'input', input)
    const { rank, shape } = input
    const axis = this.axis < 0 ? this.axis + rank : this.axis
    if (!(axis >= 0 && axis < rank)) throw new AxisError(String(this), this.axis, rank)
    const given = this.sizes.reduce((product, size) => (size === -1 ? product : product * size), 1)
    const size = shape[axis] as number
    const fits = this.sizes.includes(-1) ? size % given === 0 : size === given
    if (!fits) {
      throw new ShapeError(
        String(this),
        `axis ${this.axis} of ${formatShape(shape)} has ${size} elements, the sizes ${formatShape(this.sizes)} do not make as many.`,
        [shape as readonly number[]],
      )
    }
    const sizes = this.sizes.map(each => (each === -1 ? size / given : each))
    return reshape(input, [...shape.slice(0, axis), ...sizes, ...shape.slice(axis + 1)]) as Tensor
  }

  toString(): string {
    return `Unflatten(${this.axis}, ${formatShape(this.sizes)})`
  }
}
