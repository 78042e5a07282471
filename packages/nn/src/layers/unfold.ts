import { expectOptions } from '@adjoint/core/engine'
import { type ImagePatchOptions, type Pair, type Tensor, unfoldImages } from '@adjoint/core/functional'

/** Settings of {@link Unfold} and {@link Fold}; a pair is for height and width. */
export type PatchOptions = Omit<ImagePatchOptions, 'kernel'>

/**
 * The patches of images as columns, `[..., c, h, w] -> [..., c kh kw, patches]`, known as im2col; the function is
 * `unfoldImages`.
 *
 * @example
 * ```ts
 * import { arange } from '@adjoint/core'
 * import { Unfold } from '@adjoint/nn'
 * const image = arange(9).reshape([1, 1, 3, 3])
 * new Unfold(2).forward(image).toArray() // => [[[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]]
 * ```
 */
export class Unfold {
  readonly settings: ImagePatchOptions

  /** @throws ArgumentError for settings that it does not know. */
  constructor(kernel: Pair, options: PatchOptions = {}) {
    expectOptions('Unfold', options, ['stride', 'padding', 'dilation'])
    this.settings = Object.freeze({ kernel, ...options })
  }

  /** @throws ShapeError when no patch fits; ArgumentError for settings that are not whole numbers. */
  forward(input: Tensor): Tensor {
    return unfoldImages(input, this.settings)
  }

  toString(): string {
    return `Unfold(kernel ${JSON.stringify(this.settings.kernel)})`
  }
}
