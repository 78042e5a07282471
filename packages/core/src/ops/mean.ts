import type { Op } from '../primitive/primitive.ts'
import { countAlong, reduction } from '../primitive/reduction.ts'
import type { ReductionOp } from '../primitive/signatures.ts'
import { toFloating } from '../storage/dtype.ts'
import { pairwiseSum } from './sum.ts'

/**
 * The mean over one axis, several, or all. `d(mean x) = Σ dx / count`. NaN for no elements; integers become float32.
 *
 * @example
 * ```ts
 * import { mean, tensor } from '@adjoint/core'
 * mean(tensor([[1, 2], [3, 4]]), 0).toArray() // => [2, 3]
 * ```
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export const mean: Op<ReductionOp> = /* @__PURE__ */ reduction({
  name: 'mean',
  dtype: toFloating,
  loop: (count, x, at, step) => pairwiseSum(count, x, at, step) / count,
  derivative: (x, _, axes) => 1 / countAlong(x.shape, axes),
  keeps: 'nothing',
  domain: 'real',
})
