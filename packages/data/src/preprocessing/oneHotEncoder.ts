/** Categories as numbers of classes and as one-hot rows. */
import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError, Tensor, tensor } from '@adjoint/core/functional'
import { shownName } from '../files/formatError.ts'

/** A category: of an island, a species, a year. */
export type Category = string | number | boolean

/** Settings of {@link OneHotEncoder}. */
export interface OneHotEncoderOptions {
  /** What becomes of a category that is not known: an error, or a row of zeros. Default `'refuse'`. */
  readonly unknown?: 'refuse' | 'zeros'
}

/**
 * Gives each category the number of its place in a list, and a row of zeros with 1 at that place. Numbers of classes that
 * are in a tensor already need only `oneHot` of `@adjoint/core`.
 *
 * @example
 * ```ts
 * import { OneHotEncoder } from '@adjoint/data'
 * const islands = OneHotEncoder.fit(['Dream', 'Biscoe', 'Dream'])
 * islands.categories // => ['Biscoe', 'Dream']
 * islands.transform(['Dream', 'Biscoe']).toArray() // => [[0, 1], [1, 0]]
 * islands.indices(['Dream', 'Biscoe']).toArray() // => [1, 0]
 * islands.inverse(islands.transform(['Dream'])) // => ['Dream']
 * ```
 */
export class OneHotEncoder<Kind extends Category = Category> {
  /** The categories in the order of their numbers. */
  readonly categories: readonly Kind[]
  readonly unknown: 'refuse' | 'zeros'
  private readonly places: ReadonlyMap<Category, number>

  /** @throws ArgumentError for no categories, or one that is there twice. */
  constructor(categories: readonly Kind[], options: OneHotEncoderOptions = {}) {
    expectOptions('OneHotEncoder', options, ['unknown'])
    if (!Array.isArray(categories) || categories.length === 0) {
      throw new ArgumentError('OneHotEncoder', 'takes a list of at least one category.')
    }
    this.categories = [...categories]
    this.unknown = options.unknown ?? 'refuse'
    this.places = new Map(this.categories.map((category, at) => [category, at]))
    if (this.places.size !== categories.length)
      throw new ArgumentError('OneHotEncoder', 'a category is there twice.')
  }

  /** The categories of some values, in the order of numbers or of texts. */
  static fit<Kind extends Category>(
    values: Iterable<Kind>,
    options: OneHotEncoderOptions = {},
  ): OneHotEncoder<Kind> {
    const categories = [...new Set(values)].sort((a, b) => (a < b ? -1 : 1))
    return new OneHotEncoder(categories, options)
  }

  /**
   * The number of each value's category: int32 `[values]`; -1 for one that is not known, unless it is refused.
   *
   * @throws ArgumentError for an unknown category.
   */
  indices(values: readonly Category[]): Tensor<[number]> {
    const places = values.map(value => {
      const place = this.places.get(value)
      if (place !== undefined) return place
      if (this.unknown === 'zeros') return -1
      const known = this.categories.map(category => shownName(category)).join(', ')
      throw new ArgumentError(
        'OneHotEncoder',
        `${shownName(value)} is no known category; known are ${known.slice(0, 400)}.`,
      )
    })
    return tensor(places, { shape: [places.length], dtype: 'int32' })
  }

  /**
   * A row for each value: `[values, categories]`, float32.
   *
   * @throws ArgumentError for an unknown category, unless `unknown` is `'zeros'`.
   */
  transform(values: readonly Category[]): Tensor<[number, number]> {
    const count = this.categories.length
    const kept = new Float32Array(values.length * count)
    for (const [row, place] of this.indices(values).data().entries())
      if (place !== -1) kept[row * count + place] = 1
    return tensor(kept, { shape: [values.length, count] })
  }

  /**
   * The category of the largest number of each row `[values, categories]`: also of probabilities.
   *
   * @throws ArgumentError when the rows have another number of categories.
   */
  inverse(rows: Tensor): Kind[] {
    if (!(rows instanceof Tensor) || rows.rank !== 2 || rows.shape[1] !== this.categories.length) {
      throw new ArgumentError('OneHotEncoder.inverse', `takes a tensor [values, ${this.categories.length}].`)
    }
    const count = this.categories.length
    const data = rows.data()
    return Array.from({ length: rows.shape[0]! }, (_, row) => {
      const values = data.subarray(row * count, (row + 1) * count)
      return this.categories[largest(values)]!
    })
  }
}

function largest(values: ArrayLike<number>): number {
  let place = 0
  for (let at = 1; at < values.length; at++) if (values[at]! > values[place]!) place = at
  return place
}
