import { dropoutMask, mul, type Shape, type Tensor } from '@adjoint/core/functional'
import { dtypeOfDraws, expectRate, generatorOf } from '../module/draws.ts'
import type { ForwardContext } from '../module/module.ts'
import { expectTensor } from '../module/shown.ts'

/**
 * Dropout: in training every element is 0 with probability `rate`, and all others are divided by 1 - rate, so that the
 * expected value stays. Any shape. Outside of training, and for rate 0, the input goes through untouched; rate 1 gives
 * zeros. The mask comes from `context.rng` and is a constant: the gradient is the cotangent times the mask.
 *
 * Under `checkpoint` a pass runs twice and must draw the same: make the generator inside of the function that is
 * checkpointed. Inside of `vmap` all examples share one mask.
 * Source: N. Srivastava et al., "Dropout", 2014.
 *
 * @example
 * ```ts
 * import { ones, Rng } from '@adjoint/core'
 * import { Dropout } from '@adjoint/nn'
 * const layer = new Dropout(0.5)
 * layer.forward(ones([2, 4]), { training: true, rng: new Rng(1) }).toArray() // => [[2, 0, 0, 2], [0, 0, 2, 2]]
 * layer.forward(ones([4])).toArray() // => [1, 1, 1, 1]
 * ```
 */
export class Dropout {
  readonly rate: number

  /**
   * @param rate probability to drop an element
   * @throws ArgumentError unless it is a number from 0 to 1.
   */
  constructor(rate = 0.5) {
    this.rate = expectRate('Dropout', rate)
  }

  /** @throws ArgumentError in training without `context.rng`, and when the input is no tensor. */
  forward<S extends Shape>(input: Tensor<S>, context?: ForwardContext): Tensor<S>
  forward(input: Tensor, context?: ForwardContext): Tensor {
    expectTensor(String(this), 'input', input)
    const rng = generatorOf(String(this), this.rate, context)
    if (rng === undefined) return input
    return mul(input, dropoutMask(rng, input.shape, this.rate, dtypeOfDraws(input)))
  }

  /** `Dropout(0.5)`, as summaries and messages show it. */
  toString(): string {
    return `Dropout(${this.rate})`
  }
}
