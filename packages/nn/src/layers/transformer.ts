import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError, type Tensor } from '@adjoint/core/functional'
import { xavierUniform } from '../initializers/xavier.ts'
import { callLayer } from '../module/callLayer.ts'
import type { ForwardContext, Module } from '../module/module.ts'
import { nameParameters } from '../module/parameters.ts'
import { expectTensor, shown } from '../module/shown.ts'
import { expectSizes } from '../module/wholeNumber.ts'
import { LayerNorm } from './layerNorm.ts'
import type { AttentionCache } from './multiHeadAttention.ts'
import { TransformerDecoder } from './transformerDecoder.ts'
import { TransformerDecoderLayer } from './transformerDecoderLayer.ts'
import { TransformerEncoder } from './transformerEncoder.ts'
import {
  TRANSFORMER_LAYER_OPTIONS,
  type TransformerEncoderInput,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from './transformerEncoderLayer.ts'

/** Settings of {@link Transformer}. */
export interface TransformerOptions extends TransformerLayerOptions {
  /** Default 512. */
  readonly features?: number
  /** Default 8. */
  readonly heads?: number
  /** Default 6. */
  readonly encoderLayers?: number
  /** Default 6. */
  readonly decoderLayers?: number
}

/** The sequence that is read, the one that is written, and who may see what. Masks say who takes part. */
export interface TransformerInput {
  /** What is read, `[batch, sourceTime, features]`. */
  readonly source: Tensor
  /** What is written, `[batch, time, features]`. */
  readonly target: Tensor
  /** Which elements of the source each of them may see. */
  readonly sourceMask?: Tensor
  /** Which elements of the target each of them may see. */
  readonly targetMask?: Tensor
  /** Which elements of the memory each element of the target may see. */
  readonly memoryMask?: Tensor
  /** Which elements of the source exist, `[batch, sourceTime]`. */
  readonly sourceKeyMask?: Tensor
  /** Which elements of the target exist, `[batch, time]`. */
  readonly targetKeyMask?: Tensor
  /** Which elements of the memory exist, `[batch, sourceTime]`. Default: `sourceKeyMask`; PyTorch's default is all. */
  readonly memoryKeyMask?: Tensor
  /** Whether an element of the target sees only itself and those before it. Default false, as PyTorch. */
  readonly isCausal?: boolean
}

/** What {@link Transformer.decode} takes: the memory in the place of the source. */
export interface TransformerStep extends Omit<TransformerInput, 'source' | 'sourceMask' | 'sourceKeyMask'> {
  /** What `encode` gave. */
  readonly memory: Tensor
  /** What was written before, for writing step by step. */
  readonly cache?: AttentionCache
}

/**
 * A transformer that reads one sequence and writes another: an encoder, whose result the decoder looks at.
 * `[batch, sourceTime, features] × [batch, time, features] -> [batch, time, features]`. Both end with a norm. Embeddings,
 * positions and the last dense layer are not part of it.
 *
 * The first weights of all matrices are Xavier uniform, as in PyTorch's `nn.Transformer`.
 * Source: A. Vaswani and others, "Attention Is All You Need", 2017.
 *
 * @example
 * ```ts
 * import { Rng, zeros } from '@adjoint/core'
 * import { Transformer } from '@adjoint/nn'
 * const settings = { features: 8, heads: 2, encoderLayers: 1, decoderLayers: 1, feedForward: 16 }
 * const model = new Transformer({ ...settings, rng: new Rng(0) })
 * model.forward({ source: zeros([3, 7, 8]), target: zeros([3, 5, 8]), isCausal: true }).shape // => [3, 5, 8]
 * ```
 */
export class Transformer {
  readonly encoder: TransformerEncoder
  readonly decoder: TransformerDecoder

  /**
   * @throws ArgumentError for sizes that are not whole numbers from 1 up or do not divide, a probability outside of [0, 1], an
   * unknown activation, or a missing `rng`.
   */
  constructor(options: TransformerOptions = {}) {
    const op = 'Transformer'
    expectOptions(op, options, [
      'features',
      'heads',
      'encoderLayers',
      'decoderLayers',
      ...TRANSFORMER_LAYER_OPTIONS,
    ])
    const { features = 512, heads = 8, encoderLayers = 6, decoderLayers = 6, ...given } = options
    expectSizes(op, { features, heads, encoderLayers, decoderLayers })
    const settings = { weightInitializer: xavierUniform(), ...given }
    const times = <Layer>(count: number, make: () => Layer): Layer[] => Array.from({ length: count }, make)
    const norm = (): LayerNorm =>
      new LayerNorm(features, {
        ...(given.epsilon === undefined ? {} : { epsilon: given.epsilon }),
        ...(given.dtype === undefined ? {} : { dtype: given.dtype }),
      })
    this.encoder = new TransformerEncoder(
      times(encoderLayers, () => new TransformerEncoderLayer(features, heads, settings)),
      { norm: norm() },
    )
    this.decoder = new TransformerDecoder(
      times(decoderLayers, () => new TransformerDecoderLayer(features, heads, settings)),
      { norm: norm() },
    )
    nameParameters(this)
  }

  /** @throws ShapeError when sizes do not fit; ArgumentError for unknown names, or dropout in training without `context.rng`. */
  forward(input: TransformerInput, context?: ForwardContext): Tensor {
    const op = 'Transformer'
    if (typeof input !== 'object' || input === null || !('source' in input)) {
      throw new ArgumentError(op, `takes { source, target }, got ${shown(input)}.`)
    }
    const { source, sourceMask, sourceKeyMask, ...rest } = input
    expectTensor(op, 'source', source)
    expectTensor(op, 'target', rest.target)
    const memory = this.encode(
      {
        input: source,
        ...(sourceMask === undefined ? {} : { mask: sourceMask }),
        ...(sourceKeyMask === undefined ? {} : { keyMask: sourceKeyMask }),
      },
      context,
    )
    return this.decode(
      { memory, ...(sourceKeyMask === undefined ? {} : { memoryKeyMask: sourceKeyMask }), ...rest },
      context,
    )
  }

  /** The first half of a pass: what the encoder makes of a source, the memory of the decoder. */
  encode(input: Tensor | TransformerEncoderInput, context?: ForwardContext): Tensor {
    const encoder = this.encoder as Module<Tensor | TransformerEncoderInput, Tensor>
    return callLayer(encoder, 'encoder', input, context)
  }

  /**
   * The second half: for writing step by step the memory is made once. With a cache the target is what is new.
   *
   * @example
   * ```ts
   * import { Rng, type Tensor, zeros } from '@adjoint/core'
   * import { AttentionCache, Transformer } from '@adjoint/nn'
   * const settings = { features: 8, heads: 2, encoderLayers: 1, decoderLayers: 1, feedForward: 16 }
   * const model = new Transformer({ ...settings, rng: new Rng(0) })
   * const memory = model.encode(zeros([1, 7, 8]))
   * const cache = new AttentionCache()
   * let next: Tensor = zeros([1, 1, 8])
   * for (let step = 0; step < 3; step++) next = model.decode({ memory, target: next, isCausal: true, cache })
   * cache.length // => 3
   * ```
   */
  decode(input: TransformerStep, context?: ForwardContext): Tensor {
    return callLayer(this.decoder, 'decoder', input, context)
  }

  /** `Transformer(6 + 6 layers)` */
  toString(): string {
    return `Transformer(${this.encoder.layers.length} + ${this.decoder.layers.length} layers)`
  }
}
