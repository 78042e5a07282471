/** The training loop as a function, for those who do not want to write its five lines. */

import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError, backward, div, type Rng, Tensor } from '@adjoint/core/functional'
import type { ForwardContext } from '../module/module.ts'
import { shown } from '../module/shown.ts'
import { loadState, stateOf } from '../module/state.ts'
import type { OptimizerState } from '../optimizers/state.ts'
import type { Callback, EpochRecord, History, TrainingRun, TrainingState } from './callback.ts'

/** What `fit` needs of an optimizer: any of this package but LBFGS, which calls the loss itself. */
export interface Stepping {
  step(): void
  readonly state?: OptimizerState
  loadState?(state: OptimizerState): void
}

/** The batches of an epoch, anew for each loop over them: an array, a `DataLoader`, an asynchronous one. */
export type Batches<Batch> = (Iterable<Batch> | AsyncIterable<Batch>) & {
  /** Number of batches, for the progress. */
  readonly length?: number
  /** How far a loop over them is, and back there: for checkpoints within an epoch. */
  readonly state?: unknown
  loadState?(state: never): void
}

/** Settings of {@link fit}. */
export interface FitOptions<Batch> {
  /** What is trained: its state is in the checkpoints. */
  readonly model: unknown
  readonly optimizer: Stepping
  /** The loss of a batch: a single number, recorded. Pass the context on to `forward`. */
  readonly loss: (batch: Batch, context: ForwardContext) => Tensor
  readonly batches: Batches<Batch>
  /** How often all batches are used, those of a resumed run included. */
  readonly epochs: number
  /** Numbers about the model after each epoch, as you like to call them; run it under `noGrad`. */
  readonly validate?: () => Readonly<Record<string, number>> | Promise<Readonly<Record<string, number>>>
  /** Decides what dropout drops, see {@link fit}. */
  readonly rng?: Rng
  /** Batches whose gradients are averaged for one step. Default 1. */
  readonly accumulate?: number
  /** What else takes part, in this order. */
  readonly callbacks?: readonly Callback[]
  /** Where to go on from. */
  readonly resume?: TrainingState
}

/** The loss became infinite or NaN. */
export class DivergenceError extends Error {
  override readonly name: string = 'DivergenceError'
  readonly epoch: number
  readonly step: number
  readonly loss: number

  constructor(epoch: number, step: number, loss: number) {
    super(
      `fit: the loss is ${loss} in epoch ${epoch}, after ${step} steps. Lower the learning rate or clip the gradients; ` +
        'findNaN(loss) names the op that made it.',
    )
    this.epoch = epoch
    this.step = step
    this.loss = loss
  }
}

/**
 * Trains: for every batch of every epoch the loss, `backward()`, and a step of the optimizer. It is these lines, which you
 * may as well write yourself, with callbacks, a record of each epoch, and checkpoints around them:
 *
 *     for (const batch of batches) {
 *       const loss = lossOf(batch, { training: true, rng: rng.foldIn(step) })
 *       loss.backward()
 *       optimizer.step()
 *     }
 *
 * The generator of a pass is `rng.foldIn(batch)` with the number of the batch since the start, so that nothing random has to
 * be saved. A run that goes on from `run.checkpoint()`, taken after any step, ends with the same parameters, bit for bit, as
 * one that was never interrupted, when the batches say where they are (`DataLoader` does) or the epoch had ended.
 *
 * With `accumulate`, each loss is divided by that number; batches that are left at the end of an epoch make a step by
 * themselves.
 *
 * @example
 * ```ts
 * import { relu, Rng, tensor } from '@adjoint/core'
 * import { Adam, binaryCrossEntropyWithLogits, Dense, fit, parameters, sequential } from '@adjoint/nn'
 * const rng = new Rng(1)
 * const model = sequential(new Dense(2, 8, { rng }), relu, new Dense(8, 1, { rng }))
 * const x = tensor([[0, 0], [0, 1], [1, 0], [1, 1]])
 * const y = tensor([[0], [1], [1], [0]])
 * const history = await fit({
 *   model,
 *   optimizer: new Adam(parameters(model), { learningRate: 0.05 }),
 *   loss: ([x, y], context) => binaryCrossEntropyWithLogits(model.forward(x, context), y),
 *   batches: [[x, y] as const],
 *   epochs: 300,
 * })
 * history.epochs.at(-1)!.loss < 0.01 // => true
 * ```
 * @throws DivergenceError when a loss is not finite; ArgumentError for settings that are unknown or out of range, for epochs
 * without batches, and for a checkpoint that does not belong to the run; and whatever the loss and the callbacks throw.
 */
