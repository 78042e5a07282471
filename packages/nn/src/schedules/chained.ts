import type { Schedule } from './schedule.ts'

/**
 * Schedules one on top of the other: the value of each is the base of the next. For schedules that multiply, factors multiply, and
 * the order does not matter: PyTorch's ChainedScheduler. One that does not, such as `cosineAnnealing` with a minimum, comes last,
 * so that its minimum is not multiplied. PyTorch gives other rates there, which follow no formula: each of its schedulers goes on
 * from the rate that the last one left in the step before, and a LambdaLR overwrites it.
 *
 * @example
 * ```ts
 * import { chained, constantFactor, exponentialDecay } from '@adjoint/nn'
 * const rate = chained(constantFactor({ factor: 0.5, steps: 2 }), exponentialDecay({ factor: 0.5 }));
 * [0, 1, 2].map((t) => rate(t, 0.8)) // => [0.4, 0.2, 0.2]
 * ```
 */
export function chained(...schedules: readonly Schedule[]): Schedule {
  return (step, base) => schedules.reduce((value, schedule) => schedule(step, value), base)
}
