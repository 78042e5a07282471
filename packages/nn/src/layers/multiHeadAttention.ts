import { expectOptions, formatShape } from '@adjoint/core/engine'
import {
  ArgumentError,
  type AttentionWithWeights,
  add,
  chunk,
  concat,
  expand,
  matmul,
  mean,
  type Parameter,
  permute,
  type Rng,
  reshape,
  ShapeError,
  scaledDotProductAttention,
  Tensor,
  transpose,
  zeros,
} from '@adjoint/core/functional'
import { zeros as zerosInitializer } from '../initializers/constant.ts'
import type { Initializer } from '../initializers/initializer.ts'
import { xavierNormal, xavierUniform } from '../initializers/xavier.ts'
import { attentionMask } from '../module/attentionMask.ts'
import { callLayer } from '../module/callLayer.ts'
import { expectRate, generatorOf } from '../module/draws.ts'
import { expectUntraced } from '../module/expectUntraced.ts'
import type { ForwardContext, ShapeRule } from '../module/module.ts'
import { type FloatingDType, newParameter, parameterDType } from '../module/newParameter.ts'
import { nameParameters } from '../module/parameters.ts'
import { expectTensor } from '../module/shown.ts'
import { expectSizes } from '../module/wholeNumber.ts'
import { Dense } from './dense.ts'
import { expectRotary, type RotaryOptions, rotaryEmbedding } from './rotaryEmbedding.ts'

/** Settings of {@link MultiHeadAttention}. */
export interface MultiHeadAttentionOptions {
  /** Features of what the keys are made of. Default: those of the queries. */
  readonly keyFeatures?: number
  /** Features of what the values are made of. Default: those of the queries. */
  readonly valueFeatures?: number
  /** Whether the projections have biases. Default true. */
  readonly bias?: boolean
  /** Whether every query also sees one learned key with a learned value, behind the others. Default false. */
  readonly addBiasKeyValue?: boolean
  /** Whether every query also sees a key and a value of zeros, so that it may look at nothing. Default false. */
  readonly addZeroAttention?: boolean
  /** Probability with which a weight is dropped in training. Default 0. */
  readonly dropout?: number
  /** Turns queries and keys of each head by their positions, see {@link rotaryEmbedding}. Default: no. */
  readonly rotary?: boolean | Omit<RotaryOptions, 'offset'>
  /** `[time, batch, features]` instead of `[batch, time, features]`, PyTorch's own default. Default false. */
  readonly timeFirst?: boolean
  /** Where the first weights are drawn from. Needed unless the initialisers draw no random numbers. */
  readonly rng?: Rng
  /**
   * First weights of all projections. Default: Xavier uniform for queries, keys and values, and uniform in ±1/√features for
   * the output, as PyTorch.
   */
  readonly weightInitializer?: Initializer
  /** First biases of all projections. Default: zeros, as PyTorch. */
  readonly biasInitializer?: Initializer
  /** Default: the default dtype, float32. */
  readonly dtype?: FloatingDType
}

/** What attention may be told. Masks say who takes part. */
export interface AttentionInput {
  /** Who asks, `[batch, n, features]` or `[n, features]`. */
  readonly query: Tensor
  /** Who is asked, `[batch, m, keyFeatures]`. Default: the query. */
  readonly key?: Tensor
  /** What is answered, `[batch, m, valueFeatures]`. Default: the key. */
  readonly value?: Tensor
  /**
   * Which keys a query may see; broadcasts against the scores `[batch, heads, n, m]`: bool, true = take part (in PyTorch's
   * modules true means the opposite), or numbers to add. One mask for all is `[n, m]`, one for each example
   * `[batch, 1, n, m]`.
   */
  readonly mask?: Tensor
  /** Which keys exist, `[batch, m]`: bool, true = take part (PyTorch's `key_padding_mask`: true = padding), or numbers to add. */
  readonly keyMask?: Tensor
  /** Whether a query sees only the keys up to its own position. Default false. */
  readonly isCausal?: boolean
  /** Whether the weights are returned as well. Default false; PyTorch's default is true. */
  readonly needWeights?: boolean
  /** Whether the weights are the mean over the heads, `[batch, n, m]`, or all of them, `[batch, heads, n, m]`. Default true. */
  readonly averageWeights?: boolean
  /** Keys and values of earlier steps, see {@link AttentionCache}. */
  readonly cache?: AttentionCache
}

