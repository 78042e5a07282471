import { argmode } from '../ops/argmode.ts'
import { expectElements } from '../primitive/reduction.ts'
import type { ReductionOptions, SelectionOp } from '../primitive/signatures.ts'
import { expectOptions } from '../shape/arguments.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { linesOf, select } from './selection.ts'

/**
 * The element that occurs most often along one axis, several, or all, together with the position of its last occurrence,
 * which gets the cotangent. Of several values equally frequent the smallest. No NaN equals another one.
 *
 * @example
 * ```ts
 * import { modeWithIndices, tensor } from '@adjoint/core'
 * const { values, indices } = modeWithIndices(tensor([3, 1, 3, 1, 2]))
 * values.item() // => 1
 * indices.item() // => 3
 * ```
 * @throws ArgumentError when there is no element to choose from.
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export const modeWithIndices: SelectionOp = ((
  x: Tensor,
  axis?: number | readonly number[],
  options?: ReductionOptions,
) => {
  expectOptions('modeWithIndices', options, ['keepDims'])
  const lines = linesOf('modeWithIndices', x, axis, options)
  expectElements('modeWithIndices', lines.lines, [lines.axis])
  return select(lines, argmode(lines.lines, lines.axis, { keepDims: true }))
}) as SelectionOp
