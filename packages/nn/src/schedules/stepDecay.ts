import { REQUIRED, type Schedule, scheduleOptions } from './schedule.ts'

/** Settings of {@link stepDecay}. */
export interface StepDecayOptions {
  /** Number of steps between two drops. */
  readonly every: number
  /** Default 0.1. */
  readonly factor?: number
}

const DEFAULTS: Required<StepDecayOptions> = { every: REQUIRED, factor: 0.1 }

/**
 * Drops by a factor after every so many steps: `base · factor^⌊t / every⌋`. PyTorch's StepLR.
 *
 * @example
 * ```ts
 * import { stepDecay } from '@adjoint/nn'
 * const rate = stepDecay({ every: 10, factor: 0.5 });
 * [0, 9, 10, 25].map((t) => rate(t, 0.8)) // => [0.8, 0.8, 0.4, 0.2]
 * ```
 * @throws ArgumentError for options that are unknown or out of range.
 */
export function stepDecay(options: StepDecayOptions): Schedule {
  const { every, factor } = scheduleOptions('stepDecay', options, DEFAULTS, { every: 1 })
  return (step, base) => base * factor ** Math.floor(step / every)
}