const INPUTS: readonly (keyof AttentionInput)[] = [
  'query',
  'key',
  'value',
  'mask',
  'keyMask',
  'isCausal',
  'needWeights',
  'averageWeights',
  'cache',
]

/**
 * The keys and values of the elements that a model has read already, for writing a sequence step by step: a pass gets the new
 * elements only, and its queries see the earlier ones as well. One cache serves all attention layers of a model, for one
 * batch of sequences. With `isCausal` the result is that of one pass over all elements.
 *
 * Attention to another sequence (`key` is given) reads that sequence at the first step and keeps it.
 *
 * @example
 * ```ts
 * import { concat, ones, Rng } from '@adjoint/core'
 * import { AttentionCache, MultiHeadAttention } from '@adjoint/nn'
 * const attention = new MultiHeadAttention(4, 2, { rng: new Rng(0), dtype: 'float64' })
 * const x = new Rng(1).normal([1, 3, 4], { dtype: 'float64' })
 * const cache = new AttentionCache()
 * const steps = [0, 1, 2].map(t => attention.forward({ query: x.slice(null, [t, t + 1]), isCausal: true, cache }))
 * cache.length // => 3
 * const whole = attention.forward({ query: x, isCausal: true })
 * concat(steps, 1).sub(whole).abs().max().item() < 1e-15 // => true
 * ```
 */
export class AttentionCache {
  /** By layer; `[..., heads, time, size]`. */
  readonly entries: Map<object, { readonly key: Tensor; readonly value: Tensor }> = new Map()
  /** By layer, how many elements of its own sequence it has seen. */
  readonly lengths: Map<object, number> = new Map()

  /** How many elements have been read; during a pass, by the layer that is furthest. */
  get length(): number {
    return Math.max(0, ...this.lengths.values())
  }
}

/**
 * Attention with several heads: queries, keys and values are projected, cut into `heads` parts of `features / heads` each,
 * every part attends by itself, and what they give is put side by side and projected again.
 *
 *     head_h = attention(W_q,h x + b, W_k,h y + b, W_v,h z + b)      out = W_o [head_1, ..., head_H] + b_o
 *
 * `[batch, n, features] × [batch, m, keyFeatures] × [batch, m, valueFeatures] -> [batch, n, features]`, or all without a
 * batch. A tensor attends to itself; everything else is said in an {@link AttentionInput}. A query without any key to see
 * gets 0 from the heads, so the bias of the output.
 *
 * Weights lie as in PyTorch: `inputWeight` `[3 features, features]` has queries, keys and values one below the other; with other
 * key or value features there are `queryWeight`, `keyWeight` and `valueWeight` instead.
 * Source: A. Vaswani and others, "Attention Is All You Need", 2017.
 *
 * @example
 * ```ts
 * import { Rng, tensor, zeros } from '@adjoint/core'
 * import { MultiHeadAttention } from '@adjoint/nn'
 * const attention = new MultiHeadAttention(8, 2, { rng: new Rng(0) })
 * attention.forward(zeros([3, 5, 8])).shape // => [3, 5, 8]
 * const keyMask = tensor([[true, true, true, false]])
 * const input = { query: zeros([1, 2, 8]), key: zeros([1, 4, 8]), keyMask, needWeights: true } as const
 * attention.forward(input).weights.toArray()
 * // => [[[0.3333, 0.3333, 0.3333, 0], [0.3333, 0.3333, 0.3333, 0]]]
 * ```
 */
