/** Examples that can be counted and asked for one by one or in batches. */
import { ArgumentError, type Rng } from '@adjoint/core/functional'
import { type Collated, collate } from './collate.ts'
import { type BatchOf, expectSameLength, flattenRows, type ItemOf, type Rows, rowOf, rowsAt } from './rows.ts'
import { kFoldIndices, type Labels, splitIndices } from './splitIndices.ts'

/** Where the examples of a {@link Dataset} come from. */
export interface DataSource<Item, Batch> {
  /** Number of examples. */
  readonly length: number
  /** Example `index`, from 0 to length - 1. */
  readonly get: (index: number) => Item
  /** Some examples together. Default: {@link collate} of them. */
  readonly batch?: (indices: ArrayLike<number>) => Batch
}

/** Settings of {@link Dataset.split} and {@link Dataset.kFold}. */
export interface DatasetSplitOptions<Item> {
  /** A label for each example, or a function that finds it; every part gets its share of each label. */
  readonly stratify?: Labels | ((item: Item, index: number) => number | string | boolean)
}

/** The two sides of one fold of a data set. */
export interface Fold<Item, Batch> {
  readonly train: Dataset<Item, Batch>
  readonly validation: Dataset<Item, Batch>
}

/**
 * Examples, `length` of them. Nothing is copied by `subset`, `split`, `map` and the others: they remember what to ask for.
 *
 * @example
 * ```ts
 * import { Rng, tensor } from '@adjoint/core'
 * import { Dataset } from '@adjoint/data'
 * const data = Dataset.fromTensors({ x: tensor([[1, 2], [3, 4], [5, 6]]), y: tensor([0, 1, 0], { dtype: 'int32' }) })
 * data.length // => 3
 * data.get(1).x.toArray() // => [3, 4]
 * data.batch([2, 0]).x.toArray() // => [[5, 6], [1, 2]]
 * const [train, test] = data.split([0.67, 0.33], new Rng(0))
 * train.length // => 2
 * test.length // => 1
 * ```
 */
export class Dataset<Item, Batch = Collated<Item>> {
  /** Number of examples. */
  readonly length: number
  readonly source: DataSource<Item, Batch>

  /** From anything that has a length and gives examples by their position. */
  constructor(source: DataSource<Item, Batch>) {
    if (!Number.isInteger(source?.length) || source.length < 0 || typeof source.get !== 'function') {
      throw new ArgumentError('Dataset', 'takes { length, get(index) }, perhaps with batch(indices).')
    }
    this.length = source.length
    this.source = source
  }

  /**
   * Rows of tensors: the first axis of each counts the examples. A batch has the tensors of its rows, `[batch, ...]`.
   *
   * @throws ShapeError when the tensors have different numbers of rows.
   */
  static fromTensors<const T extends Rows>(rows: T): Dataset<ItemOf<T>, BatchOf<T>> {
    const { leaves, rebuild } = flattenRows('Dataset.fromTensors', rows)
    return new Dataset<ItemOf<T>, BatchOf<T>>({
      length: expectSameLength('Dataset.fromTensors', leaves),
      get: index => rebuild(leaves.map(leaf => rowOf(leaf, index))) as ItemOf<T>,
      batch: indices => rebuild(leaves.map(leaf => rowsAt(leaf, indices))) as BatchOf<T>,
    })
  }

  /** Items of any kind; a batch is what {@link collate} makes of them. */
  static fromArray<Item>(items: readonly Item[]): Dataset<Item> {
    if (!Array.isArray(items)) throw new ArgumentError('Dataset.fromArray', 'takes an array of items.')
    return new Dataset<Item>({ length: items.length, get: index => items[index]! })
  }

  /**
   * Example `index`.
   *
   * @throws ArgumentError when there is none.
   */
  get(index: number): Item {
    this.expectIndex('Dataset.get', index)
    return this.source.get(index)
  }

  /**
   * The examples at some positions, together.
   *
   * @throws ArgumentError when there is none at one of them.
   */
  batch(indices: ArrayLike<number>): Batch {
    for (let i = 0; i < indices.length; i++) this.expectIndex('Dataset.batch', indices[i]!)
    if (this.source.batch !== undefined) return this.source.batch(indices)
    return collate(Array.from(indices, index => this.source.get(index))) as Batch
  }

