import type { Schedule } from './schedule.ts'

/**
 * The base, times a factor that depends on the step: `base · factor(t)`. PyTorch's LambdaLR.
 *
 * @example
 * ```ts
 * import { scaledBy } from '@adjoint/nn'
 * const rate = scaledBy((t) => 1 / (1 + t));
 * [0, 1, 3].map((t) => rate(t, 0.8)) // => [0.8, 0.4, 0.2]
 * ```
 */
export function scaledBy(factor: (step: number) => number): Schedule {
  return (step, base) => base * factor(step)
}
