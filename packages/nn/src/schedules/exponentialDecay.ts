import { REQUIRED, type Schedule, scheduleOptions } from './schedule.ts'

/** Settings of {@link exponentialDecay}. */
export interface ExponentialDecayOptions {
  /** What is left after one step. */
  readonly factor: number
}

const DEFAULTS: Required<ExponentialDecayOptions> = { factor: REQUIRED }

/**
 * Shrinks by a factor in every step: `base · factorᵗ`. PyTorch's ExponentialLR.
 *
 * @example
 * ```ts
 * import { exponentialDecay } from '@adjoint/nn'
 * const rate = exponentialDecay({ factor: 0.5 });
 * [0, 1, 3].map((t) => rate(t, 0.8)) // => [0.8, 0.4, 0.1]
 * ```
 * @throws ArgumentError for options that are unknown or out of range.
 */
export function exponentialDecay(options: ExponentialDecayOptions): Schedule {
  const { factor } = scheduleOptions('exponentialDecay', options, DEFAULTS)
  return (step, base) => base * factor ** step
}
