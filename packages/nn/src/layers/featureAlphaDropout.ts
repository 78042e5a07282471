import type { Shape, Tensor } from '@adjoint/core/functional'
import { channelMaskShape, dropToAlpha, expectRate, generatorOf } from '../module/draws.ts'
import type { ForwardContext } from '../module/module.ts'
import { expectTensor } from '../module/shown.ts'

/**
 * {@link AlphaDropout} of whole channels: in training every channel of every example goes to the limit of selu, with
 * probability `rate`, and all are scaled and moved so that mean 0 and variance 1 stay. `[batch, channels, ...space]`, the
 * shape stays. Source: G. Klambauer et al., "Self-normalizing neural networks", 2017.
 *
 * @example
 * ```ts
 * import { ones, Rng } from '@adjoint/core'
 * import { FeatureAlphaDropout } from '@adjoint/nn'
 * const layer = new FeatureAlphaDropout(0.5)
 * layer.forward(ones([1, 2, 2]), { training: true, rng: new Rng(1) }).toArray()
 * // => [[[1.6656, 1.6656], [-0.7792, -0.7792]]]
 * ```
 */
export class FeatureAlphaDropout {
  readonly rate: number

  /**
   * @param rate probability to drop a channel
   * @throws ArgumentError unless it is a number from 0 to 1.
   */
  constructor(rate = 0.5) {
    this.rate = expectRate('FeatureAlphaDropout', rate)
  }

  /** @throws ArgumentError in training without `context.rng`, for fewer than two axes, and when the input is no tensor. */
  forward<S extends Shape>(input: Tensor<S>, context?: ForwardContext): Tensor<S>
  forward(input: Tensor, context?: ForwardContext): Tensor {
    expectTensor(String(this), 'input', input)
    const shape = channelMaskShape(String(this), input.shape)
    const rng = generatorOf(String(this), this.rate, context)
    return rng === undefined ? input : dropToAlpha(input, rng, shape, this.rate)
  }

  /** `FeatureAlphaDropout(0.5)`, as summaries and messages show it. */
  toString(): string {
    return `FeatureAlphaDropout(${this.rate})`
  }
}
