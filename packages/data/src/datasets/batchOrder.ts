/** Which examples stand in which batch of which epoch: decided by the settings alone. */
import { ArgumentError, permutation, type Rng, type RngState } from '@adjoint/core/functional'

/** Settings of the order of batches. */
export interface BatchOrderOptions {
  /** Examples in a batch. Default 32. */
  readonly batchSize?: number
  /** A generator to shuffle by. Each epoch has an order of its own, decided by it and the number of the epoch. Default: no shuffling. */
  readonly shuffle?: Rng
  /** Leave out the last batch when it would be smaller. Default false. */
  readonly dropLast?: boolean
}

/** How far a loader has come; plain data, to be saved with a checkpoint. */
export interface LoaderState {
  /** Number of the epoch, from 0. */
  readonly epoch: number
  /** Batches of the epoch that were given out. */
  readonly position: number
  /** What the order depends on; a loader of other settings refuses the state. */
  readonly length: number
  readonly batchSize: number
  readonly dropLast: boolean
  readonly key: readonly number[] | null
}

/** The order of the batches of a loader. */
export class BatchOrder {
  readonly op: string
  readonly length: number
  readonly batchSize: number
  readonly dropLast: boolean
  /** Batches of an epoch. */
  readonly batches: number
  readonly rng: Rng | undefined

  constructor(op: string, length: number, options: BatchOrderOptions) {
    const { batchSize = 32, shuffle, dropLast = false } = options
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new ArgumentError(op, `the batch size must be a whole number from 1 up, got ${batchSize}.`)
    }
    if (shuffle !== undefined && typeof shuffle?.foldIn !== 'function') {
      throw new ArgumentError(op, 'shuffle takes a generator: { shuffle: new Rng(0) }.')
    }
    this.op = op
    this.length = length
    this.batchSize = batchSize
    this.dropLast = dropLast
    this.batches = dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize)
    this.rng = shuffle
  }

  /** The examples of an epoch in their order. */
  epoch(epoch: number): Int32Array {
    if (this.rng === undefined) return Int32Array.from({ length: this.length }, (_, at) => at)
    return permutation(this.rng.foldIn(epoch), this.length)
  }

  /** The examples of one batch, of an order that {@link epoch} gave. */
  batch(order: Int32Array, batch: number): Int32Array {
    return order.subarray(batch * this.batchSize, (batch + 1) * this.batchSize)
  }

  /** The state in which `position` batches of an epoch were given out. */
  state(epoch: number, position: number): LoaderState {
    const key = this.rng === undefined ? null : (this.rng.state satisfies RngState).key
    const { length, batchSize, dropLast } = this
    return { epoch, position, length, batchSize, dropLast, key }
  }

  /**
   * A state that belongs to this order.
   *
   * @throws ArgumentError when it is none, or one of other settings.
   */
  expectState(state: LoaderState): LoaderState {
    const { epoch, position } = state ?? {}
    if (!Number.isSafeInteger(epoch) || epoch < 0 || !Number.isInteger(position) || position < 0) {
      throw new ArgumentError(this.op, 'loadState takes { epoch, position, ... }, as loader.state gives it.')
    }
    const own = this.state(epoch, position)
    for (const name of ['length', 'batchSize', 'dropLast', 'key'] as const) {
      if (JSON.stringify(state[name]) === JSON.stringify(own[name])) continue
      const what = name === 'key' ? 'generator' : name
      throw new ArgumentError(
        this.op,
        `the state belongs to a loader with another ${what} (${JSON.stringify(state[name])} instead of ${JSON.stringify(own[name])}): its batches would be other ones.`,
      )
    }
    if (position > this.batches) {
      throw new ArgumentError(this.op, `the state is at batch ${position}; an epoch has ${this.batches}.`)
    }
    return own
  }
}
