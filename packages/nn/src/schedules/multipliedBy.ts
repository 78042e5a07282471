import type { Schedule } from './schedule.ts'

/**
 * The base, multiplied in every step: `base · factor(1) · factor(2) ⋯ factor(t)`. PyTorch's MultiplicativeLR. The products are
 * remembered: going on by a step costs one call of `factor`, which must give the same for the same step.
 *
 * @example
 * ```ts
 * import { multipliedBy } from '@adjoint/nn'
 * const rate = multipliedBy((t) => (t % 2 === 0 ? 0.5 : 1));
 * [0, 1, 2, 4].map((t) => rate(t, 0.8)) // => [0.8, 0.8, 0.4, 0.2]
 * ```
 */
export function multipliedBy(factor: (step: number) => number): Schedule {
  let [known, product] = [0, 1]
  return (step, base) => {
    // Always from the first factor on, so that the last bit does not depend on where one starts.
    if (step < known) [known, product] = [0, 1]
    while (known < step) product *= factor(++known)
    return base * product
  }
}