export class MultiHeadAttention<Features extends number = number> {
  readonly features: Features
  readonly heads: number
  readonly keyFeatures: number
  readonly valueFeatures: number
  readonly dropout: number
  readonly rotary: Omit<RotaryOptions, 'offset'> | null
  readonly addZeroAttention: boolean
  readonly timeFirst: boolean
  /** `[3 features, features]` of queries, keys and values, when all have as many features. */
  readonly inputWeight: Parameter | null
  /** `[features, features]` */
  readonly queryWeight: Parameter | null
  /** `[features, keyFeatures]` */
  readonly keyWeight: Parameter | null
  /** `[features, valueFeatures]` */
  readonly valueWeight: Parameter | null
  /** `[3 features]` */
  readonly inputBias: Parameter | null
  readonly outputProjection: Dense
  /** `[1, 1, features]` */
  readonly biasKey: Parameter | null
  /** `[1, 1, features]` */
  readonly biasValue: Parameter | null
  /** Never set: the types of {@link forward} in a chain. */
  declare readonly typedAs?: ShapeRule<'keepsLast', [Features]>

  /**
   * @param features of queries and of the output
   * @param heads number of parts, a divisor of `features`
   * @throws ArgumentError for sizes that are not whole numbers from 1 up or do not divide, a probability outside of [0, 1], a
   * missing `rng`, or an initialiser that returns another shape or dtype.
   */
  constructor(features: Features, heads: number, options: MultiHeadAttentionOptions = {}) {
    const op = 'MultiHeadAttention'
    expectOptions(op, options, [
      'keyFeatures',
      'valueFeatures',
      'bias',
      'addBiasKeyValue',
      'addZeroAttention',
      'dropout',
      'rotary',
      'timeFirst',
      'rng',
      'weightInitializer',
      'biasInitializer',
      'dtype',
    ])
    const { keyFeatures = features, valueFeatures = features, bias = true, rng } = options
    const { addBiasKeyValue = false, addZeroAttention = false, dropout = 0, timeFirst = false } = options
    const { weightInitializer, biasInitializer = zerosInitializer, rotary = false } = options
    const dtype = parameterDType(options.dtype)
    expectSizes(op, { features, heads, keyFeatures, valueFeatures })
    expectHeads(op, features, heads)
    expectRate(op, dropout)
    if (typeof rotary !== 'boolean') expectRotary(op, rotary)
    if (rotary !== false && (features / heads) % 2 !== 0) {
      throw new ArgumentError(
        op,
        `rotary turns pairs of features, and ${features} features in ${heads} heads make an odd number each.`,
      )
    }
    const make = (name: string, shape: readonly number[], initializer: Initializer): Parameter =>
      newParameter(op, name, shape, initializer, { rng, dtype })
    const isPacked = keyFeatures === features && valueFeatures === features
    const weight = (name: string, rows: number, columns: number): Parameter =>
      make(name, [rows, columns], weightInitializer ?? xavierUniform())
    const single = (name: string): Parameter => make(name, [1, 1, features], xavierNormal())

    this.features = features
    this.heads = heads
    this.keyFeatures = keyFeatures
    this.valueFeatures = valueFeatures
    this.dropout = dropout
    this.rotary = rotary === false ? null : rotary === true ? {} : rotary
    this.addZeroAttention = addZeroAttention
    this.timeFirst = timeFirst
    this.inputWeight = isPacked ? weight('inputWeight', 3 * features, features) : null
    this.queryWeight = isPacked ? null : weight('queryWeight', features, features)
    this.keyWeight = isPacked ? null : weight('keyWeight', features, keyFeatures)
    this.valueWeight = isPacked ? null : weight('valueWeight', features, valueFeatures)
    this.inputBias = bias ? make('inputBias', [3 * features], biasInitializer) : null
    this.outputProjection = new Dense(features, features, {
      bias,
      biasInitializer,
      dtype,
      ...(weightInitializer === undefined ? {} : { weightInitializer }),
      ...(rng === undefined ? {} : { rng }),
    })
    this.biasKey = addBiasKeyValue ? single('biasKey') : null
    this.biasValue = addBiasKeyValue ? single('biasValue') : null
    nameParameters(this)
  }

  /** PyTorch's names. */
  get pytorchNames(): Readonly<Record<string, string>> {
    return {
      inputWeight: 'in_proj_weight',
      queryWeight: 'q_proj_weight',
      keyWeight: 'k_proj_weight',
      valueWeight: 'v_proj_weight',
      inputBias: 'in_proj_bias',
      outputProjection: 'out_proj',
      biasKey: 'bias_k',
      biasValue: 'bias_v',
    }
  }

