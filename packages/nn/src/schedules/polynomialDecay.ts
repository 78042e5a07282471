import { type Schedule, scheduleOptions } from './schedule.ts'

/** Settings of {@link polynomialDecay}. */
export interface PolynomialDecayOptions {
  /** How long it takes. Default 5. */
  readonly steps?: number
  /** Default 1, a straight line. */
  readonly power?: number
}

const DEFAULTS: Required<PolynomialDecayOptions> = { steps: 5, power: 1 }

/**
 * Down to 0: `base · (1 − min(t, steps) / steps)^power`. PyTorch's PolynomialLR.
 *
 * @example
 * ```ts
 * import { polynomialDecay } from '@adjoint/nn'
 * const rate = polynomialDecay({ steps: 4, power: 2 });
 * [0, 2, 4, 9].map((t) => rate(t, 0.8)) // => [0.8, 0.2, 0, 0]
 * ```
 * @throws ArgumentError for options that are unknown or out of range.
 */
export function polynomialDecay(options: PolynomialDecayOptions = {}): Schedule {
  const { steps, power } = scheduleOptions('polynomialDecay', options, DEFAULTS, { steps: 1 })
  return (step, base) => base * (1 - Math.min(step, steps) / steps) ** power
}
