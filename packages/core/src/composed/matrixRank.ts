import { cast } from '../ops/cast.ts'
import { greater } from '../ops/greater.ts'
import { max } from '../ops/max.ts'
import { mul } from '../ops/mul.ts'
import { rcondOf } from '../ops/pseudoInverse.ts'
import { sum } from '../ops/sum.ts'
import { expectMatrices } from '../primitive/matrices.ts'
import { expectOptions } from '../shape/arguments.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { singularValues } from './singularValues.ts'

/** Settings of {@link matrixRank}. */
export interface MatrixRankOptions {
  /**
   * Singular values up to this share of the largest one count as 0. Default: the larger size of the matrix times the
   * rounding of its dtype.
   */
  readonly rcond?: number
}

/**
 * The number of singular values that are not 0, `[..., m, n] -> [...]` of dtype int32. A count has no gradient.
 *
 * @example
 * ```ts
 * import { matrixRank, tensor } from '@adjoint/core'
 * matrixRank(tensor([[1, 2], [2, 4]])).item() // => 1
 * ```
 * @throws ShapeError for tensors of rank 0 or 1.
 */
export function matrixRank(a: Tensor, options: MatrixRankOptions = {}): Tensor {
  expectOptions('matrixRank', options, ['rcond'])
  const rcond = rcondOf('matrixRank', options.rcond, expectMatrices('matrixRank', a))
  const values = singularValues(a)
  if (values.shape.at(-1) === 0) return cast(sum(values, -1), 'int32')
  const bound = mul(max(values, -1, { keepDims: true }), rcond)
  return sum(cast(greater(values, bound), 'int32'), -1)
}
