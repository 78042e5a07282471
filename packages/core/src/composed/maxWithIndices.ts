import { argmax } from '../ops/argmax.ts'
import { expectElements } from '../primitive/reduction.ts'
import type { ReductionOptions, SelectionOp } from '../primitive/signatures.ts'
import { expectOptions } from '../shape/arguments.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { linesOf, select } from './selection.ts'

/**
 * The largest element along one axis, several, or all, together with its position: along the axis, or in row-major order
 * among several. The first one of equals; the first NaN when there is one.
 *
 * Kink policy: the named element gets the whole cotangent; `max` shares it among equals.
 *
 * @example
 * ```ts
 * import { maxWithIndices, tensor } from '@adjoint/core'
 * const { values, indices } = maxWithIndices(tensor([[1, 5, 5], [4, 4, 3]]), 1)
 * values.toArray() // => [5, 4]
 * indices.toArray() // => [1, 0]
 * ```
 * @throws ArgumentError when there is no element to choose from.
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export const maxWithIndices: SelectionOp = ((
  x: Tensor,
  axis?: number | readonly number[],
  options?: ReductionOptions,
) => {
  expectOptions('maxWithIndices', options, ['keepDims'])
  const lines = linesOf('maxWithIndices', x, axis, options)
  expectElements('maxWithIndices', lines.lines, [lines.axis])
  return select(lines, argmax(lines.lines, lines.axis, { keepDims: true }))
}) as SelectionOp
