import { argmin } from '../ops/argmin.ts'
import { expectElements } from '../primitive/reduction.ts'
import type { ReductionOptions, SelectionOp } from '../primitive/signatures.ts'
import { expectOptions } from '../shape/arguments.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { linesOf, select } from './selection.ts'

/**
 * The smallest element along one axis, several, or all, together with its position: along the axis, or in row-major order
 * among several. The first one of equals; the first NaN when there is one.
 *
 * Kink policy: the named element gets the whole cotangent; `min` shares it among equals.
 *
 * @example
 * ```ts
 * import { minWithIndices, tensor } from '@adjoint/core'
 * const { values, indices } = minWithIndices(tensor([[1, 5, 5], [4, 4, 3]]), 1)
 * values.toArray() // => [1, 3]
 * indices.toArray() // => [0, 2]
 * ```
 * @throws ArgumentError when there is no element to choose from.
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export const minWithIndices: SelectionOp = ((
  x: Tensor,
  axis?: number | readonly number[],
  options?: ReductionOptions,
) => {
  expectOptions('minWithIndices', options, ['keepDims'])
  const lines = linesOf('minWithIndices', x, axis, options)
  expectElements('minWithIndices', lines.lines, [lines.axis])
  return select(lines, argmin(lines.lines, lines.axis, { keepDims: true }))
}) as SelectionOp
