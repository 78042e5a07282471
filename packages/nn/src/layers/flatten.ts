import { flatten, type Tensor } from '@adjoint/core/functional'

/**
 * Neighbouring axes as one, from `start` to `end`, both included: without settings all but the batch,
 * `[batch, channels, ...space] -> [batch, features]`, as it stands between convolutions and a dense layer.
 *
 * @example
 * ```ts
 * import { zeros } from '@adjoint/core'
 * import { Flatten } from '@adjoint/nn'
 * new Flatten().forward(zeros([5, 3, 2, 2])).shape // => [5, 12]
 * ```
 */
export class Flatten {
  readonly start: number
  readonly end: number

  constructor(start: number = 1, end: number = -1) {
    this.start = start
    this.end = end
  }

  /** @throws AxisError when an axis is outside of the rank, or the end comes before the start. */
  forward(input: Tensor): Tensor {
    return flatten(input, this.start, this.end)
  }

  toString(): string {
    return `Flatten(${this.start}, ${this.end})`
  }
}
