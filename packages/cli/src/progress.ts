/** How far the training of one network is. */
import { type OutputStream, type ProgressField, progressLine } from '@adjoint/nn'
import { formatPercent, formatValue } from './format.ts'

export type { OutputStream } from '@adjoint/nn'

/** What is known at one moment of a run. */
export interface ProgressState {
  readonly done: number
  readonly total: number
  readonly loss: number
  /** From 0 to 1; none for a regression. */
  readonly accuracy?: number | undefined
}

/** Settings of {@link showProgress}. */
export interface ProgressOptions {
  readonly label: string
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number
}

/**
 * Starts to show the progress of one run; call the returned function with each new state. The state with
 * `done === total` ends the line.
 *
 * @example
 * ```ts
 * import { showProgress } from '@adjoint/cli'
 * let text = ''
 * const show = showProgress({ write: part => { text += part } }, { label: 'net', now: () => 0 })
 * for (let done = 1; done <= 300; done++) show({ done, total: 300, loss: 1 / done, accuracy: 0.5 })
 * text.split('\n')[0] // => 'net   33 %  loss 0.01000  accuracy 50.0 %  ETA 0 s'
 * ```
 */
export function showProgress(stream: OutputStream, options: ProgressOptions): (state: ProgressState) => void {
  const show = progressLine(stream, options)
  return ({ done, total, loss, accuracy }) => {
    const fields: ProgressField[] = [{ text: `loss ${formatValue(loss)}`, longest: 'loss 0.001234', rank: 1 }]
    if (accuracy !== undefined) {
      fields.push({ text: `accuracy ${formatPercent(accuracy)}`, longest: 'accuracy 100.0 %', rank: 0 })
    }
    show({ done, total, fields })
  }
}
