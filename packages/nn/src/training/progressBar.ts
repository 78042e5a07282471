import { expectOptions } from '@adjoint/core/engine'
import type { Callback, TrainingRun } from './callback.ts'
import { type OutputStream, type ProgressField, progressLine } from './progressLine.ts'

/** Settings of {@link progressBar}. */
export interface ProgressBarOptions {
  /** What stands in front. Default `'training'`. */
  readonly label?: string
  /** Milliseconds of a clock. Default: the time of day. */
  readonly now?: () => number
}

/**
 * Shows a run of `fit` on a stream, `process.stdout` say: a line that rewrites itself on a terminal, with a bar, the epoch,
 * the loss of the last batch, what was validated last, batches per second and the time that is left; ten plain lines
 * elsewhere.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { fit, progressBar, SGD } from '@adjoint/nn'
 * const w = new Parameter(tensor(4), 'w')
 * let text = ''
 * await fit({
 *   model: w,
 *   optimizer: new SGD([w], { learningRate: 0.1 }),
 *   loss: (target) => w.sub(target).square(),
 *   batches: [1, 2],
 *   epochs: 10,
 *   callbacks: [progressBar({ write: (part) => { text += part } }, { label: 'w', now: () => 0 })],
 * })
 * text.split('\n')[0] // => 'w   10 %  epoch 1/10  loss 1.960  ETA 0 s'
 * ```
 */
export function progressBar(stream: OutputStream, options: ProgressBarOptions = {}): Callback {
  expectOptions('progressBar', options, ['label', 'now'])
  const { label = 'training', now = Date.now } = options
  let began:
    | { readonly show: ReturnType<typeof progressLine>; readonly time: number; readonly at: number }
    | undefined

  const unitsOf = ({ batches = 1 }: TrainingRun): number => batches
  const draw = (run: TrainingRun, done: number): void => {
    if (began === undefined) return
    const seconds = (now() - began.time) / 1000
    const rate = seconds > 0 ? (done - began.at) / seconds : undefined
    began.show({ done, total: run.epochs * unitsOf(run), fields: fieldsOf(run, rate) })
  }
  return {
    beforeStep: run => {
      if (began !== undefined) return
      // The clock starts with the first step; what a checkpoint had done before does not count for the speed.
      const at = (run.epoch - 1) * unitsOf(run) + (run.batches === undefined ? 0 : run.batch - 1)
      began = { show: progressLine(stream, { label, now, plainLines: 10, startAt: at }), time: now(), at }
    },
    afterStep: run => {
      // The end of an epoch is drawn when it is validated. Without a number of batches only epochs are counted.
      if (run.batches !== undefined && run.batch < run.batches) {
        draw(run, (run.epoch - 1) * run.batches + run.batch)
      }
    },
    afterEpoch: (_, run) => draw(run, run.epoch * unitsOf(run)),
    afterFit: ({ stopped }) => {
      if (stopped !== null) stream.write(`${stream.isTTY ? '\n' : ''}${label}  stopped: ${stopped}\n`)
    },
  }
}

function fieldsOf(
  { epoch, epochs, batches, loss, records }: TrainingRun,
  rate: number | undefined,
): ProgressField[] {
  const field = (text: string, longest: string, rank: number): ProgressField => ({ text, longest, rank })
  const fields = [
    field(`epoch ${epoch}/${epochs}`, `epoch ${epochs}/${epochs}`, 3),
    field(`loss ${short(loss)}`, 'loss 0.001234', 4),
  ]
  for (const [name, value] of Object.entries(records.at(-1)?.validation ?? {})) {
    fields.push(field(`${name} ${short(value)}`, `${name} 0.001234`, 1))
  }
  if (rate !== undefined) {
    const unit = batches === undefined ? 'epochs/s' : 'batches/s'
    fields.push(field(`${short(rate)} ${unit}`, `1234.5 ${unit}`, 0))
  }
  return fields
}

/** A value in four significant digits. */
function short(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  return size < 1e-3 || size >= 1e5 ? value.toExponential(3).replace('e+', 'e') : value.toPrecision(4)
}
