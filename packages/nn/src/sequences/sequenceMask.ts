import {
  ArgumentError,
  arange,
  DTypeError,
  less,
  ShapeError,
  Tensor,
  tensor,
  unsqueeze,
} from '@adjoint/core/functional'
import { shown } from '../module/shown.ts'

/** How many steps of each example count: whole numbers, one for each example. */
export type Lengths = readonly number[] | Tensor

/**
 * Where a batch of sequences of different lengths has steps: `[batch] -> [batch, steps]`, true where a step counts, false
 * where it only fills up. It is the mask that the losses and the attention of this package take: true takes part.
 *
 * @example
 * ```ts
 * import { sequenceMask } from '@adjoint/nn'
 * sequenceMask([2, 0, 3], 3).toArray() // => [[true, true, false], [false, false, false], [true, true, true]]
 * ```
 * @throws ArgumentError for a length that is no whole number from 0 to `steps`; ShapeError for a tensor that is no vector.
 */
export function sequenceMask(lengths: Lengths, steps: number): Tensor<[number, number]> {
  const counts = lengthsTensor('sequenceMask', lengths, steps)
  const places: Tensor = arange(0, steps, 1, { dtype: 'int32' })
  return less(places, unsqueeze(counts, 1) as Tensor) as Tensor as Tensor<[number, number]>
}

/** Lengths as an int32 vector. Those of a tensor are not looked at: it may have no values yet. */
export function lengthsTensor(op: string, lengths: Lengths, steps: number): Tensor {
  if (lengths instanceof Tensor) {
    if (lengths.rank !== 1) {
      throw new ShapeError(op, `lengths must be [batch], got rank ${lengths.rank}.`, [lengths.shape])
    }
    if (lengths.dtype !== 'int32') {
      throw new DTypeError(op, `lengths must be int32, got ${lengths.dtype}; cast them.`, [lengths.dtype])
    }
    return lengths
  }
  return tensor([...expectLengths(op, lengths, steps)], { shape: [lengths.length], dtype: 'int32' })
}

/** Checks lengths that are numbers. */
export function expectLengths(op: string, lengths: unknown, steps: number): readonly number[] {
  if (!Array.isArray(lengths)) {
    throw new ArgumentError(op, `takes lengths as an array of numbers or a tensor, got ${shown(lengths)}.`)
  }
  for (const [example, length] of lengths.entries()) {
    if (Number.isInteger(length) && length >= 0 && length <= steps) continue
    throw new ArgumentError(
      op,
      `the length of example ${example} must be a whole number from 0 to ${steps}, the number of steps; got ${shown(length)}.`,
    )
  }
  return lengths
}