  /**
   * @param input a sequence that attends to itself, or queries, keys, values and masks by name
   * @returns the output, or `{ output, weights }` when `needWeights` is asked for
   * @throws ShapeError when sizes do not fit; ArgumentError for unknown names, or dropout in training without `context.rng`.
   */
  forward(
    input: AttentionInput & { readonly needWeights: true },
    context?: ForwardContext,
  ): AttentionWithWeights
  forward(
    input: Tensor | (AttentionInput & { readonly needWeights?: false }),
    context?: ForwardContext,
  ): Tensor
  forward(input: Tensor | AttentionInput, context?: ForwardContext): Tensor | AttentionWithWeights
  forward(given: Tensor | AttentionInput, context?: ForwardContext): Tensor | AttentionWithWeights {
    const op = String(this)
    expectNoTensor(op, context, '{ query, key, value }')
    const input = attentionInput(op, given)
    const { query, key = query, value = key, averageWeights = true, cache } = input
    expectSequences(this, query, key, value)
    const isSelf = key === query
    // How many elements came before: positions go on from there.
    const offset = isSelf ? (cache?.lengths.get(this) ?? 0) : 0
    const project = projectionOf(this, offset)
    const q = project(query, 0)
    const known = remembered(cache, this, isSelf, () => ({ key: project(key, 1), value: project(value, 2) }))
    const [n, m] = [q.shape.at(-2), known.key.shape.at(-2)] as [number, number]
    const [k, v] = [withExtras(this, known.key, this.biasKey), withExtras(this, known.value, this.biasValue)]
    const { output: parts, weights } = scaledDotProductAttention(q, k, v, {
      ...attentionMask(op, input, [n, m, (k.shape.at(-2) as number) - m], offset),
      ...dropoutOf(op, this.dropout, context),
      needWeights: true,
    })
    const output = callLayer(this.outputProjection, 'outputProjection', joinHeads(parts, this), context)
    if (input.needWeights !== true) return output
    return { output, weights: averageWeights ? (mean(weights, -3) as Tensor) : weights }
  }

  /** `MultiHeadAttention(64, 4 heads)` */
  toString(): string {
    return `MultiHeadAttention(${this.features}, ${this.heads} heads)`
  }
}

type Projection = (x: Tensor, part: 0 | 1 | 2) => Tensor

/** What projects queries, keys and values and cuts them into heads: `[batch, time, f] -> [batch, heads, time, size]`. */
function projectionOf(attention: MultiHeadAttention, offset: number): Projection {
  const { inputWeight, queryWeight, keyWeight, valueWeight, inputBias, rotary } = attention
  const weights =
    inputWeight === null ? [queryWeight, keyWeight, valueWeight] : chunk(inputWeight as Tensor, 3)
  const biases = inputBias === null ? [] : chunk(inputBias as Tensor, 3)
  return (x, part) => {
    const product = matmul(x, transpose(weights[part] as Tensor)) as Tensor
    const bias = biases[part]
    const parts = cutHeads(bias === undefined ? product : (add(product, bias) as Tensor), attention)
    return rotary === null || part === 2 ? parts : rotaryEmbedding(parts, { ...rotary, offset })
  }
}

/** `[batch, time, features]`, or with time first, as `[batch, heads, time, size]`: a view. */
function cutHeads(x: Tensor, { heads, features, timeFirst }: MultiHeadAttention): Tensor {
  const parts = reshape(x, [...x.shape.slice(0, -1), heads, features / heads]) as Tensor
  if (x.rank === 2) return permute(parts, [1, 0, 2])
  return permute(parts, timeFirst ? [1, 2, 0, 3] : [0, 2, 1, 3])
}

/** The reverse of {@link cutHeads}. */
function joinHeads(parts: Tensor, { features, timeFirst }: MultiHeadAttention): Tensor {
  const x: Tensor = permute(parts, parts.rank === 3 ? [1, 0, 2] : timeFirst ? [2, 0, 1, 3] : [0, 2, 1, 3])
  return reshape(x, [...x.shape.slice(0, -2), features])
}

/** One head each of keys or values. */
interface KeyValue {
  readonly key: Tensor
  readonly value: Tensor
}

