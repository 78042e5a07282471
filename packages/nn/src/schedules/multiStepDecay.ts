import { ArgumentError } from '@adjoint/core/functional'
import { type Schedule, scheduleOptions } from './schedule.ts'

/** Settings of {@link multiStepDecay}. */
export interface MultiStepDecayOptions {
  /** The steps at which it drops; one that is named twice counts twice. */
  readonly milestones: readonly number[]
  /** Default 0.1. */
  readonly factor?: number
}

/**
 * Drops by a factor at each milestone: `base · factor^(number of milestones up to t)`. PyTorch's MultiStepLR.
 *
 * @example
 * ```ts
 * import { multiStepDecay } from '@adjoint/nn'
 * const rate = multiStepDecay({ milestones: [2, 5], factor: 0.5 });
 * [1, 2, 5].map((t) => rate(t, 0.8)) // => [0.8, 0.4, 0.2]
 * ```
 * @throws ArgumentError for options that are unknown or out of range.
 */
export function multiStepDecay(options: MultiStepDecayOptions): Schedule {
  const { milestones, factor } = scheduleOptions('multiStepDecay', options, {
    milestones: [] as readonly number[],
    factor: 0.1,
  })
  expectMilestones('multiStepDecay', milestones)
  return (step, base) => base * factor ** milestones.filter(milestone => milestone <= step).length
}

/** Checks a list of step numbers. */
export function expectMilestones(op: string, milestones: readonly number[]): void {
  if (Array.isArray(milestones) && milestones.every(Number.isFinite)) return
  throw new ArgumentError(op, 'milestones must be a list of step numbers.')
}
