import { expectOptions } from '@adjoint/core/engine'
import {
  ArgumentError,
  add,
  dropoutMask,
  gelu,
  mul,
  type Rng,
  relu,
  type Shape,
  type Tensor,
} from '@adjoint/core/functional'
import type { Initializer } from '../initializers/initializer.ts'
import { callLayer } from '../module/callLayer.ts'
import { dtypeOfDraws, expectRate, generatorOf } from '../module/draws.ts'
import type { ForwardContext, Module, ShapeRule } from '../module/module.ts'
import type { FloatingDType } from '../module/newParameter.ts'
import { nameParameters } from '../module/parameters.ts'
import type { Entering } from '../module/shapes.ts'
import { expectTensor, shown } from '../module/shown.ts'
import { expectSizes } from '../module/wholeNumber.ts'
import { Dense } from './dense.ts'
import { LayerNorm } from './layerNorm.ts'
import {
  type AttentionCache,
  type AttentionInput,
  expectNoTensor,
  MultiHeadAttention,
  type MultiHeadAttentionOptions,
} from './multiHeadAttention.ts'

/** What stands between the two dense layers: a name, or a function of a tensor that keeps its shape. */
export type TransformerActivation = 'relu' | 'gelu' | ((x: Tensor) => Tensor)

/** Settings of the layers of a transformer. */
export interface TransformerLayerOptions {
  /** Units between the two dense layers. Default 2048. */
  readonly feedForward?: number
  /** Probability with which attention weights, hidden units and what is added are dropped in training. Default 0.1. */
  readonly dropout?: number
  /** Default `'relu'`. */
  readonly activation?: TransformerActivation
  /**
   * Whether what goes into each part is normalised, and not what comes out of its addition: PyTorch's `norm_first`. Easier to
   * train when there are many layers; the stack then ends with a norm of its own. Default false, as in the paper.
   */
  readonly preNorm?: boolean
  /** Added to the variance in the norms. Default 1e-5. */
  readonly epsilon?: number
  /** Turns queries and keys of the attention to itself by their positions, see `rotaryEmbedding`. Default: no. */
  readonly rotary?: MultiHeadAttentionOptions['rotary']
  /** `[time, batch, features]` instead of `[batch, time, features]`, PyTorch's own default. Default false. */
  readonly timeFirst?: boolean
  /** Where the first weights are drawn from. Needed unless the initialiser draws no random numbers. */
  readonly rng?: Rng
  /** First weights of attention and dense layers. Default: those of these layers, as PyTorch. */
  readonly weightInitializer?: Initializer
  /** Default: the default dtype, float32. */
  readonly dtype?: FloatingDType
}

/** A sequence, and who may see what. */
export interface TransformerEncoderInput {
  readonly input: Tensor
  /** Which elements each one may see, see `AttentionInput`: bool, true = take part, or numbers to add. */
  readonly mask?: Tensor
  /** Which elements exist, `[batch, time]`. */
  readonly keyMask?: Tensor
  /** Whether an element sees only itself and those before it. Default false. */
  readonly isCausal?: boolean
  /** What was read before, for writing step by step. */
  readonly cache?: AttentionCache
}

/**
 * A layer of a transformer that reads a sequence: attention of the sequence to itself, and two dense layers for each element,
 * each part added to what came in and normalised. `[batch, time, features] -> [batch, time, features]`, or without a batch.
 *
 *     x₁ = norm1(x + attention(x))      y = norm2(x₁ + W₂ f(W₁ x₁ + b₁) + b₂)
 *
 * or with `preNorm`
 *
 *     x₁ = x + attention(norm1(x))      y = x₁ + W₂ f(W₁ norm2(x₁) + b₁) + b₂
 *
 * With `isCausal` it is the layer of a decoder without an encoder, of which language models are made.
 * Source: A. Vaswani and others, "Attention Is All You Need", 2017; R. Xiong and others, "On Layer Normalization in the
 * Transformer Architecture", 2020, for `preNorm`.
 *
 * @example
 * ```ts
 * import { Rng, zeros } from '@adjoint/core'
 * import { TransformerEncoderLayer } from '@adjoint/nn'
 * const layer = new TransformerEncoderLayer(8, 2, { feedForward: 16, rng: new Rng(0) })
 * layer.forward(zeros([3, 5, 8])).shape // => [3, 5, 8]
 * layer.forward({ input: zeros([3, 5, 8]), isCausal: true }, { training: true, rng: new Rng(1) }).shape // => [3, 5, 8]
 * ```
 */
