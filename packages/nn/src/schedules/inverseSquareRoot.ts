import { type Schedule, scheduleOptions } from './schedule.ts'

/** Settings of {@link inverseSquareRoot}. */
export interface InverseSquareRootOptions {
  /** Number of steps up to the base. Default 4000. */
  readonly warmUp?: number
}

const DEFAULTS: Required<InverseSquareRootOptions> = { warmUp: 4000 }

/**
 * Up to the base in a straight line, then down with the root of the steps: with n = t + 1 and the warm-up w,
 * `base · min(n / w, √(w / n))`. Vaswani and others, Attention is all you need, 2017.
 *
 * @example
 * ```ts
 * import { inverseSquareRoot } from '@adjoint/nn'
 * const rate = inverseSquareRoot({ warmUp: 4 });
 * [0, 1, 3, 15].map((t) => rate(t, 0.8)) // => [0.2, 0.4, 0.8, 0.4]
 * ```
 * @throws ArgumentError for options that are unknown or out of range.
 */
export function inverseSquareRoot(options: InverseSquareRootOptions = {}): Schedule {
  const { warmUp } = scheduleOptions('inverseSquareRoot', options, DEFAULTS, { warmUp: 1 })
  return (step, base) => base * Math.min((step + 1) / warmUp, Math.sqrt(warmUp / (step + 1)))
}
