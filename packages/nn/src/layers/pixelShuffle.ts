import { pixelShuffle, type Resized, type Shape, type Tensor } from '@adjoint/core/functional'
import { expectWhole } from '../module/wholeNumber.ts'

/**
 * Channels laid out as finer pixels, `[..., c r², h, w] -> [..., c, h r, w r]`; the function is `pixelShuffle`.
 * Source: Shi et al., Real-Time Single Image and Video Super-Resolution, 2016.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { PixelShuffle } from '@adjoint/nn'
 * new PixelShuffle(2).forward(tensor([[[1]], [[2]], [[3]], [[4]]])).toArray() // => [[[1, 2], [3, 4]]]
 * ```
 */
export class PixelShuffle {
  readonly factor: number

  /** @throws ArgumentError when the factor is not a whole number from 1 up. */
  constructor(factor: number) {
    this.factor = expectWhole('PixelShuffle', 'factor', factor)
  }

  /** @throws ShapeError when the channels are no multiple of r². */
  forward<S extends Shape>(input: Tensor<S>): Tensor<Resized<S>>
  forward(input: Tensor): Tensor {
    return pixelShuffle(input, this.factor)
  }

  toString(): string {
    return `PixelShuffle(${this.factor})`
  }
}
