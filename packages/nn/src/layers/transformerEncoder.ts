import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError, type Shape, type Tensor } from '@adjoint/core/functional'
import { callLayer } from '../module/callLayer.ts'
import type { ForwardContext, Module } from '../module/module.ts'
import { nameParameters } from '../module/parameters.ts'
import { shown } from '../module/shown.ts'
import type { LayerNorm } from './layerNorm.ts'
import { expectNoTensor } from './multiHeadAttention.ts'
import {
  encoderInput,
  type TransformerEncoderInput,
  type TransformerEncoderLayer,
} from './transformerEncoderLayer.ts'

/** Settings of a stack of transformer layers. */
export interface TransformerStackOptions {
  /** What the last layer gives goes through: needed with `preNorm`, whose sums nobody normalises. Default: none. */
  readonly norm?: LayerNorm | Module<Tensor, Tensor>
}

/**
 * Layers of a transformer that read a sequence, one after the other, all with the same masks.
 * `[batch, time, features] -> [batch, time, features]`.
 *
 * The layers are given, so each has weights of its own. (PyTorch copies one layer, and all begin with the same numbers.)
 *
 * @example
 * ```ts
 * import { Rng, zeros } from '@adjoint/core'
 * import { LayerNorm, TransformerEncoder, TransformerEncoderLayer } from '@adjoint/nn'
 * const rng = new Rng(0)
 * const layers = [1, 2].map(() => new TransformerEncoderLayer(8, 2, { feedForward: 16, preNorm: true, rng }))
 * const encoder = new TransformerEncoder(layers, { norm: new LayerNorm(8) })
 * encoder.forward({ input: zeros([3, 5, 8]), isCausal: true }).shape // => [3, 5, 8]
 * ```
 */
export class TransformerEncoder {
  readonly layers: readonly TransformerEncoderLayer[]
  readonly norm: LayerNorm | Module<Tensor, Tensor> | null

  /** @throws ArgumentError for what is no list of layers. */
  constructor(layers: readonly TransformerEncoderLayer[], options: TransformerStackOptions = {}) {
    expectOptions('TransformerEncoder', options, ['norm'])
    this.layers = expectStack('TransformerEncoder', layers)
    this.norm = options.norm ?? null
    nameParameters(this)
  }

  /**
   * @param input a sequence, or a sequence and masks by name
   * @throws ShapeError when sizes do not fit; ArgumentError for unknown names, or dropout in training without `context.rng`.
   */
  forward(input: TransformerEncoderInput, context?: ForwardContext): Tensor
  forward<S extends Shape>(input: Tensor<S>, context?: ForwardContext): Tensor<S>
  forward(given: Tensor | TransformerEncoderInput, context?: ForwardContext): Tensor {
    expectNoTensor(String(this), context, '{ input, mask, keyMask }')
    const { input, ...masks } = encoderInput(String(this), given)
    const last = this.layers.reduce((x, layer, i) => {
      const typed = layer as Module<TransformerEncoderInput, Tensor>
      return callLayer(typed, `layers.${i}`, { input: x, ...masks }, context)
    }, input)
    return withNorm(this.norm, last, context)
  }

  /** `TransformerEncoder(6 layers)` */
  toString(): string {
    return `TransformerEncoder(${this.layers.length} layers)`
  }
}

/** What a stack gives, normalised at the end where it has a norm. */
export function withNorm(
  norm: LayerNorm | Module<Tensor, Tensor> | null,
  x: Tensor,
  context: ForwardContext | undefined,
): Tensor {
  return norm === null ? x : callLayer(norm as Module<Tensor, Tensor>, 'norm', x, context)
}

/** @throws ArgumentError unless layers are listed. */
export function expectStack<Layer extends object>(op: string, layers: readonly Layer[]): readonly Layer[] {
  const wrong: unknown = Array.isArray(layers)
    ? layers.find(layer => typeof (layer as { forward?: unknown })?.forward !== 'function')
    : layers
  if (Array.isArray(layers) && (wrong === undefined || layers.length === 0)) return [...layers]
  throw new ArgumentError(op, `takes a list of layers, got ${shown(wrong)}.`)
}
