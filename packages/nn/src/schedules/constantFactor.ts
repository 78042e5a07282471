import { type Schedule, scheduleOptions } from './schedule.ts'

/** Settings of {@link constantFactor}. */
export interface ConstantFactorOptions {
  /** Default 1/3. */
  readonly factor?: number
  /** For how many steps. Default 5. */
  readonly steps?: number
}

const DEFAULTS: Required<ConstantFactorOptions> = { factor: 1 / 3, steps: 5 }

/**
 * `base · factor` for some steps, `base` afterwards. PyTorch's ConstantLR.
 *
 * @example
 * ```ts
 * import { constantFactor } from '@adjoint/nn'
 * const rate = constantFactor({ factor: 0.5, steps: 2 });
 * [0, 1, 2].map((t) => rate(t, 0.8)) // => [0.4, 0.4, 0.8]
 * ```
 * @throws ArgumentError for options that are unknown or out of range.
 */
export function constantFactor(options: ConstantFactorOptions = {}): Schedule {
  const { factor, steps } = scheduleOptions('constantFactor', options, DEFAULTS)
  return (step, base) => (step < steps ? base * factor : base)
}
