import { argmax } from '../ops/argmax.ts'
import { argsort } from '../ops/argsort.ts'
import { gather } from '../ops/gather.ts'
import { notEqual } from '../ops/notEqual.ts'
import { where } from '../ops/where.ts'
import type { ReductionOptions, SelectionOp } from '../primitive/signatures.ts'
import { expectOptions } from '../shape/arguments.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { linesOf, select } from './selection.ts'
import { sliceAlong } from './sliceAlong.ts'

/**
 * The middle element in sorted order along one axis, several, or all, together with its position: the lower one of two
 * when their number is even, the first one of equals that sorting puts in the middle. The first NaN when there is one.
 *
 * Kink policy: the named element gets the whole cotangent; `median` shares it among equals.
 *
 * @example
 * ```ts
 * import { medianWithIndices, tensor } from '@adjoint/core'
 * const { values, indices } = medianWithIndices(tensor([4, 1, 3, 2]), 0)
 * values.item() // => 2
 * indices.item() // => 3
 * ```
 * @throws ArgumentError when there is no element to choose from.
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export const medianWithIndices: SelectionOp = ((
  x: Tensor,
  axis?: number | readonly number[],
  options?: ReductionOptions,
) => {
  expectOptions('medianWithIndices', options, ['keepDims'])
  const found = linesOf('medianWithIndices', x, axis, options)
  const { lines, axis: along } = found
  // Where there is a NaN it is what argmax finds; it also refuses lines without elements.
  const largest = argmax(lines, along, { keepDims: true })
  const extreme = gather(lines, along, largest)
  const middle = sliceAlong(argsort(lines, along), along, (lines.shape[along]! - 1) >> 1, 1)
  return select(found, where(notEqual(extreme, extreme), largest, middle))
}) as SelectionOp
