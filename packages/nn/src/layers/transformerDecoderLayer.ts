import { expectOptions } from '@adjoint/core/engine'
import type { Tensor } from '@adjoint/core/functional'
import type { ForwardContext } from '../module/module.ts'
import { nameParameters } from '../module/parameters.ts'
import { expectTensor } from '../module/shown.ts'
import type { Dense } from './dense.ts'
import type { LayerNorm } from './layerNorm.ts'
import type { AttentionCache, MultiHeadAttention } from './multiHeadAttention.ts'
import {
  beside,
  callAttention,
  feedForward,
  showTransformerLayer,
  type TransformerActivation,
  type TransformerLayerOptions,
  transformerParts,
} from './transformerEncoderLayer.ts'

/** The sequence that is written, the one that was read, and who may see what. Masks say who takes part. */
export interface TransformerDecoderInput {
  /** What is written, `[batch, time, features]`. */
  readonly target: Tensor
  /** What the encoder made of the sequence that was read, `[batch, sourceTime, features]`. */
  readonly memory: Tensor
  /** Which elements of the target each of them may see, see `AttentionInput`. */
  readonly targetMask?: Tensor
  /** Which elements of the memory each element of the target may see. */
  readonly memoryMask?: Tensor
  /** Which elements of the target exist, `[batch, time]`. */
  readonly targetKeyMask?: Tensor
  /** Which elements of the memory exist, `[batch, sourceTime]`. */
  readonly memoryKeyMask?: Tensor
  /** Whether an element of the target sees only itself and those before it. Default false, as PyTorch. */
  readonly isCausal?: boolean
  /** What was written before, for writing step by step. */
  readonly cache?: AttentionCache
}

/** Names of {@link TransformerDecoderInput}. */
export const DECODER_INPUTS: readonly (keyof TransformerDecoderInput)[] = [
  'target',
  'memory',
  'targetMask',
  'memoryMask',
  'targetKeyMask',
  'memoryKeyMask',
  'isCausal',
  'cache',
]

/**
 * A layer of a transformer that writes a sequence while it looks at another one: attention of the target to itself, attention
 * to the memory, and two dense layers for each element, each part added to what came in and normalised.
 * `[batch, time, features] × [batch, sourceTime, features] -> [batch, time, features]`, or without a batch.
 *
 *     x₁ = norm1(x + attention(x))      x₂ = norm2(x₁ + attention(x₁, memory))      y = norm3(x₂ + feedForward(x₂))
 *
 * or with `preNorm` each norm before its part, as in `TransformerEncoderLayer`.
 * Source: A. Vaswani and others, "Attention Is All You Need", 2017.
 *
 * @example
 * ```ts
 * import { Rng, zeros } from '@adjoint/core'
 * import { TransformerDecoderLayer } from '@adjoint/nn'
 * const layer = new TransformerDecoderLayer(8, 2, { feedForward: 16, rng: new Rng(0) })
 * layer.forward({ target: zeros([3, 5, 8]), memory: zeros([3, 7, 8]), isCausal: true }).shape // => [3, 5, 8]
 * ```
 */
export class TransformerDecoderLayer {
  readonly features: number
  readonly heads: number
  readonly dropout: number
  readonly activation: TransformerActivation
  readonly preNorm: boolean
  readonly selfAttention: MultiHeadAttention
  readonly crossAttention: MultiHeadAttention
  readonly linear1: Dense
  readonly linear2: Dense
  readonly norm1: LayerNorm
  readonly norm2: LayerNorm
  readonly norm3: LayerNorm

  /**
   * @param features size of the last axis
   * @param heads number of heads, a divisor of `features`
   * @throws ArgumentError for sizes that are not whole numbers from 1 up or do not divide, a probability outside of [0, 1], an
   * unknown activation, or a missing `rng`.
   */
  constructor(features: number, heads: number, options: TransformerLayerOptions = {}) {
    const op = 'TransformerDecoderLayer'
    const { makeAttention, makeNorm, ...rest } = transformerParts(op, features, heads, options)
    this.features = features
    this.heads = heads
    this.dropout = rest.dropout
    this.activation = rest.activation
    this.preNorm = rest.preNorm
    this.selfAttention = makeAttention(true)
    this.crossAttention = makeAttention(false)
    this.linear1 = rest.linear1()
    this.linear2 = rest.linear2()
    this.norm1 = makeNorm()
    this.norm2 = makeNorm()
    this.norm3 = makeNorm()
    nameParameters(this)
  }

  /** PyTorch's names. */
  get pytorchNames(): Readonly<Record<string, string>> {
    return { selfAttention: 'self_attn', crossAttention: 'multihead_attn' }
  }

  /** @throws ShapeError when sizes do not fit; ArgumentError for unknown names, or dropout in training without `context.rng`. */
  forward(input: TransformerDecoderInput, context?: ForwardContext): Tensor {
    const op = String(this)
    expectDecoderInput(op, input)
    const { target, memory, isCausal = false, cache } = input
    const shared = cache === undefined ? {} : { cache }
    const own = { ...masks(input.targetMask, input.targetKeyMask), ...shared, isCausal }
    const other = { ...masks(input.memoryMask, input.memoryKeyMask), ...shared, key: memory }
    const read = (query: Tensor): Tensor =>
      callAttention(this.selfAttention, 'selfAttention', { query, ...own }, context)
    const look = (query: Tensor): Tensor =>
      callAttention(this.crossAttention, 'crossAttention', { query, ...other }, context)
    const x = beside(this, target, 'norm1', read, context)
    const y = beside(this, x, 'norm2', look, context)
    return beside(this, y, 'norm3', z => feedForward(this, z, context), context)
  }

  /** `TransformerDecoderLayer(512, 8 heads, feed forward 2048)` */
  toString(): string {
    return showTransformerLayer('TransformerDecoderLayer', this)
  }
}

/** @throws ArgumentError unless target and memory are tensors, and all names are known. */
export function expectDecoderInput(op: string, input: TransformerDecoderInput): void {
  expectOptions(op, input, DECODER_INPUTS)
  expectTensor(op, 'target', input.target)
  expectTensor(op, 'memory', input.memory)
}

function masks(
  mask: Tensor | undefined,
  keyMask: Tensor | undefined,
): { readonly mask?: Tensor; readonly keyMask?: Tensor } {
  return { ...(mask === undefined ? {} : { mask }), ...(keyMask === undefined ? {} : { keyMask }) }
}
