import { ArgumentError } from '@adjoint/core/functional'
import { type Annealing, annealed, expectWord, REQUIRED, type Schedule, scheduleOptions } from './schedule.ts'

/** Where the phases of a cycle end. */
export interface OneCycleShape {
  /** Number of steps of the whole cycle. */
  readonly steps: number
  /** Share of the steps on the way up. Default 0.3. */
  readonly warmUp?: number
  /** Shape of the slopes. Default `'cosine'`. */
  readonly annealing?: Annealing
  /** Come down to the start as steeply as it went up, and to the end in a third phase. Default false. */
  readonly threePhase?: boolean
}

/** Settings of {@link oneCycle}. */
export interface OneCycleOptions extends OneCycleShape {
  /** The rate at the top. Default: the base. */
  readonly maximum?: number
  /** The start is the top, divided by this. Default 25. */
  readonly startDivisor?: number
  /** The end is the start, divided by this. Default 1e4. */
  readonly endDivisor?: number
}

/** Settings of {@link oneCycleMomentum}. */
export interface OneCycleMomentumOptions extends OneCycleShape {
  /** While the rate is at its top. Default 0.85. */
  readonly minimum?: number
  /** At the start and at the end. Default 0.95. */
  readonly maximum?: number
}

const SHAPE: Required<OneCycleShape> = {
  steps: REQUIRED,
  warmUp: 0.3,
  annealing: 'cosine',
  threePhase: false,
}

/**
 * One cycle of the learning rate: up from `maximum / startDivisor` to `maximum`, and down to
 * `maximum / (startDivisor · endDivisor)` in the last step, number steps − 1, where it stays. PyTorch's OneCycleLR;
 * {@link oneCycleMomentum} is its other half. Smith and Topin, Super-convergence: very fast training of neural networks using
 * large learning rates, 2018.
 *
 * @example
 * ```ts
 * import { oneCycle } from '@adjoint/nn'
 * const rate = oneCycle({ steps: 10, warmUp: 0.5, annealing: 'linear', startDivisor: 5 });
 * [0, 2, 4, 9].map((t) => rate(t, 0.5)) // => [0.1, 0.3, 0.5, 0.00001]
 * ```
 * @throws ArgumentError for options that are unknown or out of range.
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  const { maximum, ...rest } = options ?? {}
  const { startDivisor, endDivisor, ...shape } = scheduleOptions(
    'oneCycle',
    rest as OneCycleOptions,
    { ...SHAPE, startDivisor: 25, endDivisor: 1e4 },
    { steps: 1 },
  )
  const at = phases('oneCycle', shape)
  return (step, base) => {
    const top = maximum ?? base
    const start = top / startDivisor
    return at(step, start, top, start / endDivisor)
  }
}

/**
 * The momentum that belongs to {@link oneCycle}: down from `maximum` to `minimum` while the rate goes up, and back.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { Adam, oneCycle, oneCycleMomentum, Scheduler } from '@adjoint/nn'
 * const optimizer = new Adam([new Parameter(tensor([1]))], { learningRate: 0.5 })
 * const shape = { steps: 100 }
 * const learningRate = oneCycle(shape)
 * new Scheduler(optimizer, { learningRate, beta1: oneCycleMomentum(shape) })
 * optimizer.groups[0]!.settings.beta1 // => 0.95
 * ```
 * @throws ArgumentError for options that are unknown or out of range.
 */
export function oneCycleMomentum(options: OneCycleMomentumOptions): Schedule {
  const { minimum, maximum, ...shape } = scheduleOptions(
    'oneCycleMomentum',
    options,
    { ...SHAPE, minimum: 0.85, maximum: 0.95 },
    { steps: 1 },
  )
  const at = phases('oneCycleMomentum', shape)
  return step => at(step, maximum, minimum, maximum)
}

/** From `start` over `top` to `end`. */
type Phases = (step: number, start: number, top: number, end: number) => number

function phases(op: string, { steps, warmUp, annealing, threePhase }: Required<OneCycleShape>): Phases {
  expectWord(op, 'annealing', annealing, ['cosine', 'linear'])
  if (warmUp > 1) throw new ArgumentError(op, `warmUp is a share of the steps, at most 1; got ${warmUp}.`)
  const [summit, last] = [warmUp * steps - 1, steps - 1]
  const foot = 2 * warmUp * steps - 2
  return (step, start, top, end) => {
    const t = Math.min(step, last)
    const between = (from: number, to: number, a: number, b: number): number =>
      annealed(annealing, a, b, to > from ? (t - from) / (to - from) : 1)
    if (t <= summit) return between(0, summit, start, top)
    if (!threePhase) return between(summit, last, top, end)
    return t <= foot ? between(summit, foot, top, start) : between(foot, last, start, end)
  }
}
