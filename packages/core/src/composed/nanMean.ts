import { div } from '../ops/div.ts'
import { equal } from '../ops/equal.ts'
import { sum } from '../ops/sum.ts'
import type { ReductionOp, ReductionOptions } from '../primitive/signatures.ts'
import { expectOptions } from '../shape/arguments.ts'
import { reducedAxes } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { nanSum } from './nanSum.ts'

/**
 * The mean of the elements that are not NaN over one axis, several, or all; NaN when there are none. NaNs get the gradient 0.
 *
 * @example
 * ```ts
 * import { nanMean, tensor } from '@adjoint/core'
 * nanMean(tensor([1, NaN, 3])).item() // => 2
 * ```
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export const nanMean: ReductionOp = ((
  x: Tensor,
  axis?: number | readonly number[],
  options?: ReductionOptions,
) => {
  expectOptions('nanMean', options, ['keepDims'])
  reducedAxes('nanMean', axis, expectTensor('nanMean', x).rank)
  return div(nanSum(x, axis, options), sum(equal(x, x), axis, options))
}) as ReductionOp
