import { expectOptions } from '@adjoint/core/engine'
import {
  ArgumentError,
  add,
  arange,
  div,
  embedding,
  equal,
  greater,
  mul,
  norm,
  Parameter,
  type Rng,
  renormalizeRows,
  type Shape,
  stopGradient,
  straightThrough,
  type Tensor,
  unsqueeze,
  where,
} from '@adjoint/core/functional'
import type { Initializer } from '../initializers/initializer.ts'
import { normal } from '../initializers/normal.ts'
import { isRemembering, remember } from '../module/memory.ts'
import type { ForwardContext, ShapeRule } from '../module/module.ts'
import { type FloatingDType, newParameter, parameterDType } from '../module/newParameter.ts'
import type { LookedUp } from '../module/shapes.ts'
import { expectTensor } from '../module/shown.ts'
import { expectSizes } from '../module/wholeNumber.ts'

/** What {@link Embedding} and `EmbeddingBag` do with their table. */
export interface TableSettings {
  /** A row that gets no gradient, for what fills up short sequences; a negative one counts from the end. It starts at 0. */
  readonly paddingIndex?: number | null
  /** Rows that are looked up are scaled down to this norm where they are longer. Default: none. */
  readonly maxNorm?: number | null
  /** The p of that norm. Default 2. */
  readonly normType?: number
  /** Divides the gradient of a row by how often it is looked up in the batch. Default false. */
  readonly scaleGradientByFrequency?: boolean
}

/** Settings of {@link Embedding}. */
export interface EmbeddingSettings extends TableSettings {
  /** Where the first weights are drawn from. Needed unless the initialiser draws no random numbers. */
  readonly rng?: Rng
  /** First weights, `[n, dimensions]`. Default: normal with mean 0 and standard deviation 1, as in PyTorch. */
  readonly weightInitializer?: Initializer
  /** Default: the default dtype, float32. */
  readonly dtype?: FloatingDType
}

/** Settings of {@link Embedding.fromPretrained}. */
export interface PretrainedSettings extends TableSettings {
  /** Whether the table stays as it is. Default true. */
  readonly freeze?: boolean
}

/** Names of {@link TableSettings}. */
export const TABLE_SETTINGS: readonly (keyof TableSettings)[] = [
  'paddingIndex',
  'maxNorm',
  'normType',
  'scaleGradientByFrequency',
]

/**
 * A table of vectors, one for each of `n` words, tokens or categories: int32 indices `[...i] -> [...i, dimensions]`. The
 * gradient of a row is the sum over all places that looked it up, always in the same order. `weight` is `[n, dimensions]`.
 *
 * **maxNorm.** The vectors that come out are at most that long, in training and afterwards. A training pass stores the
 * shortened rows too, through `context.assign` or by assigning `weight`, as PyTorch does; any other pass changes nothing. The
 * gradient is that of the stored row: shortening is no part of the function that is differentiated.
 *
 * @example
 * ```ts
 * import { Rng, tensor } from '@adjoint/core'
 * import { Embedding } from '@adjoint/nn'
 * const layer = new Embedding(10, 3, { rng: new Rng(0), paddingIndex: 0 })
 * const tokens = tensor([[4, 7, 0], [1, 0, 0]], { dtype: 'int32' })
 * layer.forward(tokens).shape // => [2, 3, 3]
 * layer.forward(tokens).slice(0, 2).toArray() // => [0, 0, 0]
 * ```
 */
export class Embedding<N extends number = number, Dimensions extends number = number> {
  readonly n: N
  readonly dimensions: Dimensions
  readonly paddingIndex: number | null
  readonly maxNorm: number | null
  readonly normType: number
  readonly scaleGradientByFrequency: boolean
  readonly weight: Parameter
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'appends', Dimensions>

  /**
   * @param n number of rows; indices are below it
   * @param dimensions length of the vectors
   * @throws ArgumentError for sizes that are not whole numbers from 1 up, a padding index out of range, a norm that is not
   * above 0, a missing `rng`, an unknown setting, or an initialiser that returns another shape or dtype.
   */
  constructor(n: N, dimensions: Dimensions, settings: EmbeddingSettings = {}) {
    expectOptions('Embedding', settings, [...TABLE_SETTINGS, 'rng', 'weightInitializer', 'dtype'])
    expectSizes('Embedding', { n, dimensions })
    const table = expectTableSettings('Embedding', n, settings)
    this.n = n
    this.dimensions = dimensions
    this.paddingIndex = table.paddingIndex
    this.maxNorm = table.maxNorm
    this.normType = table.normType
    this.scaleGradientByFrequency = table.scaleGradientByFrequency
    this.weight = newTable('Embedding', [n, dimensions], table.paddingIndex, settings)
  }