export async function fit<Batch>(options: FitOptions<Batch>): Promise<History> {
  const run = new Run(options)
  if (options.resume !== undefined) run.resume(options.resume)
  while (run.epoch < options.epochs && run.reason === null) await run.runEpoch()
  const history: History = { epochs: run.records, stopped: run.reason }
  for (const callback of run.callbacks) await callback.afterFit?.(history, run.view())
  return history
}

const KNOWN = [
  ...(['model', 'optimizer', 'loss', 'batches', 'epochs', 'validate', 'rng', 'accumulate'] as const),
  ...(['callbacks', 'resume'] as const),
]

const EVENTS = ['beforeStep', 'afterStep', 'afterEpoch', 'afterFit'] as const

/** A callback that nothing would ever call is a misspelt one. */
function expectCallbacks(callbacks: unknown): void {
  if (!Array.isArray(callbacks)) {
    throw new ArgumentError('fit', `callbacks must be an array, got ${shown(callbacks)}.`)
  }
  for (const [i, callback] of callbacks.entries()) {
    const parts = Object(callback) as Readonly<Record<string, unknown>>
    const isEmpty = typeof callback === 'object' && Object.keys(parts).length === 0
    if (isEmpty || EVENTS.some(event => typeof parts[event] === 'function')) continue
    throw new ArgumentError(
      'fit',
      `callback ${i} must have some of ${EVENTS.join(', ')}; it has none of them.`,
    )
  }
}

/** Tensors would be recorded as what they are, and no `monitor` could compare them. */
function expectNumbers(validation: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(validation)) {
    if (typeof value === 'number') continue
    throw new ArgumentError(
      'fit',
      `validate must return numbers, got ${shown(value)} for ${name}${value instanceof Tensor ? '; take its item()' : ''}.`,
    )
  }
}

/** A run of `fit`. */
class Run<Batch> {
  readonly options: FitOptions<Batch>
  readonly callbacks: readonly Callback[]
  readonly accumulate: number
  readonly records: EpochRecord[] = []
  /** Epochs that are over. */
  epoch = 0
  /** Batches of the epoch that is going on, or that just ended. */
  batch = 0
  step = 0
  /** Batches since the start of the training. */
  passes = 0
  loss = Number.NaN
  lossSum = 0
  /** Number of the epoch that is going on, or that just ended, from 1. */
  current = 0
  /** Where the batches are: a loop that is left early forgets it. */
  position: unknown = null
  /** Whether gradients wait for a step: a checkpoint does not hold them. */
  isBeforeStep = false
  reason: string | null = null

  constructor(options: FitOptions<Batch>) {
    expectOptions('fit', options, KNOWN)
    const { epochs, accumulate = 1, callbacks = [], loss, optimizer, batches } = options
    for (const [name, count, least] of [
      ['epochs', epochs, 0],
      ['accumulate', accumulate, 1],
    ] as const) {
      if (Number.isSafeInteger(count) && count >= least) continue
      throw new ArgumentError('fit', `${name} must be a whole number from ${least} up, got ${shown(count)}.`)
    }
    if (typeof loss !== 'function') {
      throw new ArgumentError('fit', `loss must be a function of a batch and a context, got ${shown(loss)}.`)
    }
    if (typeof optimizer?.step !== 'function') {
      throw new ArgumentError('fit', `optimizer must have step(), got ${shown(optimizer)}.`)
    }
    if (!(Symbol.iterator in Object(batches) || Symbol.asyncIterator in Object(batches))) {
      throw new ArgumentError('fit', `batches must be something to loop over, got ${shown(batches)}.`)
    }
    expectCallbacks(callbacks)
    this.options = options
    this.callbacks = callbacks
    this.accumulate = accumulate
  }

