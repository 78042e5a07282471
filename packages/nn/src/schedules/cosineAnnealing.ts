import { annealed, REQUIRED, type Schedule, scheduleOptions } from './schedule.ts'

/** Settings of {@link cosineAnnealing}. */
export interface CosineAnnealingOptions {
  /** Number of steps from the top to the bottom. */
  readonly steps: number
  /** Value at the bottom. Default 0. */
  readonly minimum?: number
}

const DEFAULTS: Required<CosineAnnealingOptions> = { steps: REQUIRED, minimum: 0 }

/**
 * Half a wave down, `minimum + (base − minimum) (1 + cos(π t / steps)) / 2`, and after `steps` up again as PyTorch's
 * CosineAnnealingLR: end the training there, or use `cosineWarmRestarts`. Loshchilov and Hutter, SGDR: stochastic gradient
 * descent with warm restarts, 2017.
 *
 * @example
 * ```ts
 * import { cosineAnnealing } from '@adjoint/nn'
 * const rate = cosineAnnealing({ steps: 10 });
 * [0, 5, 10].map((t) => rate(t, 0.8)) // => [0.8, 0.4, 0]
 * ```
 * @throws ArgumentError for options that are unknown or out of range.
 */
export function cosineAnnealing(options: CosineAnnealingOptions): Schedule {
  const { steps, minimum } = scheduleOptions('cosineAnnealing', options, DEFAULTS, { steps: 1 })
  return (step, base) => annealed('cosine', base, minimum, step / steps)
}
