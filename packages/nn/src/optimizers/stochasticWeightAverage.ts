import type { Parameter } from '@adjoint/core/functional'
import { ParameterAverage } from './parameterAverage.ts'

/**
 * The plain mean of parameters over many points of the training, with equal weights:
 *
 *     a ← a + (W − a) / n  in update n
 *
 * Update it once an epoch, towards the end, while the rate stays at a constant and rather large value, see `annealTo`. Running
 * statistics of norms belong to the last values, not to the mean: pass the data through once more before using it. Izmailov and
 * others, Averaging weights leads to wider optima and better generalization, 2018.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { StochasticWeightAverage } from '@adjoint/nn'
 * const w = new Parameter(tensor(0))
 * const average = new StochasticWeightAverage([w])
 * for (const value of [1, 2, 6]) {
 *   w.assign(tensor(value))
 *   average.update()
 * }
 * average.apply()
 * w.item() // => 3
 * ```
 */
export class StochasticWeightAverage extends ParameterAverage {
  /** @param parameters what to average, as from `parameters(model)` */
  constructor(parameters: Iterable<Parameter>) {
    super('StochasticWeightAverage', parameters, n => 1 / n)
  }
}
