import { type Annealing, annealed, expectWord, REQUIRED, type Schedule, scheduleOptions } from './schedule.ts'

/** Settings of {@link annealTo}. */
export interface AnnealToOptions {
  /** The rate at the end. */
  readonly rate: number
  /** How long it takes. Default 10. */
  readonly steps?: number
  /** Shape of the slope. Default `'cosine'`. */
  readonly annealing?: Annealing
}

const DEFAULTS: Required<AnnealToOptions> = { rate: REQUIRED, steps: 10, annealing: 'cosine' }

/**
 * From the base to another rate, which then stays, as stochastic weight averaging asks for. PyTorch's SWALR. After another
 * schedule: `sequence([first, annealTo({ rate })], [milestone])`; its base is the base of the optimizer.
 *
 * @example
 * ```ts
 * import { annealTo } from '@adjoint/nn'
 * const rate = annealTo({ rate: 0.2, steps: 2 });
 * [0, 1, 2, 9].map((t) => rate(t, 0.8)) // => [0.8, 0.5, 0.2, 0.2]
 * ```
 * @throws ArgumentError for options that are unknown or out of range.
 */
export function annealTo(options: AnnealToOptions): Schedule {
  const { rate, steps, annealing } = scheduleOptions('annealTo', options, DEFAULTS)
  expectWord('annealTo', 'annealing', annealing, ['cosine', 'linear'])
  return (step, base) => (step < steps ? annealed(annealing, base, rate, step / steps) : rate)
}
