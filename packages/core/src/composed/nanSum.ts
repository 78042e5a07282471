import { notEqual } from '../ops/notEqual.ts'
import { sum } from '../ops/sum.ts'
import { where } from '../ops/where.ts'
import type { ReductionOp, ReductionOptions } from '../primitive/signatures.ts'
import { expectOptions } from '../shape/arguments.ts'
import { reducedAxes } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The sum of the elements that are not NaN over one axis, several, or all; 0 when there are none. NaNs get the gradient 0.
 *
 * @example
 * ```ts
 * import { nanSum, tensor } from '@adjoint/core'
 * nanSum(tensor([1, NaN, 3])).item() // => 4
 * ```
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export const nanSum: ReductionOp = ((
  x: Tensor,
  axis?: number | readonly number[],
  options?: ReductionOptions,
) => {
  expectOptions('nanSum', options, ['keepDims'])
  reducedAxes('nanSum', axis, expectTensor('nanSum', x).rank)
  return sum(where(notEqual(x, x), 0, x), axis, options)
}) as ReductionOp
