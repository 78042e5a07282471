/** How far a training run is: one line that rewrites itself on a terminal, a few plain lines elsewhere. */

/** Where text goes: `process.stdout`, or anything with the same two properties. */
export interface OutputStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

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

/** A terminal is rewritten at most this often. */
const FRAME_MILLISECONDS = 60
/** Without a terminal, a line each time another part of the run is done. */
const PLAIN_LINES = 3
const BAR_WIDTH = 20

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
export function showProgress(
  stream: OutputStream,
  { label, now = () => performance.now() }: ProgressOptions,
): (state: ProgressState) => void {
  const start = now()
  let drawn = Number.NEGATIVE_INFINITY
  let parts = 0

  const drawFrame = (state: ProgressState): void => {
    const time = now()
    const isLast = state.done === state.total
    if (!isLast && time - drawn < FRAME_MILLISECONDS) return
    drawn = time
    const line = describe(label, bar(state), state, time - start)
    // A line that wraps could not be rewritten with a carriage return. The rest of a longer line before is erased.
    stream.write(`\r${line.slice(0, (stream.columns ?? 80) - 1)}\x1b[K${isLast ? '\n' : ''}`)
  }

  const writeLine = (state: ProgressState): void => {
    const part = Math.floor((state.done / state.total) * PLAIN_LINES)
    if (part === parts) return
    parts = part
    const percent = `${Math.round((100 * state.done) / state.total)} %`
    stream.write(`${describe(label, percent.padStart(5), state, now() - start)}\n`)
  }

  return stream.isTTY ? drawFrame : writeLine
}

function bar({ done, total }: ProgressState): string {
  const filled = Math.round((done / total) * BAR_WIDTH)
  return `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`
}

function describe(label: string, amount: string, state: ProgressState, elapsed: number): string {
  const { done, total, loss, accuracy } = state
  const remaining = done === 0 ? undefined : (elapsed * (total - done)) / done
  const time =
    done === total
      ? `${seconds(elapsed)} s`
      : remaining === undefined
        ? ''
        : `ETA ${Math.ceil(remaining / 1000)} s`
  const correct = accuracy === undefined ? '' : `accuracy ${(100 * accuracy).toFixed(1)} %`
  return [label, amount, `loss ${loss.toPrecision(4)}`, correct, time].filter(text => text !== '').join('  ')
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1)
}
