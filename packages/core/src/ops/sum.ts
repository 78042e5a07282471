import { pairwise } from '../backend/pairwise.ts'
import type { Op } from '../primitive/primitive.ts'
import { type GroupLoop, reduction } from '../primitive/reduction.ts'
import type { ReductionOp } from '../primitive/signatures.ts'
import type { TypedArray } from '../storage/dtype.ts'

/** Pairwise summation in float64. */
export const pairwiseSum: GroupLoop = (count, x, at, step) =>
  pairwise(plainSum, count, x, at, step, undefined)

function plainSum(count: number, x: TypedArray, at: number, step: number): number {
  let total = 0
  for (let i = 0; i < count; i++) total += x[at + i * step]!
  return total
}

/**
 * The sum over one axis, several, or all. `d(Σ x) = Σ dx`. Added up pairwise in float64, so that a float32 sum of ten
 * million ones is exact. The sum of no elements is 0. `bool` counts, as int32.
 *
 * @example
 * ```ts
 * import { sum, tensor } from '@adjoint/core'
 * const x = tensor([[1, 2], [3, 4]])
 * sum(x).item() // => 10
 * sum(x, 0).toArray() // => [4, 6]
 * sum(x, 1, { keepDims: true }).toArray() // => [[3], [7]]
 * ```
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export const sum: Op<ReductionOp> = /* @__PURE__ */ reduction({
  name: 'sum',
  dtype: input => (input === 'bool' ? 'int32' : input),
  loop: pairwiseSum,
  derivative: 1,
  keeps: 'nothing',
  domain: 'real',
})
