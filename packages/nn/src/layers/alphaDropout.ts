import type { Shape, Tensor } from '@adjoint/core/functional'
import { dropToAlpha, expectRate, generatorOf } from '../module/draws.ts'
import type { ForwardContext } from '../module/module.ts'
import { expectTensor } from '../module/shown.ts'

/**
 * Dropout for networks of `selu`: in training an element is not set to 0 but to α' = -1.7581, the limit of selu far to the
 * left, and all are scaled and moved so that numbers of mean 0 and variance 1 stay so: y = a x + b for those that stay,
 * a α' + b for those that go, with a = 1/√((1 - rate)(1 + rate α'²)) and b = -a rate α'. Any shape. Outside of training, and
 * for rate 0, the input goes through untouched; rate 1 gives zeros.
 * Source: G. Klambauer et al., "Self-normalizing neural networks", 2017.
 *
 * @example
 * ```ts
 * import { normal, Rng, standardDeviation } from '@adjoint/core'
 * import { AlphaDropout } from '@adjoint/nn'
 * const rng = new Rng(0)
 * const y = new AlphaDropout(0.3).forward(normal(rng, [10000]), { training: true, rng })
 * Math.abs(y.mean().item()) < 0.03 // => true
 * Math.abs(standardDeviation(y).item() - 1) < 0.03 // => true
 * ```
 */
export class AlphaDropout {
  readonly rate: number

  /**
   * @param rate probability to drop an element
   * @throws ArgumentError unless it is a number from 0 to 1.
   */
  constructor(rate = 0.5) {
    this.rate = expectRate('AlphaDropout', rate)
  }

  /** @throws ArgumentError in training without `context.rng`, and when the input is no tensor. */
  forward<S extends Shape>(input: Tensor<S>, context?: ForwardContext): Tensor<S>
  forward(input: Tensor, context?: ForwardContext): Tensor {
    expectTensor(String(this), 'input', input)
    const rng = generatorOf(String(this), this.rate, context)
    return rng === undefined ? input : dropToAlpha(input, rng, input.shape, this.rate)
  }

  /** `AlphaDropout(0.5)`, as summaries and messages show it. */
  toString(): string {
    return `AlphaDropout(${this.rate})`
  }
}
