import { ArgumentError } from '@adjoint/core/functional'
import { annealed, type Schedule, scheduleOptions } from './schedule.ts'

/** Settings of {@link warmUp}. */
export interface WarmUpOptions {
  /** Factor of the first step. Default: 1 / (steps + 1), so that no step is in vain. */
  readonly from?: number
}

/**
 * Goes up to the start of a schedule in a straight line, and then follows it, with its steps counted from there.
 *
 * @example
 * ```ts
 * import { cosineAnnealing, warmUp } from '@adjoint/nn'
 * const rate = warmUp(cosineAnnealing({ steps: 10 }), 3);
 * [0, 1, 2, 3, 8, 13].map((t) => rate(t, 0.8)) // => [0.2, 0.4, 0.6, 0.8, 0.4, 0]
 * ```
 * @throws ArgumentError unless `steps` is a whole number from 0 up.
 */
export function warmUp(schedule: Schedule, steps: number, options: WarmUpOptions = {}): Schedule {
  if (!Number.isInteger(steps) || steps < 0) {
    throw new ArgumentError('warmUp', `steps must be a whole number from 0 up, got ${steps}.`)
  }
  const { from } = scheduleOptions('warmUp', options, { from: 1 / (steps + 1) })
  return (step, base) =>
    step < steps
      ? schedule(0, base) * annealed('linear', from, 1, step / steps)
      : schedule(step - steps, base)
}
