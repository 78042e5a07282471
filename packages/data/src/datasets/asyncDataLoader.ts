/** Batches of examples that have to be waited for: files, a network. */
import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError } from '@adjoint/core/functional'
import { BatchOrder, type BatchOrderOptions, type LoaderState } from './batchOrder.ts'
import { type Collated, collate as collateItems } from './collate.ts'

/** Examples that are read when they are asked for. */
export interface AsyncDataSource<Item> {
  /** Number of examples. */
  readonly length: number
  /** Example `index`, from 0 to length - 1. */
  readonly get: (index: number) => Item | Promise<Item>
}

/** Settings of {@link AsyncDataLoader}. */
export interface AsyncDataLoaderOptions<Item, Batch> extends BatchOrderOptions {
  /** How a batch is made of its examples. Default: {@link collateItems | collate}. */
  readonly collate?: (items: readonly Item[]) => Batch | Promise<Batch>
  /** Batches that are read ahead while one is worked on. Default 2. */
  readonly prefetch?: number
}

/**
 * Batches of examples that have to be waited for, for a `for await` loop. The next ones are read while one is worked on.
 * They come in the order of a {@link DataLoader} with the same settings, however long each takes.
 *
 * @example
 * ```ts
 * import { AsyncDataLoader } from '@adjoint/data'
 * const source = { length: 4, get: async (index: number) => ({ x: index, name: `file ${index}` }) }
 * const names: unknown[] = []
 * for await (const { name } of new AsyncDataLoader(source, { batchSize: 2 })) names.push(name)
 * names // => [['file 0', 'file 1'], ['file 2', 'file 3']]
 * ```
 */
export class AsyncDataLoader<Item, Batch = Collated<Item>> implements AsyncIterable<Batch> {
  readonly source: AsyncDataSource<Item>
  readonly order: BatchOrder
  /** How far it has come, as in a {@link DataLoader}: batches that were read ahead do not count. */
  state: LoaderState
  private next: { readonly epoch: number; readonly position: number } = { epoch: 0, position: 0 }
  private readonly collate: (items: readonly Item[]) => Batch | Promise<Batch>
  private readonly prefetch: number

  /** @throws ArgumentError for settings that it does not know, and for what is no source. */
  constructor(source: AsyncDataSource<Item>, options: AsyncDataLoaderOptions<Item, Batch> = {}) {
    const op = 'AsyncDataLoader'
    expectOptions(op, options, ['batchSize', 'shuffle', 'dropLast', 'collate', 'prefetch'])
    if (!Number.isInteger(source?.length) || source.length < 0 || typeof source.get !== 'function') {
      throw new ArgumentError(op, 'takes { length, get(index) }.')
    }
    const { collate = collateItems as unknown as (items: readonly Item[]) => Batch, prefetch = 2 } = options
    if (!Number.isInteger(prefetch) || prefetch < 0) {
      throw new ArgumentError(op, `prefetch must be a whole number from 0 up, got ${prefetch}.`)
    }
    this.source = source
    this.order = new BatchOrder(op, source.length, options)
    this.state = this.order.state(0, 0)
    this.collate = collate
    this.prefetch = prefetch
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

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined> {
    const { epoch, position } = this.next
    this.next = { epoch: epoch + 1, position: 0 }
    const examples = this.order.epoch(epoch)
    const ahead: Promise<Batch>[] = []
    let started = position
    const startMore = (): void => {
      while (started < this.order.batches && ahead.length <= this.prefetch) {
        const batch = this.read(this.order.batch(examples, started++))
        // It is awaited when its turn comes, perhaps never; until then its failure is nobody's.
        batch.catch(() => {})
        ahead.push(batch)
      }
    }
    try {
      for (let batch = position; batch < this.order.batches; batch++) {
        startMore()
        const made = await ahead.shift()!
        if (this.prefetch > 0) startMore()
        this.state = this.order.state(epoch, batch + 1)
        yield made
      }
    } finally {
      if (this.state.epoch === epoch) this.state = this.order.state(epoch + 1, 0)
    }
  }

  private async read(indices: Int32Array): Promise<Batch> {
    return this.collate(await Promise.all(Array.from(indices, async index => this.source.get(index))))
  }
}
