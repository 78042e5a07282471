import { notEqual } from '../ops/notEqual.ts'
import { sum } from '../ops/sum.ts'
import type { ReductionOp, ReductionOptions } from '../primitive/signatures.ts'
import { expectOptions } from '../shape/arguments.ts'
import { reducedAxes } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * How many elements are not 0 along one axis, several, or all, as int32. NaN counts. Has no gradient.
 *
 * @example
 * ```ts
 * import { countNonzero, tensor } from '@adjoint/core'
 * countNonzero(tensor([[0, 2], [3, 4]]), 0).toArray() // => [1, 2]
 * ```
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export const countNonzero: ReductionOp = ((
  x: Tensor,
  axis?: number | readonly number[],
  options?: ReductionOptions,
) => {
  expectOptions('countNonzero', options, ['keepDims'])
  reducedAxes('countNonzero', axis, expectTensor('countNonzero', x).rank)
  return sum(notEqual(x, 0), axis, options)
}) as ReductionOp
