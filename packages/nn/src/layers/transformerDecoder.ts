import { expectOptions } from '@adjoint/core/engine'
import type { Tensor } from '@adjoint/core/functional'
import { callLayer } from '../module/callLayer.ts'
import type { ForwardContext, Module } from '../module/module.ts'
import { nameParameters } from '../module/parameters.ts'
import type { LayerNorm } from './layerNorm.ts'
import {
  expectDecoderInput,
  type TransformerDecoderInput,
  type TransformerDecoderLayer,
} from './transformerDecoderLayer.ts'
import { expectStack, type TransformerStackOptions, withNorm } from './transformerEncoder.ts'

/**
 * Layers of a transformer that write a sequence while they look at another one, one after the other, all with the same memory
 * and masks. `[batch, time, features] × [batch, sourceTime, features] -> [batch, time, features]`.
 *
 * @example
 * ```ts
 * import { Rng, zeros } from '@adjoint/core'
 * import { TransformerDecoder, TransformerDecoderLayer } from '@adjoint/nn'
 * const rng = new Rng(0)
 * const decoder = new TransformerDecoder([1, 2].map(() => new TransformerDecoderLayer(8, 2, { feedForward: 16, rng })))
 * decoder.forward({ target: zeros([3, 5, 8]), memory: zeros([3, 7, 8]), isCausal: true }).shape // => [3, 5, 8]
 * ```
 */
export class TransformerDecoder {
  readonly layers: readonly TransformerDecoderLayer[]
  readonly norm: LayerNorm | Module<Tensor, Tensor> | null

  /** @throws ArgumentError for what is no list of layers. */
  constructor(layers: readonly TransformerDecoderLayer[], options: TransformerStackOptions = {}) {
    expectOptions('TransformerDecoder', options, ['norm'])
    this.layers = expectStack('TransformerDecoder', layers)
    this.norm = options.norm ?? null
    nameParameters(this)
  }

  /** @throws ShapeError when sizes do not fit; ArgumentError for unknown names, or dropout in training without `context.rng`. */
  forward(input: TransformerDecoderInput, context?: ForwardContext): Tensor {
    expectDecoderInput(String(this), input)
    const last = this.layers.reduce(
      (target, layer, i) => callLayer(layer, `layers.${i}`, { ...input, target }, context),
      input.target,
    )
    return withNorm(this.norm, last, context)
  }

  /** `TransformerDecoder(6 layers)` */
  toString(): string {
    return `TransformerDecoder(${this.layers.length} layers)`
  }
}
