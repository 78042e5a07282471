import { expectOptions } from '@adjoint/core/engine'
import { type FoldImagesOptions, foldImages, type Pair, type Tensor } from '@adjoint/core/functional'
import type { PatchOptions } from './unfold.ts'

/**
 * Columns of patches added up to images, `[..., c kh kw, patches] -> [..., c, h, w]`, known as col2im: the transpose of `Unfold`
 * with the same settings, not its inverse. The function is `foldImages`.
 *
 * @example
 * ```ts
 * import { ones } from '@adjoint/core'
 * import { Fold } from '@adjoint/nn'
 * new Fold(3, 2).forward(ones([4, 4])).toArray() // => [[[1, 2, 1], [2, 4, 2], [1, 2, 1]]]
 * ```
 */
export class Fold {
  readonly settings: FoldImagesOptions

  /**
   * @param outputSize height and width of the images
   * @throws ArgumentError for settings that it does not know.
   */
  constructor(outputSize: Pair, kernel: Pair, options: PatchOptions = {}) {
    expectOptions('Fold', options, ['stride', 'padding', 'dilation'])
    this.settings = Object.freeze({ outputSize, kernel, ...options })
  }

  /** @throws ShapeError when the columns do not fit the settings; ArgumentError for settings that are not whole numbers. */
  forward(input: Tensor): Tensor {
    return foldImages(input, this.settings)
  }

  toString(): string {
    const { outputSize, kernel } = this.settings
    return `Fold(${JSON.stringify(outputSize)}, kernel ${JSON.stringify(kernel)})`
  }
}
