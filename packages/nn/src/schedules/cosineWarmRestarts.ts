import { annealed, REQUIRED, type Schedule, scheduleOptions } from './schedule.ts'

/** Settings of {@link cosineWarmRestarts}. */
export interface CosineWarmRestartsOptions {
  /** Number of steps of the first cycle. */
  readonly period: number
  /** How much longer each cycle is than the one before. Default 1. */
  readonly growth?: number
  /** Value that the cycles approach. Default 0. */
  readonly minimum?: number
}

const DEFAULTS: Required<CosineWarmRestartsOptions> = { period: REQUIRED, growth: 1, minimum: 0 }

/**
 * Half waves down, each of which starts at the base again. With s steps since the restart and a period T,
 * `minimum + (base − minimum) (1 + cos(π s / T)) / 2`. PyTorch's CosineAnnealingWarmRestarts. Loshchilov and Hutter, SGDR: stochastic
 * gradient descent with warm restarts, 2017.
 *
 * @example
 * ```ts
 * import { cosineWarmRestarts } from '@adjoint/nn'
 * const rate = cosineWarmRestarts({ period: 2, growth: 2 });
 * [0, 1, 2, 4, 6].map((t) => rate(t, 0.8)) // => [0.8, 0.4, 0.8, 0.4, 0.8]
 * ```
 * @throws ArgumentError for options that are unknown or out of range.
 */
export function cosineWarmRestarts(options: CosineWarmRestartsOptions): Schedule {
  const { period, growth, minimum } = scheduleOptions('cosineWarmRestarts', options, DEFAULTS, {
    period: 1,
    growth: 1,
  })
  return (step, base) => {
    let [since, length] = [step, period]
    if (growth === 1) since %= period
    else for (; since >= length; length *= growth) since -= length
    return annealed('cosine', base, minimum, since / length)
  }
}
