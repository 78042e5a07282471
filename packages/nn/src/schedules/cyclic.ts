import { ArgumentError } from '@adjoint/core/functional'
import { expectWord, REQUIRED, type Schedule, scheduleOptions } from './schedule.ts'

/** The triangles of a cyclic schedule. */
export interface CyclicShape {
  /** Number of steps on the way up. Default 2000. */
  readonly stepsUp?: number
  /** Number of steps on the way down. Default: as many as up. */
  readonly stepsDown?: number
  /** Every triangle as high as the first, half as high as the one before, or shrinking in every step. Default `'triangular'`. */
  readonly mode?: 'triangular' | 'triangular2' | 'exponential'
  /** What a step leaves of the height in mode `'exponential'`. Default 1. */
  readonly factor?: number
  /** The height as a function of the number of the cycle, from 1 on, in the place of `mode`. */
  readonly heightOfCycle?: (cycle: number) => number
  /** The height as a function of the number of the step, in the place of `mode`. */
  readonly heightOfStep?: (step: number) => number
}

/** Settings of {@link cyclic} and of {@link cyclicMomentum}. */
export interface CyclicOptions extends CyclicShape {
  readonly minimum: number
  readonly maximum: number
}

const none = (): number => 1

const DEFAULTS: Required<CyclicOptions> = {
  minimum: REQUIRED,
  maximum: REQUIRED,
  stepsUp: 2000,
  stepsDown: 2000,
  mode: 'triangular',
  factor: 1,
  heightOfCycle: none,
  heightOfStep: none,
}

/**
 * Triangles between two rates: up in `stepsUp`, down in `stepsDown` steps, and so on. PyTorch's CyclicLR;
 * {@link cyclicMomentum} is its other half. Smith, Cyclical learning rates for training neural networks, 2017.
 *
 * @example
 * ```ts
 * import { cyclic } from '@adjoint/nn'
 * const rate = cyclic({ minimum: 0.1, maximum: 0.5, stepsUp: 2, mode: 'triangular2' });
 * [0, 1, 2, 3, 4, 6].map((t) => rate(t, 1)) // => [0.1, 0.3, 0.5, 0.3, 0.1, 0.3]
 * ```
 * @throws ArgumentError for options that are unknown or out of range.
 */
export function cyclic(options: CyclicOptions): Schedule {
  const { minimum, maximum, heightAt } = triangles('cyclic', options)
  return step => minimum + (maximum - minimum) * heightAt(step)
}

/**
 * The momentum that belongs to {@link cyclic}: from `maximum`, 0.9 by default, down to `minimum`, 0.8 by default, while the rate
 * goes up.
 *
 * @example
 * ```ts
 * import { cyclicMomentum } from '@adjoint/nn'
 * const momentum = cyclicMomentum({ stepsUp: 2 });
 * [0, 1, 2, 3].map((t) => momentum(t, 1)) // => [0.9, 0.85, 0.8, 0.85]
 * ```
 * @throws ArgumentError for options that are unknown or out of range.
 */
export function cyclicMomentum(options: Partial<CyclicOptions> = {}): Schedule {
  const { minimum, maximum, heightAt } = triangles('cyclicMomentum', {
    minimum: 0.8,
    maximum: 0.9,
    ...options,
  })
  return step => maximum - (maximum - minimum) * heightAt(step)
}

/** The bounds, and the height over the lower one as a share of their distance. */
function triangles(
  op: string,
  options: CyclicOptions,
): { readonly minimum: number; readonly maximum: number; readonly heightAt: (step: number) => number } {
  const found = scheduleOptions(op, options, DEFAULTS, { stepsUp: 1, stepsDown: 1 })
  const { minimum, maximum, mode, factor, stepsUp, heightOfCycle, heightOfStep } = found
  expectWord(op, 'mode', mode, ['triangular', 'triangular2', 'exponential'])
  if (heightOfCycle !== none && heightOfStep !== none) {
    throw new ArgumentError(op, 'takes heightOfCycle or heightOfStep, not both.')
  }
  const stepsDown = options.stepsDown ?? stepsUp
  const length = stepsUp + stepsDown
  const isOwn = heightOfCycle !== none || heightOfStep !== none
  const scaleOf = (cycle: number, step: number): number => {
    if (isOwn) return heightOfCycle(cycle) * heightOfStep(step)
    return mode === 'triangular' ? 1 : mode === 'triangular2' ? 0.5 ** (cycle - 1) : factor ** step
  }
  const heightAt = (step: number): number => {
    const since = step % length
    const height = since <= stepsUp ? since / stepsUp : (length - since) / stepsDown
    return height * scaleOf(1 + Math.floor(step / length), step)
  }
  return { minimum, maximum, heightAt }
}
