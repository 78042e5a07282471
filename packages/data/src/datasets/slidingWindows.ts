/** A series cut into pieces: what was seen, and what came next. */
import { expectOptions, viewOf } from '@adjoint/core/engine'
import { ArgumentError, Tensor } from '@adjoint/core/functional'

/** Settings of {@link slidingWindows}. */
export interface WindowOptions {
  /** Steps of each piece. */
  readonly inputLength: number
  /** Steps of what came next. Default 1. */
  readonly horizon?: number
  /** Steps from the end of a piece to what counts as next. Default 0: at once. */
  readonly gap?: number
  /** Steps from the start of a piece to the start of the next one. Default 1. */
  readonly stride?: number
}

/** Pieces of a series, in the order of time. */
export interface Windows {
  /** `[windows, inputLength, ...features]` */
  readonly inputs: Tensor
  /** `[windows, horizon, ...features]` */
  readonly targets: Tensor
}

/**
 * All pieces of a series `[time, ...features]`, each with what came next. They look at the memory of the series: nothing
 * is copied, however much they overlap. Split by time before standardising, or the future leaks into the past.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { slidingWindows } from '@adjoint/data'
 * const { inputs, targets } = slidingWindows(tensor([1, 2, 3, 4, 5]), { inputLength: 3 })
 * inputs.toArray() // => [[1, 2, 3], [2, 3, 4]]
 * targets.toArray() // => [[4], [5]]
 * ```
 * @throws ArgumentError when a setting is no whole number, or the series is too short for one piece.
 */
export function slidingWindows(series: Tensor, options: WindowOptions): Windows {
  const op = 'slidingWindows'
  expectOptions(op, options, ['gap', 'horizon', 'inputLength', 'stride'])
  const { inputLength, horizon = 1, gap = 0, stride = 1 } = options ?? {}
  if (!(series instanceof Tensor) || series.rank === 0) {
    throw new ArgumentError(op, 'takes a series as a tensor [time, ...features].')
  }
  for (const [name, value, least] of [
    ['inputLength', inputLength, 1],
    ['horizon', horizon, 1],
    ['gap', gap, 0],
    ['stride', stride, 1],
  ] as const) {
    if (!Number.isInteger(value) || value < least) {
      throw new ArgumentError(op, `${name} must be a whole number from ${least} up, got ${value}.`)
    }
  }
  const [steps, ...features] = series.shape as readonly number[]
  const span = inputLength + gap + horizon
  if (steps! < span) {
    throw new ArgumentError(op, `a piece with what comes next takes ${span} steps, the series has ${steps}.`)
  }
  const count = Math.floor((steps! - span) / stride) + 1
  const [step, ...inner] = series.strides
  const cut = (start: number, length: number): Tensor =>
    viewOf(
      series,
      Object.freeze([count, length, ...features]),
      [step! * stride, step!, ...inner],
      series.offset + start * step!,
    )
  return { inputs: cut(0, inputLength), targets: cut(inputLength + gap, horizon) }
}
