import { expectOptions } from '@adjoint/core/engine'
import {
  ArgumentError,
  type BagMode,
  embeddingBag,
  type Parameter,
  renormalizeRows,
  stopGradient,
  straightThrough,
  Tensor,
} from '@adjoint/core/functional'
import { isRemembering, remember } from '../module/memory.ts'
import type { ForwardContext } from '../module/module.ts'
import type { FloatingDType } from '../module/newParameter.ts'
import { shown } from '../module/shown.ts'
import { expectSizes } from '../module/wholeNumber.ts'
import {
  type EmbeddingSettings,
  expectTable,
  expectTableSettings,
  newTable,
  type PretrainedSettings,
  TABLE_SETTINGS,
} from './embedding.ts'

/** What {@link EmbeddingBag} has besides the settings of an `Embedding`. */
export interface BagSettings {
  /** How the rows of a bag are joined. Default `'mean'`. */
  readonly mode?: BagMode
  /** Whether the last offset is where the last bag ends, and begins none. Default false. */
  readonly includeLastOffset?: boolean
}

/** Bags of different lengths, one after the other, or rows with a weight for each. */
export interface BagInput {
  /** int32, `[bags, k]`, or `[total]` with offsets. */
  readonly indices: Tensor
  /** Where each bag begins, int32. */
  readonly offsets?: Tensor | null
  /** A factor for each row, in the shape of the indices; for sums only. */
  readonly perSampleWeights?: Tensor | null
}

/**
 * The sum, the mean or the largest entries of the vectors of a bag of words: int32 indices `[bags, k] -> [bags, dimensions]`,
 * or `{ indices, offsets }` for bags of different lengths. What an `Embedding` and a reduction give, in one step. Rows of
 * `paddingIndex` are left out, and do not count for the mean; a bag without rows is 0. `maxNorm` as in {@link Embedding}.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { EmbeddingBag } from '@adjoint/nn'
 * const layer = EmbeddingBag.fromPretrained(tensor([[1, 2], [3, 4], [5, 6]]), { mode: 'sum' })
 * const indices = tensor([0, 2, 1], { dtype: 'int32' })
 * layer.forward({ indices, offsets: tensor([0, 2], { dtype: 'int32' }) }).toArray() // => [[6, 8], [3, 4]]
 * ```
 */
export class EmbeddingBag {
  readonly n: number
  readonly dimensions: number
  readonly mode: BagMode
  readonly includeLastOffset: boolean
  readonly paddingIndex: number | null
  readonly maxNorm: number | null
  readonly normType: number
  readonly scaleGradientByFrequency: boolean
  readonly weight: Parameter

  /**
   * @param n number of rows; indices are below it
   * @param dimensions length of the vectors
   * @throws ArgumentError for sizes that are not whole numbers from 1 up, an unknown mode or setting, a padding index out of
   * range, a norm that is not above 0, a missing `rng`, or an initialiser that returns another shape or dtype.
   */
  constructor(n: number, dimensions: number, settings: EmbeddingSettings & BagSettings = {}) {
    expectOptions('EmbeddingBag', settings, [
      ...TABLE_SETTINGS,
      'mode',
      'includeLastOffset',
      'rng',
      'weightInitializer',
      'dtype',
    ])
    expectSizes('EmbeddingBag', { n, dimensions })
    const { mode = 'mean', includeLastOffset = false } = settings
    if (mode !== 'sum' && mode !== 'mean' && mode !== 'max') {
      throw new ArgumentError('EmbeddingBag', `mode must be 'sum', 'mean' or 'max', got ${shown(mode)}.`)
    }
    const table = expectTableSettings('EmbeddingBag', n, settings)
    this.n = n
    this.dimensions = dimensions
    this.mode = mode
    this.includeLastOffset = includeLastOffset
    this.paddingIndex = table.paddingIndex
    this.maxNorm = table.maxNorm
    this.normType = table.normType
    this.scaleGradientByFrequency = table.scaleGradientByFrequency
    this.weight = newTable('EmbeddingBag', [n, dimensions], table.paddingIndex, settings)
  }

  /**
   * A table that exists already. It is not learned further unless `freeze` is false.
   *
   * @param weights `[n, dimensions]`, float32 or float64
   * @throws ArgumentError when it is no matrix, and for the settings as above.
   */
  static fromPretrained(weights: Tensor, settings: PretrainedSettings & BagSettings = {}): EmbeddingBag {
    expectOptions('EmbeddingBag.fromPretrained', settings, [
      ...TABLE_SETTINGS,
      'mode',
      'includeLastOffset',
      'freeze',
    ])
    const { freeze = true, ...others } = settings
    const [n, dimensions] = expectTable('EmbeddingBag.fromPretrained', weights)
    const dtype = weights.dtype as FloatingDType
    const layer = new EmbeddingBag(n, dimensions, { ...others, dtype, weightInitializer: () => weights })
    layer.weight.assign(weights)
    if (freeze) layer.weight.trainable = false
    return layer
  }

  /**
   * @throws ShapeError and DTypeError for indices, offsets or weights of samples of another form; ArgumentError for an index
   * out of range, offsets that are missing or not needed, weights of samples without a sum, and rows that would have to be
   * assigned inside of `vmap`.
   */
  forward(input: Tensor | BagInput, context?: ForwardContext): Tensor {
    const layer = String(this)
    const { indices, offsets, perSampleWeights } = expectBags(layer, input)
    const { mode, includeLastOffset, paddingIndex, scaleGradientByFrequency } = this
    return embeddingBag(tableFor(this, indices, context), indices, {
      mode,
      includeLastOffset,
      paddingIndex,
      scaleGradientByFrequency,
      offsets: offsets ?? null,
      perSampleWeights: perSampleWeights ?? null,
    })
  }

  /** `EmbeddingBag(1000, 64, mean)`, as summaries and messages show it. */
  toString(): string {
    return `EmbeddingBag(${this.n}, ${this.dimensions}, ${this.mode})`
  }
}

/** The table with the rows that are looked up no longer than they may be. */
function tableFor(layer: EmbeddingBag, indices: Tensor, context: ForwardContext | undefined): Tensor {
  const { weight, maxNorm, normType } = layer
  if (maxNorm === null) return weight
  const shortened = renormalizeRows(stopGradient(weight), indices, { maxNorm, normType })
  if (isRemembering(context)) remember(String(layer), weight, shortened, context)
  return straightThrough(weight as Tensor, shortened)
}

function expectBags(layer: string, input: unknown): BagInput {
  if (input instanceof Tensor) return { indices: input }
  if (typeof input === 'object' && input !== null && (input as BagInput).indices instanceof Tensor) {
    expectOptions(layer, input as BagInput, ['indices', 'offsets', 'perSampleWeights'])
    return input as BagInput
  }
  throw new ArgumentError(
    layer,
    `takes indices, or { indices, offsets, perSampleWeights }, got ${shown(input)}.`,
  )
}