  /** Goes on from a checkpoint. Model and optimizer check it before they change. */
  resume(state: TrainingState): void {
    const { model, optimizer, batches } = this.options
    const { epoch, batch, step, passes, lossSum, records, callbacks } = Object(state) as TrainingState
    const numbers = [epoch, batch, step, passes, lossSum]
    if (!numbers.every(Number.isFinite) || !Array.isArray(records) || !Array.isArray(callbacks)) {
      throw new ArgumentError('fit', 'resume takes what run.checkpoint() gave, in a callback.')
    }
    if (callbacks.length !== this.callbacks.length) {
      throw new ArgumentError(
        'fit',
        `the checkpoint has ${callbacks.length} callbacks, the run ${this.callbacks.length}; give it the same ones in the same order.`,
      )
    }
    if (batch > 0 && (state.batches === null || batches.loadState === undefined)) {
      throw new ArgumentError(
        'fit',
        `the checkpoint is from the middle of an epoch, after batch ${batch}, but the batches have no loadState to go back there; use a DataLoader, or checkpoints of whole epochs.`,
      )
    }
    if (state.optimizer !== null) optimizer.loadState?.(state.optimizer)
    loadState(model, state.model)
    if (state.batches !== null) batches.loadState?.(state.batches as never)
    this.callbacks.forEach((callback, i) => {
      if (callbacks[i] !== null) callback.loadState?.(callbacks[i] as never)
    })
    this.records.push(...records)
    this.position = state.batches
    Object.assign(this, { epoch, batch, step, lossSum, passes, current: epoch })
  }

  async runEpoch(): Promise<void> {
    const start = Date.now()
    this.current = this.epoch + 1
    for await (const batch of this.options.batches) {
      this.pass(batch)
      if (this.batch % this.accumulate === 0) await this.move()
      if (this.reason !== null) return
    }
    if (this.batch === 0) {
      throw new ArgumentError(
        'fit',
        this.current === 1
          ? 'epoch 1 has no batches; fewer examples than a batch, with dropLast, are none.'
          : `epoch ${this.current} has no batches; an iterator can be used only once.`,
      )
    }
    if (this.batch % this.accumulate !== 0) await this.move()
    if (this.reason !== null) return
    const validation = (await this.options.validate?.()) ?? {}
    expectNumbers(validation)
    this.epoch++
    const record: EpochRecord = {
      epoch: this.epoch,
      step: this.step,
      loss: this.lossSum / this.batch,
      validation: { ...validation },
      seconds: (Date.now() - start) / 1000,
    }
    this.records.push(record)
    this.batch = 0
    this.lossSum = 0
    this.position = this.options.batches.state ?? null
    for (const callback of this.callbacks) await callback.afterEpoch?.(record, this.view())
  }

  /** Forward and backward of one batch. */
  pass(batch: Batch): void {
    const { loss: lossOf, rng } = this.options
    const context = rng === undefined ? { training: true } : { training: true, rng: rng.foldIn(this.passes) }
    const loss: unknown = lossOf(batch, context)
    if (!(loss instanceof Tensor)) {
      throw new ArgumentError('fit', `loss must return a tensor of one number, got ${shown(loss)}.`)
    }
    this.loss = loss.item()
    if (!Number.isFinite(this.loss)) throw new DivergenceError(this.epoch + 1, this.step, this.loss)
    const share = this.accumulate === 1 ? loss : div(loss, this.accumulate)
    backward(share)
    this.passes++
    this.batch++
    this.lossSum += this.loss
    this.position = this.options.batches.state ?? null
  }

  async move(): Promise<void> {
    this.isBeforeStep = true
    for (const callback of this.callbacks) callback.beforeStep?.(this.view())
    this.options.optimizer.step()
    this.isBeforeStep = false
    this.step++
    for (const callback of this.callbacks) await callback.afterStep?.(this.view())
  }

  /** What callbacks see. */
  view(): TrainingRun {
    const { model, epochs, batches } = this.options
    return {
      model,
      epoch: this.current,
      epochs,
      batch: this.batch,
      batches: batches.length,
      step: this.step,
      loss: this.loss,
      records: this.records,
      stop: reason => {
        this.reason ??= reason
      },
      checkpoint: () => this.checkpoint(),
    }
  }

  checkpoint(): TrainingState {
    if (this.isBeforeStep) {
      throw new ArgumentError(
        'fit',
        'a checkpoint does not hold gradients; take it in afterStep or afterEpoch, not in beforeStep.',
      )
    }
    const { model, optimizer } = this.options
    return {
      epoch: this.epoch,
      batch: this.batch,
      step: this.step,
      passes: this.passes,
      lossSum: this.lossSum,
      model: stateOf(model),
      optimizer: optimizer.state ?? null,
      batches: this.position,
      callbacks: this.callbacks.map(({ state }) => state ?? null),
      records: [...this.records],
    }
  }
}
