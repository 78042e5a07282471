/** Batches of a data set, epoch after epoch. */
import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError } from '@adjoint/core/functional'
import { BatchOrder, type BatchOrderOptions, type LoaderState } from './batchOrder.ts'
import { Dataset } from './dataset.ts'

/** Settings of {@link DataLoader}. */
export interface DataLoaderOptions<Item, Raw, Batch> extends BatchOrderOptions {
  /** How a batch is made of its examples. Default: as the data set does. */
  readonly collate?: (items: readonly Item[]) => Batch
  /** What is made of each batch before it is given out; instead of `collate`. */
  readonly map?: (batch: Raw) => Batch
}

/**
 * Batches of a data set, for a plain `for` loop. Each loop is an epoch: with `shuffle` it has an order of its own, which
 * the generator and the number of the epoch decide, so that a run can be repeated and gone on with. The loader draws
 * nothing from the generator; two loaders that must differ take two of `rng.split()`.
 *
 * `state`, read inside of the loop, says how far the epoch has come. A loader made alike that gets it by `loadState` goes
 * on with the next batch. Leaving a loop early ends the epoch.
 *
 * @example
 * ```ts
 * import { arange, Rng } from '@adjoint/core'
 * import { Dataset, DataLoader } from '@adjoint/data'
 * const data = Dataset.fromTensors({ x: arange(5) })
 * const loader = new DataLoader(data, { batchSize: 2, shuffle: new Rng(0) })
 * const epochs: unknown[] = []
 * for (let epoch = 0; epoch < 2; epoch++) {
 *   for (const { x } of loader) epochs.push(x.toArray())
 * }
 * epochs // => [[0, 3], [1, 2], [4], [3, 1], [0, 4], [2]]
 * ```
 */
export class DataLoader<Item, Raw, Batch = Raw> implements Iterable<Batch> {
  readonly data: Dataset<Item, Raw>
  readonly order: BatchOrder
  /** How far it has come, see above. */
  state: LoaderState
  /** Where the next loop begins. */
  private next: { readonly epoch: number; readonly position: number } = { epoch: 0, position: 0 }
  private readonly make: (indices: Int32Array) => Batch

  /** @throws ArgumentError for settings that it does not know, and for what is no data set. */
  constructor(data: Dataset<Item, Raw>, options: DataLoaderOptions<Item, Raw, Batch> = {}) {
    expectOptions('DataLoader', options, ['batchSize', 'shuffle', 'dropLast', 'collate', 'map'])
    if (!(data instanceof Dataset)) {
      throw new ArgumentError(
        'DataLoader',
        'takes a data set: Dataset.fromTensors({ x, y }) or Dataset.fromArray(items).',
      )
    }
    this.data = data
    this.order = new BatchOrder('DataLoader', data.length, options)
    this.state = this.order.state(0, 0)
    this.make = makerOf(data, options)
  }

  /** Batches of an epoch. */
  get length(): number {
    return this.order.batches
  }

  /**
   * Goes on where a loader with the same settings and as many examples stood.
   *
   * @throws ArgumentError when the state is of another loader.
   */
  loadState(state: LoaderState): void {
    this.state = this.order.expectState(state)
    this.next = this.state
  }

  *[Symbol.iterator](): Generator<Batch, void, undefined> {
    const { epoch, position } = this.next
    this.next = { epoch: epoch + 1, position: 0 }
    const examples = this.order.epoch(epoch)
    try {
      for (let batch = position; batch < this.order.batches; batch++) {
        const made = this.make(this.order.batch(examples, batch))
        this.state = this.order.state(epoch, batch + 1)
        yield made
      }
    } finally {
      if (this.state.epoch === epoch) this.state = this.order.state(epoch + 1, 0)
    }
  }
}

function makerOf<Item, Raw, Batch>(
  data: Dataset<Item, Raw>,
  { collate, map }: DataLoaderOptions<Item, Raw, Batch>,
): (indices: Int32Array) => Batch {
  if (collate !== undefined && map !== undefined) {
    throw new ArgumentError(
      'DataLoader',
      'takes collate or map, not both: what map does can be done in collate.',
    )
  }
  if (collate !== undefined) return indices => collate(Array.from(indices, index => data.get(index)))
  if (map !== undefined) return indices => map(data.batch(indices))
  return indices => data.batch(indices) as unknown as Batch
}
