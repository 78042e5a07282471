import { annealed, type Schedule, scheduleOptions } from './schedule.ts'

/** Settings of {@link linearRamp}. */
export interface LinearRampOptions {
  /** Factor of the base at the beginning. Default 1/3. */
  readonly from?: number
  /** Factor of the base at the end. Default 1. */
  readonly to?: number
  /** How long it takes. Default 5. */
  readonly steps?: number
}

const DEFAULTS: Required<LinearRampOptions> = { from: 1 / 3, to: 1, steps: 5 }

/**
 * A straight line from `base · from` to `base · to`, which then stays: `base · (from + (to − from) min(t, steps) / steps)`. PyTorch's
 * LinearLR.
 *
 * @example
 * ```ts
 * import { linearRamp } from '@adjoint/nn'
 * const rate = linearRamp({ from: 0.5, steps: 2 });
 * [0, 1, 2, 9].map((t) => rate(t, 0.8)) // => [0.4, 0.6, 0.8, 0.8]
 * ```
 * @throws ArgumentError for options that are unknown or out of range.
 */
export function linearRamp(options: LinearRampOptions = {}): Schedule {
  const { from, to, steps } = scheduleOptions('linearRamp', options, DEFAULTS, { steps: 1 })
  return (step, base) => base * annealed('linear', from, to, Math.min(step, steps) / steps)
}
