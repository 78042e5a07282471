import { ArgumentError } from '@adjoint/core/functional'
import { expectMilestones } from './multiStepDecay.ts'
import type { Schedule } from './schedule.ts'

/**
 * One schedule after the other, each counting its steps from where it begins: the second from the first milestone on, and so
 * forth. PyTorch's SequentialLR.
 *
 * @example
 * ```ts
 * import { constantFactor, exponentialDecay, sequence } from '@adjoint/nn'
 * const rate = sequence([constantFactor({ factor: 0.5, steps: 3 }), exponentialDecay({ factor: 0.5 })], [3]);
 * [0, 2, 3, 5].map((t) => rate(t, 0.8)) // => [0.4, 0.4, 0.8, 0.2]
 * ```
 * @throws ArgumentError unless the milestones grow, and are one fewer than the schedules.
 */
export function sequence(schedules: readonly Schedule[], milestones: readonly number[]): Schedule {
  expectMilestones('sequence', milestones)
  const isGrowing = milestones.every((milestone, i) => milestone >= (milestones[i - 1] ?? 0))
  if (schedules.length !== milestones.length + 1 || !isGrowing) {
    const counts = `${schedules.length} schedules and milestones [${milestones.join(', ')}]`
    throw new ArgumentError('sequence', `takes growing milestones, one fewer than schedules; got ${counts}.`)
  }
  return (step, base) => {
    const at = milestones.filter(milestone => milestone <= step).length
    return schedules[at]!(step - (milestones[at - 1] ?? 0), base)
  }
}