/** All keys and values so far: those of the cache and the new ones, which it keeps. */
function remembered(
  cache: AttentionCache | undefined,
  attention: MultiHeadAttention,
  isSelf: boolean,
  project: () => KeyValue,
): KeyValue {
  if (cache === undefined) return project()
  expectUntraced(
    'MultiHeadAttention',
    'a cache grows with every pass, and a function that is traced has one shape.',
  )
  const kept = cache.entries.get(attention)
  if (!isSelf && kept !== undefined) return kept
  const fresh = project()
  const all =
    kept === undefined
      ? fresh
      : {
          key: concat([kept.key, fresh.key], -2) as Tensor,
          value: concat([kept.value, fresh.value], -2) as Tensor,
        }
  cache.entries.set(attention, all)
  if (isSelf) cache.lengths.set(attention, all.key.shape.at(-2) as number)
  return all
}

/** Keys or values `[..., heads, m, size]` with the learned one and the zeros behind them. */
function withExtras(attention: MultiHeadAttention, x: Tensor, learned: Parameter | null): Tensor {
  const shape = [...x.shape.slice(0, -2), 1, x.shape.at(-1) as number]
  const extras: Tensor[] = []
  if (learned !== null) extras.push(expand(reshape(learned as Tensor, shape.slice(-3)), shape))
  if (attention.addZeroAttention) extras.push(zeros(shape, { dtype: x.dtype as 'float32' }) as Tensor)
  return extras.length === 0 ? x : (concat([x, ...extras], -2) as Tensor)
}

/** The settings of dropout for one pass. */
function dropoutOf(
  op: string,
  rate: number,
  context: ForwardContext | undefined,
): { readonly dropoutRate?: number; readonly rng?: Rng } {
  const rng = generatorOf(op, rate, context)
  return rng === undefined ? {} : { dropoutRate: rate, rng }
}

/** PyTorch takes keys and masks by position; here a tensor in the place of the context would be ignored. */
export function expectNoTensor(op: string, context: unknown, names: string): void {
  if (!(context instanceof Tensor)) return
  throw new ArgumentError(op, `takes more than one tensor by name, ${names}; got a tensor as the context.`)
}

/** The input by name; a tensor attends to itself. */
function attentionInput(op: string, given: Tensor | AttentionInput): AttentionInput {
  const isNamed = typeof given === 'object' && given !== null && 'query' in given
  if (!isNamed) {
    expectTensor(op, 'input', given)
    return { query: given }
  }
  expectOptions(op, given, INPUTS)
  return given
}

function expectSequences(attention: MultiHeadAttention, query: Tensor, key: Tensor, value: Tensor): void {
  const { features, keyFeatures, valueFeatures, timeFirst } = attention
  const op = String(attention)
  for (const [name, x, size] of [
    ['query', query, features],
    ['key', key, keyFeatures],
    ['value', value, valueFeatures],
  ] as const) {
    expectTensor(op, name, x)
    if ((x.rank === 2 || x.rank === 3) && x.rank === query.rank && x.shape.at(-1) === size) continue
    const batch = timeFirst ? `[time, batch, ${size}]` : `[batch, time, ${size}]`
    throw new ShapeError(
      op,
      `takes a ${name} of shape ${batch} or [time, ${size}], all of one rank; got ${formatShape(x.shape)}.`,
      [x.shape],
    )
  }
  const [batchAxis, timeAxis] = query.rank === 2 ? [-1, 0] : timeFirst ? [1, 0] : [0, 1]
  const [batch, keys] = [query.shape[batchAxis], key.shape[timeAxis]]
  const areAlike = [key, value].every(x => x.shape[timeAxis] === keys && x.shape[batchAxis] === batch)
  if (areAlike) return
  const shapes = [query, key, value].map(x => x.shape)
  throw new ShapeError(
    op,
    `takes as many values as keys, and of query, key and value the same batch; got ${shapes.map(formatShape).join(', ')}.`,
    shapes,
  )
}

/** @throws ArgumentError unless the heads divide the features. */
function expectHeads(op: string, features: number, heads: number): void {
  if (features % heads === 0) return
  throw new ArgumentError(op, `${heads} heads do not divide ${features} features.`)
}
