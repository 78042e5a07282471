import { expectElements } from '../primitive/reduction.ts'
import type { ReductionOp, ReductionOptions } from '../primitive/signatures.ts'
import { expectOptions } from '../shape/arguments.ts'
import { reducedAxes } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { modeWithIndices } from './modeWithIndices.ts'

/**
 * The element that occurs most often along one axis, several, or all; of several values equally frequent the smallest. Its
 * last occurrence gets the cotangent.
 *
 * @example
 * ```ts
 * import { mode, tensor } from '@adjoint/core'
 * mode(tensor([3, 1, 3, 2])).item() // => 3
 * ```
 * @throws ArgumentError when there is no element to choose from.
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export const mode: ReductionOp = ((
  x: Tensor,
  axis?: number | readonly number[],
  options?: ReductionOptions,
) => {
  expectOptions('mode', options, ['keepDims'])
  expectElements('mode', x, reducedAxes('mode', axis, expectTensor('mode', x).rank))
  return modeWithIndices(x, axis, options).values
}) as ReductionOp
