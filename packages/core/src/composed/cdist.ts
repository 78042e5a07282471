import { norm } from '../ops/norm.ts'
import { sub } from '../ops/sub.ts'
import { expectOptions } from '../shape/arguments.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { unsqueeze } from './unsqueeze.ts'

/** Settings of {@link cdist}. */
export interface DistanceOptions {
  /** The p of the norm. Default 2. */
  readonly order?: number
}

/**
 * The distance of each point of `x` to each point of `y`: `[..., p, n] × [..., r, n] -> [..., p, r]`, leading axes broadcast.
 * The differences themselves are formed, `p · r · n` numbers, because the shorter way through a matrix product loses the
 * digits of points that lie close together.
 *
 * Kink policy: the gradient is 0 where points coincide.
 *
 * @example
 * ```ts
 * import { cdist, tensor } from '@adjoint/core'
 * cdist(tensor([[0, 0], [3, 4]]), tensor([[0, 0], [3, 0], [3, 4]])).toArray() // => [[0, 3, 5], [5, 4, 0]]
 * ```
 * @throws ShapeError when the points have different sizes.
 */
export function cdist(x: Tensor, y: Tensor, options: DistanceOptions = {}): Tensor {
  expectOptions('cdist', options, ['order'])
  const [left, right] = [expectTensor('cdist', x), expectTensor('cdist', y)]
  if (left.rank < 2 || right.rank < 2 || left.shape.at(-1) !== right.shape.at(-1)) {
    throw new ShapeError(
      'cdist',
      `takes points [..., p, n] and [..., r, n], got ${formatShape(left.shape)} and ${formatShape(right.shape)}.`,
      [left.shape, right.shape],
    )
  }
  return norm(sub(unsqueeze(left, -2), unsqueeze(right, -3)), -1, options)
}