  /**
   * A table that exists already. It is not learned further unless `freeze` is false.
   *
   * @param weights `[n, dimensions]`, float32 or float64
   * @throws ArgumentError when it is no matrix, and for the settings as above.
   */
  static fromPretrained(weights: Tensor, settings: PretrainedSettings = {}): Embedding {
    expectOptions('Embedding.fromPretrained', settings, [...TABLE_SETTINGS, 'freeze'])
    const { freeze = true, ...table } = settings
    const [n, dimensions] = expectTable('Embedding.fromPretrained', weights)
    const dtype = weights.dtype as FloatingDType
    // The padding row is as it is given, too.
    const layer = new Embedding(n, dimensions, { ...table, dtype, weightInitializer: () => weights })
    layer.weight.assign(weights)
    if (freeze) layer.weight.trainable = false
    return layer
  }

  /**
   * @throws DTypeError when the indices are not int32; ArgumentError for an index out of range, when the input is no tensor,
   * and for rows that would have to be assigned inside of `vmap`.
   */
  forward<S extends Shape>(input: Tensor<S>, context?: ForwardContext): Tensor<LookedUp<S, Dimensions>>
  forward(input: Tensor, context?: ForwardContext): Tensor {
    const layer = String(this)
    expectTensor(layer, 'input', input)
    const { weight, maxNorm, normType: order, paddingIndex, scaleGradientByFrequency } = this
    if (maxNorm !== null && isRemembering(context)) {
      const shortened = renormalizeRows(stopGradient(weight), input, { maxNorm, normType: order })
      remember(layer, weight, shortened, context)
    }
    const rows = embedding(weight, input, { paddingIndex, scaleGradientByFrequency })
    if (maxNorm === null) return rows
    const length = norm(rows, -1, { order, keepDims: true })
    const factor = where(greater(length, maxNorm), div(maxNorm, add(length, 1e-7)), 1)
    return straightThrough(rows, mul(rows, factor))
  }

  /** `Embedding(1000, 64)`, as summaries and messages show it. */
  toString(): string {
    return `Embedding(${this.n}, ${this.dimensions})`
  }
}

/** The settings of a table, checked, with their defaults. */
export function expectTableSettings(
  layer: string,
  n: number,
  { paddingIndex = null, maxNorm = null, normType = 2, scaleGradientByFrequency = false }: TableSettings,
): Required<TableSettings> & {
  readonly paddingIndex: number | null
  readonly maxNorm: number | null
} {
  if (paddingIndex !== null && !(Number.isInteger(paddingIndex) && paddingIndex >= -n && paddingIndex < n)) {
    throw new ArgumentError(layer, `paddingIndex must be a row of the ${n}, got ${String(paddingIndex)}.`)
  }
  if (maxNorm !== null && !(typeof maxNorm === 'number' && maxNorm > 0)) {
    throw new ArgumentError(layer, `maxNorm must be a number above 0, got ${String(maxNorm)}.`)
  }
  if (!(typeof normType === 'number' && normType > 0)) {
    throw new ArgumentError(layer, `normType must be a number above 0, got ${String(normType)}.`)
  }
  const row = paddingIndex !== null && paddingIndex < 0 ? paddingIndex + n : paddingIndex
  return { paddingIndex: row, maxNorm, normType, scaleGradientByFrequency }
}

/** A new table whose padding row is 0. */
export function newTable(
  layer: string,
  shape: readonly [number, number],
  paddingIndex: number | null,
  { rng, weightInitializer = normal({ std: 1 }), dtype }: EmbeddingSettings,
): Parameter {
  const drawn = newParameter(layer, 'weight', shape, weightInitializer, { rng, dtype: parameterDType(dtype) })
  if (paddingIndex === null) return drawn
  const isPadding = unsqueeze(equal(arange(0, shape[0], 1, { dtype: 'int32' }), paddingIndex), 1) as Tensor
  return new Parameter(stopGradient(where(isPadding, 0, drawn as Tensor)) as Tensor, 'weight')
}

/** Sizes of a table that is given. */
export function expectTable(op: string, weights: Tensor): readonly [number, number] {
  expectTensor(op, 'table', weights)
  if (weights.rank === 2) return weights.shape as unknown as readonly [number, number]
  throw new ArgumentError(op, `takes a table [n, dimensions], got [${weights.shape.join(', ')}].`)
}
