import { ArgumentError, leakyRelu, type Shape, type Tensor } from '@adjoint/core/functional'

/**
 * leakyRelu with a slope of its own, as a layer: z where z > 0, slope z elsewhere. With the usual slope 0.01, the function
 * `leakyRelu` is a layer already. Lecture: activation functions.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { LeakyRelu } from '@adjoint/nn'
 * new LeakyRelu(0.25).forward(tensor([-8, 8])).toArray() // => [-2, 8]
 * ```
 */
export class LeakyRelu {
  readonly slope: number

  /** @throws ArgumentError when the slope is not finite. */
  constructor(slope: number = 0.01) {
    if (!Number.isFinite(slope))
      throw new ArgumentError('LeakyRelu', `the slope must be finite, got ${slope}.`)
    this.slope = slope
  }

  /** `[...shape] -> [...shape]` */
  forward<S extends Shape>(input: Tensor<S>): Tensor<S> {
    return leakyRelu(input, this.slope)
  }

  toString(): string {
    return `LeakyRelu(${this.slope})`
  }
}