  /** All examples together. */
  all(): Batch {
    return this.batch(Array.from({ length: this.length }, (_, index) => index))
  }

  /** What a function makes of each example, each time that it is asked for. */
  map<Mapped>(f: (item: Item, index: number) => Mapped): Dataset<Mapped> {
    if (typeof f !== 'function') throw new ArgumentError('Dataset.map', 'takes a function of an example.')
    return new Dataset<Mapped>({ length: this.length, get: index => f(this.source.get(index), index) })
  }

  /** The examples for which a function says true; it is asked at once. */
  filter(f: (item: Item, index: number) => boolean): Dataset<Item, Batch> {
    if (typeof f !== 'function') throw new ArgumentError('Dataset.filter', 'takes a function of an example.')
    const kept: number[] = []
    for (let index = 0; index < this.length; index++) if (f(this.source.get(index), index)) kept.push(index)
    return this.subset(kept)
  }

  /**
   * The examples at some positions, in their order.
   *
   * @throws ArgumentError when there is none at one of them.
   */
  subset(indices: ArrayLike<number>): Dataset<Item, Batch> {
    const kept = Array.from(indices)
    for (const index of kept) this.expectIndex('Dataset.subset', index)
    return new Dataset<Item, Batch>({
      length: kept.length,
      get: index => this.source.get(kept[index]!),
      batch: chosen => this.batch(Array.from(chosen, index => kept[index]!)),
    })
  }

  /** These examples and then those of others. */
  concat(...others: readonly Dataset<Item, Batch>[]): Dataset<Item, Batch> {
    const parts = [this, ...others]
    const starts: number[] = []
    let length = 0
    for (const part of parts) {
      starts.push(length)
      length += part.length
    }
    const partOf = (index: number): number => starts.findLastIndex(start => start <= index)
    const get = (index: number): Item => {
      // An empty part starts where the next one does; the last of them has the example.
      const part = partOf(index)
      return parts[part]!.source.get(index - starts[part]!)
    }
    return new Dataset<Item, Batch>({
      length,
      get,
      batch: indices => {
        const chosen = Array.from(indices)
        const part = chosen.length === 0 ? 0 : partOf(chosen[0]!)
        const isWithin = chosen.every(index => partOf(index) === part)
        if (isWithin) return parts[part]!.batch(chosen.map(index => index - starts[part]!))
        return collate(chosen.map(get)) as Batch
      },
    })
  }

  /**
   * Random parts without overlap, by {@link splitIndices}.
   *
   * @throws ArgumentError when a fraction is not above 0, they are more than 1 together, or a part would be empty.
   */
  split<const Fractions extends readonly number[]>(
    fractions: Fractions,
    rng: Rng,
    options: DatasetSplitOptions<Item> = {},
  ): { -readonly [Part in keyof Fractions]: Dataset<Item, Batch> } {
    const parts = splitIndices(this.length, fractions, rng, this.labelled(options))
    return parts.map(part => this.subset(part)) as {
      -readonly [Part in keyof Fractions]: Dataset<Item, Batch>
    }
  }

  /**
   * Folds for cross-validation, by {@link kFoldIndices}.
   *
   * @throws ArgumentError unless k is a whole number from 2 to the number of examples.
   */
  kFold(k: number, rng: Rng, options: DatasetSplitOptions<Item> = {}): Fold<Item, Batch>[] {
    return kFoldIndices(this.length, k, rng, this.labelled(options)).map(({ train, validation }) => ({
      train: this.subset(train),
      validation: this.subset(validation),
    }))
  }

  private labelled(options: DatasetSplitOptions<Item>): { stratify?: Labels } {
    const { stratify, ...rest } = options
    if (stratify === undefined) return rest
    if (typeof stratify !== 'function') return { ...rest, stratify }
    const labels = Array.from({ length: this.length }, (_, index) => stratify(this.source.get(index), index))
    return { ...rest, stratify: labels }
  }

  private expectIndex(op: string, index: number): void {
    if (Number.isInteger(index) && index >= 0 && index < this.length) return
    throw new ArgumentError(
      op,
      `there is no example ${index}; they are numbered from 0 to ${this.length - 1}.`,
    )
  }
}
