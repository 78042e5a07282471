import { expectOptions } from '@adjoint/core/engine'
import {
  ArgumentError,
  type LocalResponseNormOptions,
  localResponseNorm,
  type Shape,
  type Tensor,
} from '@adjoint/core/functional'
import type { ForwardContext } from '../module/module.ts'
import { expectTensor } from '../module/shown.ts'
import { expectSizes } from '../module/wholeNumber.ts'

/**
 * Local response norm: every element is divided by what its neighbours among the channels are,
 * y = x / (k + alpha * m)^beta with the mean square m of `size` channels around its own, those beyond the ends counted as 0.
 * `[batch, channels, ...space] -> [batch, channels, ...space]`; nothing is learned. Source: A. Krizhevsky, I. Sutskever and
 * G. Hinton, "ImageNet classification with deep convolutional neural networks", 2012.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { LocalResponseNorm } from '@adjoint/nn'
 * const layer = new LocalResponseNorm(3, { alpha: 3, beta: 1 })
 * layer.forward(tensor([[[1], [2], [2]]])).toArray() // => [[[0.1667], [0.2], [0.2222]]]
 * ```
 */
export class LocalResponseNorm {
  readonly size: number
  readonly alpha: number
  readonly beta: number
  readonly k: number

  /**
   * @param size number of channels that are taken together
   * @throws ArgumentError for a size that is not a whole number from 1 up, a setting that is no finite number, and an unknown
   * setting.
   */
  constructor(size: number, settings: LocalResponseNormOptions = {}) {
    expectOptions('LocalResponseNorm', settings, ['alpha', 'beta', 'k'])
    expectSizes('LocalResponseNorm', { size })
    const { alpha = 1e-4, beta = 0.75, k = 1 } = settings
    for (const [name, value] of Object.entries({ alpha, beta, k })) {
      if (!Number.isFinite(value))
        throw new ArgumentError('LocalResponseNorm', `${name} must be a finite number, got ${value}.`)
    }
    this.size = size
    this.alpha = alpha
    this.beta = beta
    this.k = k
  }

  /** @throws ShapeError for fewer than two axes; ArgumentError when the input is no tensor. */
  forward<S extends Shape>(input: Tensor<S>, _context?: ForwardContext): Tensor<S> {
    expectTensor(String(this), 'input', input)
    const { alpha, beta, k } = this
    return localResponseNorm(input as Tensor<S>, this.size, { alpha, beta, k })
  }

  /** `LocalResponseNorm(5)`, as summaries and messages show it. */
  toString(): string {
    return `LocalResponseNorm(${this.size})`
  }
}
