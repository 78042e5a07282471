import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError, leakyRelu, prelu, type Shape, type Tensor, uniform } from '@adjoint/core/functional'
import { dtypeOfDraws, expectGenerator } from '../module/draws.ts'
import type { ForwardContext } from '../module/module.ts'
import { expectTensor } from '../module/shown.ts'

/** Settings of {@link Rrelu}. */
export interface RreluOptions {
  /** Smallest slope. Default 1/8. */
  readonly low?: number
  /** Largest slope. Default 1/3. */
  readonly high?: number
}

/**
 * leakyRelu with random slopes: in a training pass every number gets a slope of its own, uniform between `low` and `high`,
 * drawn from `context.rng`; otherwise all have the one in the middle. `[...shape] -> [...shape]`
 * Xu et al., Empirical evaluation of rectified activations in convolutional network, 2015.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { Rrelu } from '@adjoint/nn'
 * new Rrelu({ low: 0.25, high: 0.75 }).forward(tensor([-8, 8])).toArray() // => [-4, 8]
 * ```
 */
export class Rrelu {
  readonly low: number
  readonly high: number

  /** @throws ArgumentError unless low and high are finite and low is not above high. */
  constructor(options: RreluOptions = {}) {
    expectOptions('Rrelu', options, ['low', 'high'])
    const { low = 1 / 8, high = 1 / 3 } = options
    if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high)) {
      throw new ArgumentError(
        'Rrelu',
        `low (${low}) and high (${high}) must be finite, and low not above high.`,
      )
    }
    this.low = low
    this.high = high
  }

  /** @throws ArgumentError in a training pass without `context.rng`. */
  forward<S extends Shape>(input: Tensor<S>, context: ForwardContext = {}): Tensor<S> {
    expectTensor('Rrelu', 'input', input)
    const { low, high } = this
    if (context.training !== true) return leakyRelu(input as Tensor<S>, (low + high) / 2)
    const rng = expectGenerator('Rrelu', context)
    return prelu(
      input as Tensor,
      uniform(rng, input.shape, { low, high, ...dtypeOfDraws(input) }),
    ) as Tensor<S>
  }

  toString(): string {
    return `Rrelu(${this.low}, ${this.high})`
  }
}
