import { expectOptions } from '@adjoint/core/engine'
import { type CosineSimilarityOptions, cosineSimilarity, type Tensor } from '@adjoint/core/functional'

/** Settings of {@link CosineSimilarity}. */
export interface CosineSimilarityLayerOptions extends Omit<CosineSimilarityOptions, 'keepDims'> {
  /** The axis of the vectors. Default 1. */
  readonly axis?: number
}

/**
 * The cosine of the angle between the vectors of two tensors, Σ x y / (‖x‖ ‖y‖): `[batch, features]` twice `-> [batch]`. The
 * function is `cosineSimilarity`, whose default axis is the last one; here it is 1, as in PyTorch.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { CosineSimilarity } from '@adjoint/nn'
 * new CosineSimilarity().forward([tensor([[1, 0], [3, 4]]), tensor([[0, 2], [6, 8]])]).toArray() // => [0, 1]
 * ```
 */
export class CosineSimilarity {
  readonly axis: number
  readonly epsilon: number

  /** @throws ArgumentError for settings that it does not know. */
  constructor(options: CosineSimilarityLayerOptions = {}) {
    expectOptions('CosineSimilarity', options, ['axis', 'epsilon'])
    this.axis = options.axis ?? 1
    this.epsilon = options.epsilon ?? 1e-8
  }

  /** @throws ShapeError when the shapes do not broadcast. */
  forward([x, y]: readonly [x: Tensor, y: Tensor]): Tensor {
    return cosineSimilarity(x, y, this.axis, { epsilon: this.epsilon })
  }

  toString(): string {
    return `CosineSimilarity(axis ${this.axis})`
  }
}
