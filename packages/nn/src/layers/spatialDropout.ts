import { dropoutMask, mul, type Shape, type Tensor } from '@adjoint/core/functional'
import { channelMaskShape, dtypeOfDraws, expectRate, generatorOf } from '../module/draws.ts'
import type { ForwardContext } from '../module/module.ts'
import { expectTensor } from '../module/shown.ts'

/**
 * Dropout of whole channels: in training every channel of every example is 0 with probability `rate`, and all others are
 * divided by 1 - rate. `[batch, channels, ...space]`, the shape stays: PyTorch's Dropout1d, 2d and 3d. Neighbouring places of
 * a feature map are so alike that dropping single ones takes little information away.
 * Source: J. Tompson et al., "Efficient object localization using convolutional networks", 2015.
 *
 * @example
 * ```ts
 * import { ones, Rng } from '@adjoint/core'
 * import { SpatialDropout } from '@adjoint/nn'
 * const layer = new SpatialDropout(0.5)
 * layer.forward(ones([1, 3, 2]), { training: true, rng: new Rng(1) }).toArray() // => [[[2, 2], [0, 0], [0, 0]]]
 * ```
 */
export class SpatialDropout {
  readonly rate: number

  /**
   * @param rate probability to drop a channel
   * @throws ArgumentError unless it is a number from 0 to 1.
   */
  constructor(rate = 0.5) {
    this.rate = expectRate('SpatialDropout', rate)
  }

  /** @throws ArgumentError in training without `context.rng`, for fewer than two axes, and when the input is no tensor. */
  forward<S extends Shape>(input: Tensor<S>, context?: ForwardContext): Tensor<S>
  forward(input: Tensor, context?: ForwardContext): Tensor {
    expectTensor(String(this), 'input', input)
    const shape = channelMaskShape(String(this), input.shape)
    const rng = generatorOf(String(this), this.rate, context)
    return rng === undefined ? input : mul(input, dropoutMask(rng, shape, this.rate, dtypeOfDraws(input)))
  }

  /** `SpatialDropout(0.5)`, as summaries and messages show it. */
  toString(): string {
    return `SpatialDropout(${this.rate})`
  }
}
