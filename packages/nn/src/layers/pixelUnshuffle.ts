import { pixelUnshuffle, type Resized, type Shape, type Tensor } from '@adjoint/core/functional'
import { expectWhole } from '../module/wholeNumber.ts'

/**
 * Blocks of r by r pixels as channels, `[..., c, h r, w r] -> [..., c r², h, w]`: the inverse of `PixelShuffle`. The function
 * is `pixelUnshuffle`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { PixelUnshuffle } from '@adjoint/nn'
 * new PixelUnshuffle(2).forward(tensor([[[1, 2], [3, 4]]])).toArray() // => [[[1]], [[2]], [[3]], [[4]]]
 * ```
 */
export class PixelUnshuffle {
  readonly factor: number

  /** @throws ArgumentError when the factor is not a whole number from 1 up. */
  constructor(factor: number) {
    this.factor = expectWhole('PixelUnshuffle', 'factor', factor)
  }

  /** @throws ShapeError when height or width is no multiple of r. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<Resized<S>>
  forward(input: Tensor): Tensor {
    return pixelUnshuffle(input, this.factor)
  }

  toString(): string {
    return `PixelUnshuffle(${this.factor})`
  }
}
