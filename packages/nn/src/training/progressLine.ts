/** How far a run is: one line that rewrites itself on a terminal, a few plain lines elsewhere. */

/** Where text goes: `process.stdout`, or anything with the same two properties. */
export interface OutputStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** A part of the line that is shown whole or not at all. */
export interface ProgressField {
  readonly text: string
  /** The longest text that it may come to: room is kept for it, so that the bar does not change its width. */
  readonly longest: string
  /** Where the terminal is narrow, fields with a smaller rank go first. The time that is left has rank 2. */
  readonly rank: number
}

/** What is known at one moment of a run. */
export interface ProgressState {
  readonly done: number
  readonly total: number
  readonly fields: readonly ProgressField[]
}

/** Settings of {@link progressLine}. */
export interface ProgressLineOptions {
  readonly label: string
  /** Milliseconds of a clock. Default: the time of day. */
  readonly now?: (() => number) | undefined
  /** Of how many parts a line is written where there is no terminal. Default 3. */
  readonly plainLines?: number
  /** What was done already when the clock started: of a run that goes on from a checkpoint. Default 0. */
  readonly startAt?: number
}

/** A terminal is rewritten at most this often. */
const FRAME_MILLISECONDS = 60
/** Cells of the bar; on a narrow terminal fewer, and none below the smaller number. */
const BAR = { widest: 20, narrowest: 5 }
const GAP = '  '

/**
 * Starts to show the progress of one run; call the returned function with each new state. The state with `done === total`
 * ends the line.
 *
 * @example
 * ```ts
 * import { progressLine } from '@adjoint/nn'
 * let text = ''
 * const show = progressLine({ write: part => { text += part } }, { label: 'net', now: () => 0 })
 * for (let done = 1; done <= 300; done++) show({ done, total: 300, fields: [] })
 * text.split('\n')[0] // => 'net   33 %  ETA 0 s'
 * ```
 */
export function progressLine(
  stream: OutputStream,
  { label, now = Date.now, plainLines = 3, startAt = 0 }: ProgressLineOptions,
): (state: ProgressState) => void {
  const start = now()
  let drawn = Number.NEGATIVE_INFINITY
  let parts = 0

  const timeOf = ({ done }: ProgressState): Timing => ({ elapsed: now() - start, since: done - startAt })

  const drawFrame = (state: ProgressState): void => {
    const time = now()
    const isLast = state.done === state.total
    if (!isLast && time - drawn < FRAME_MILLISECONDS) return
    drawn = time
    // A line that wraps could not be rewritten with a carriage return. The rest of a longer line before is erased.
    const line = frame(label, state, timeOf(state), (stream.columns ?? 80) - 1)
    stream.write(`\r${line}\x1b[K${isLast ? '\n' : ''}`)
  }

  const writeLine = (state: ProgressState): void => {
    const part = Math.floor((state.done / state.total) * plainLines)
    if (part === parts) return
    parts = part
    const percent = `${Math.round((100 * state.done) / state.total)} %`
    const texts = withTime(state, timeOf(state)).map(({ text }) => text)
    stream.write(`${[label, percent.padStart(5), ...texts].join(GAP)}\n`)
  }

  return stream.isTTY ? drawFrame : writeLine
}

interface Timing {
  /** Milliseconds. */
  readonly elapsed: number
  /** What was done in that time. */
  readonly since: number
}

function withTime({ done, total, fields }: ProgressState, { elapsed, since }: Timing): ProgressField[] {
  const time = (text: string): ProgressField => ({ text, longest: 'ETA 100 s', rank: 2 })
  if (done === total) return [...fields, time(`${(elapsed / 1000).toFixed(1)} s`)]
  if (since <= 0) return [...fields]
  return [...fields, time(`ETA ${Math.ceil((elapsed * (total - done)) / since / 1000)} s`)]
}

/** Label, bar and fields in at most `limit` characters: first the bar shrinks, then whole fields go, then the bar. */
function frame(label: string, state: ProgressState, timing: Timing, limit: number): string {
  let fields = withTime(state, timing)
  for (;;) {
    const room = fields.map(({ text, longest }) => Math.max(text.length, longest.length))
    const taken = room.reduce((sum, size) => sum + GAP.length + size, label.length + GAP.length)
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