export class TransformerEncoderLayer<Features extends number = number> {
  readonly features: Features
  readonly heads: number
  readonly dropout: number
  readonly activation: TransformerActivation
  readonly preNorm: boolean
  readonly selfAttention: MultiHeadAttention
  readonly linear1: Dense
  readonly linear2: Dense
  readonly norm1: LayerNorm
  readonly norm2: LayerNorm
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'keepsLast', [Features]>

  /**
   * @param features size of the last axis
   * @param heads number of heads, a divisor of `features`
   * @throws ArgumentError for sizes that are not whole numbers from 1 up or do not divide, a probability outside of [0, 1], an
   * unknown activation, or a missing `rng`.
   */
  constructor(features: Features, heads: number, options: TransformerLayerOptions = {}) {
    const op = 'TransformerEncoderLayer'
    const { makeAttention, makeNorm, ...rest } = transformerParts(op, features, heads, options)
    this.features = features
    this.heads = heads
    this.dropout = rest.dropout
    this.activation = rest.activation
    this.preNorm = rest.preNorm
    this.selfAttention = makeAttention(true)
    this.linear1 = rest.linear1()
    this.linear2 = rest.linear2()
    this.norm1 = makeNorm()
    this.norm2 = makeNorm()
    nameParameters(this)
  }

  /** PyTorch's names. */
  get pytorchNames(): Readonly<Record<string, string>> {
    return { selfAttention: 'self_attn' }
  }

  /**
   * @param input a sequence, or a sequence and masks by name
   * @throws ShapeError when sizes do not fit; ArgumentError for unknown names, or dropout in training without `context.rng`.
   */
  forward(input: TransformerEncoderInput, context?: ForwardContext): Tensor
  forward<S extends Shape>(input: Entering<S, [Features]>, context?: ForwardContext): Tensor<S>
  forward(given: Tensor | TransformerEncoderInput, context?: ForwardContext): Tensor {
    expectNoTensor(String(this), context, '{ input, mask, keyMask }')
    const { input: x, ...masks } = encoderInput(String(this), given)
    const attend = (query: Tensor): Tensor =>
      callAttention(this.selfAttention, 'selfAttention', { query, ...masks }, context)
    const between = beside(this, x, 'norm1', attend, context)
    return beside(this, between, 'norm2', y => feedForward(this, y, context), context)
  }

  /** `TransformerEncoderLayer(512, 8 heads, feed forward 2048)` */
  toString(): string {
    return showTransformerLayer('TransformerEncoderLayer', this)
  }
}

/** Names of {@link TransformerLayerOptions}. */
export const TRANSFORMER_LAYER_OPTIONS: readonly (keyof TransformerLayerOptions)[] = [
  'feedForward',
  'dropout',
  'activation',
  'preNorm',
  'epsilon',
  'rotary',
  'timeFirst',
  'rng',
  'weightInitializer',
  'dtype',
]

/** The settings of a layer, checked, and what makes its parts; called in PyTorch's order, which draws the weights. */
export interface TransformerParts {
  readonly dropout: number
  readonly activation: TransformerActivation
  readonly preNorm: boolean
  readonly makeAttention: (isSelf: boolean) => MultiHeadAttention
  readonly linear1: () => Dense
  readonly linear2: () => Dense
  readonly makeNorm: () => LayerNorm
}

