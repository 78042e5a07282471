import { ArgumentError, type Parameter } from '@adjoint/core/functional'
import { settingsOf } from './options.ts'
import { ParameterAverage } from './parameterAverage.ts'

/** Settings of {@link ExponentialMovingAverage}. */
export interface ExponentialMovingAverageOptions {
  /** How much of the average is kept from update to update. Default 0.999. */
  readonly decay?: number
  /** Keep at most (1 + n) / (10 + n) in update n, so that the start values are soon forgotten. Default true. */
  readonly warmUp?: boolean
}

const DEFAULTS: Required<ExponentialMovingAverageOptions> = { decay: 0.999, warmUp: true }

/**
 * The exponential moving average of parameters, which often does better than their last values:
 *
 *     a ← β a + (1 − β) W,  with β = min(decay, (1 + n) / (10 + n)) in update n while it warms up
 *
 * Polyak and Juditsky, Acceleration of stochastic approximation by averaging, 1992.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { ExponentialMovingAverage, SGD } from '@adjoint/nn'
 * const w = new Parameter(tensor(8))
 * const optimizer = new SGD([w], { learningRate: 0.25 })
 * const average = new ExponentialMovingAverage([w], { decay: 0.5, warmUp: false })
 * for (let step = 0; step < 2; step++) {
 *   w.square().backward()
 *   optimizer.step()
 *   average.update()
 * }
 * w.item() // => 2
 * average.withAverage(() => w.item()) // => 4
 * ```
 */
export class ExponentialMovingAverage extends ParameterAverage {
  /**
   * @param parameters what to average, as from `parameters(model)`
   * @throws ArgumentError for settings that are unknown or out of range.
   */
  constructor(parameters: Iterable<Parameter>, options: ExponentialMovingAverageOptions = {}) {
    const { decay, warmUp } = settingsOf('ExponentialMovingAverage', options, DEFAULTS)
    if (decay > 1)
      throw new ArgumentError('ExponentialMovingAverage', `decay must be at most 1, got ${decay}.`)
    const kept = (n: number): number => (warmUp ? Math.min(decay, (1 + n) / (10 + n)) : decay)
    super('ExponentialMovingAverage', parameters, n => 1 - kept(n))
  }
}
