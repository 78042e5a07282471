/** How far a training run is: one line that rewrites itself on a terminal, a few plain lines elsewhere. */
import { formatPercent, formatSeconds, formatValue } from './format.ts'

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
/** Cells of the bar; on a narrow terminal fewer, and none below the smaller number. */
const BAR = { widest: 20, narrowest: 5 }
const GAP = '  '

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
    // A line that wraps could not be rewritten with a carriage return. The rest of a longer line before is erased.
    const line = frame(label, state, time - start, (stream.columns ?? 80) - 1)
    stream.write(`\r${line}\x1b[K${isLast ? '\n' : ''}`)
  }

  const writeLine = (state: ProgressState): void => {
    const part = Math.floor((state.done / state.total) * PLAIN_LINES)
    if (part === parts) return
    parts = part
    const percent = `${Math.round((100 * state.done) / state.total)} %`
    const texts = fieldsOf(state, now() - start).map(({ text }) => text)
    stream.write(`${[label, percent.padStart(5), ...texts].join(GAP)}\n`)
  }

  return stream.isTTY ? drawFrame : writeLine
}

/** A part of the line that is shown whole or not at all. */
interface Field {
  readonly text: string
  /** Room that is kept for it, so that the bar beside it does not change its width from frame to frame. */
  readonly room: number
  /** Where the terminal is narrow, fields with a smaller rank go first. */
  readonly rank: number
}

function fieldsOf({ done, total, loss, accuracy }: ProgressState, elapsed: number): Field[] {
  const field = (text: string, widest: string, rank: number): Field => ({
    text,
    room: Math.max(text.length, widest.length),
    rank,
  })
  const fields = [field(`loss ${formatValue(loss)}`, 'loss 0.001234', 1)]
  if (accuracy !== undefined) fields.push(field(`accuracy ${formatPercent(accuracy)}`, 'accuracy 100.0 %', 0))
  if (done === total) fields.push(field(formatSeconds(elapsed), 'ETA 100 s', 2))
  else if (done > 0) {
    const remaining = (elapsed * (total - done)) / done
    fields.push(field(`ETA ${Math.ceil(remaining / 1000)} s`, 'ETA 100 s', 2))
  }
  return fields
}

/** Label, bar and fields in at most `limit` characters: first the bar shrinks, then whole fields go, then the bar. */
function frame(label: string, state: ProgressState, elapsed: number, limit: number): string {
  let fields = fieldsOf(state, elapsed)
  for (;;) {
    const taken = fields.reduce((sum, { room }) => sum + GAP.length + room, label.length + GAP.length)
    const width = Math.min(BAR.widest, limit - taken)
    if (width >= BAR.narrowest) {
      return [label, bar(state, width), ...fields.map(({ text }) => text)].join(GAP)
    }
    if (fields.length === 0)
      return label.length <= limit ? label : `${label.slice(0, Math.max(0, limit - 1))}…`
    const first = Math.min(...fields.map(({ rank }) => rank))
    fields = fields.filter(({ rank }) => rank !== first)
  }
}

function bar({ done, total }: ProgressState, width: number): string {
  const filled = Math.round((done / total) * width)
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`
}