/** Checks the settings of a layer. */
export function transformerParts(
  op: string,
  features: number,
  heads: number,
  options: TransformerLayerOptions,
): TransformerParts {
  expectOptions(op, options, TRANSFORMER_LAYER_OPTIONS)
  const { feedForward: hidden = 2048, dropout = 0.1, activation = 'relu', preNorm = false } = options
  const { epsilon = 1e-5, rotary = false, timeFirst = false, rng, weightInitializer, dtype } = options
  expectSizes(op, { features, heads, feedForward: hidden })
  expectRate(op, dropout)
  if (activation !== 'relu' && activation !== 'gelu' && typeof activation !== 'function') {
    throw new ArgumentError(
      op,
      `activation must be 'relu', 'gelu' or a function of a tensor, got ${shown(activation)}.`,
    )
  }
  const shared = {
    ...(rng === undefined ? {} : { rng }),
    ...(weightInitializer === undefined ? {} : { weightInitializer }),
    ...(dtype === undefined ? {} : { dtype }),
  }
  return {
    dropout,
    activation,
    preNorm,
    makeAttention: isSelf =>
      new MultiHeadAttention(features, heads, {
        ...shared,
        dropout,
        timeFirst,
        ...(isSelf ? { rotary } : {}),
      }),
    linear1: () => new Dense(features, hidden, shared),
    linear2: () => new Dense(hidden, features, shared),
    makeNorm: () => new LayerNorm(features, { epsilon, ...(dtype === undefined ? {} : { dtype }) }),
  }
}

/** What the layers of a transformer have in common. */
interface TransformerLayer {
  readonly features: number
  readonly heads: number
  readonly dropout: number
  readonly activation: TransformerActivation
  readonly preNorm: boolean
  readonly linear1: Dense
  readonly linear2: Dense
}

/** A part of a layer added to what comes in, with its norm behind the addition, or with `preNorm` before the part. */
export function beside<Norm extends string>(
  layer: TransformerLayer & Readonly<Record<Norm, LayerNorm>>,
  x: Tensor,
  name: Norm,
  part: (x: Tensor) => Tensor,
  context: ForwardContext | undefined,
): Tensor {
  const norm = (y: Tensor): Tensor => callLayer(layer[name] as LayerNorm, name, y, context)
  const drop = (y: Tensor): Tensor => dropped(layer, y, context)
  return layer.preNorm ? add(x, drop(part(norm(x)))) : norm(add(x, drop(part(x))))
}

/** The two dense layers, with dropout between them. */
export function feedForward(layer: TransformerLayer, x: Tensor, context: ForwardContext | undefined): Tensor {
  const { activation } = layer
  const f = activation === 'relu' ? relu : activation === 'gelu' ? gelu : activation
  const hidden = f(callLayer(layer.linear1, 'linear1', x, context) as Tensor)
  return callLayer(layer.linear2, 'linear2', dropped(layer, hidden, context), context) as Tensor
}

function dropped(layer: TransformerLayer, x: Tensor, context: ForwardContext | undefined): Tensor {
  const rng = generatorOf(String(layer), layer.dropout, context)
  if (rng === undefined) return x
  return mul(x, dropoutMask(rng, x.shape as readonly number[], layer.dropout, dtypeOfDraws(x)) as Tensor)
}

/** Calls attention with an input by names. */
export function callAttention(
  attention: MultiHeadAttention,
  path: string,
  input: AttentionInput,
  context: ForwardContext | undefined,
): Tensor {
  return callLayer(attention as Module<AttentionInput, Tensor>, path, input, context)
}

/** `TransformerEncoderLayer(512, 8 heads, feed forward 2048)` */
export function showTransformerLayer(
  name: string,
  { features, heads, linear1, preNorm }: TransformerLayer,
): string {
  return `${name}(${features}, ${heads} heads, feed forward ${linear1.outputs}${preNorm ? ', norm first' : ''})`
}

/** The input of an encoder by names. */
export function encoderInput(op: string, given: Tensor | TransformerEncoderInput): TransformerEncoderInput {
  const isNamed = typeof given === 'object' && given !== null && 'input' in given
  const named: TransformerEncoderInput = isNamed ? given : { input: given as Tensor }
  if (isNamed) expectOptions(op, named, ['input', 'mask', 'keyMask', 'isCausal', 'cache'])
  expectTensor(op, 'input', named.input)
  return named
}
