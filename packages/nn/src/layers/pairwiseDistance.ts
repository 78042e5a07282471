import { expectOptions } from '@adjoint/core/engine'
import { type PairwiseDistanceOptions, pairwiseDistance, type Tensor } from '@adjoint/core/functional'

/**
 * The distance between the vectors of two tensors, ‖x - y + epsilon‖ along the last axis: `[batch, features]` twice `-> [batch]`. The
 * function is `pairwiseDistance`. Nothing is added to the difference unless `epsilon` says so; PyTorch adds 1e-6.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { PairwiseDistance } from '@adjoint/nn'
 * new PairwiseDistance().forward([tensor([[0, 0], [1, 1]]), tensor([[3, 4], [1, 1]])]).toArray() // => [5, 0]
 * ```
 */
export class PairwiseDistance {
  readonly settings: Required<PairwiseDistanceOptions>

  /** @throws ArgumentError for settings that it does not know. */
  constructor(options: PairwiseDistanceOptions = {}) {
    expectOptions('PairwiseDistance', options, ['order', 'epsilon', 'keepDims'])
    const { order = 2, epsilon = 0, keepDims = false } = options
    this.settings = Object.freeze({ order, epsilon, keepDims })
  }

  /** @throws ShapeError when the shapes do not broadcast. */
  forward([x, y]: readonly [x: Tensor, y: Tensor]): Tensor {
    return pairwiseDistance(x, y, this.settings)
  }

  toString(): string {
    return `PairwiseDistance(order ${this.settings.order})`
  }
}
