import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, describe } from '../shape/errors.ts'
import { expectRoom } from '../storage/slab.ts'
import { expectTensor, linspace, tensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Settings of {@link histogram}. */
export interface HistogramOptions {
  /** Number of bins. Default 10. */
  readonly bins?: number
  /** Left edge of the first bin. Default: the smallest element. */
  readonly low?: number
  /** Right edge of the last bin. Default: the largest element. */
  readonly high?: number
}

/**
 * How many elements fall into each of some bins of equal width, as int32, and the edges of the bins, one more, as float64. A
 * bin holds its left edge, the last one its right edge too. Elements beyond the edges and NaN are not counted. Where all
 * elements are equal the bins reach from half below to half above. Has no gradient.
 *
 * @example
 * ```ts
 * import { histogram, tensor } from '@adjoint/core'
 * const { counts, edges } = histogram(tensor([1, 2, 2, 5]), { bins: 2 })
 * counts.toArray() // => [3, 1]
 * edges.toArray() // => [1, 3, 5]
 * ```
 * @throws ArgumentError when there is no bin, or an edge is not finite or on the wrong side.
 */
export function histogram(
  x: Tensor,
  options: HistogramOptions = {},
): { readonly counts: Tensor<[number]>; readonly edges: Tensor<[number]> } {
  expectOptions('histogram', options, ['bins', 'low', 'high'])
  const data = expectTensor('histogram', x).data()
  const { bins = 10 } = options
  if (!Number.isInteger(bins) || bins < 1)
    throw new ArgumentError('histogram', `bins is a whole number from 1 up, got ${describe(bins)}.`)
  expectRoom('histogram', [bins])
  let [low, high] = [options.low ?? Number.POSITIVE_INFINITY, options.high ?? Number.NEGATIVE_INFINITY]
  for (const value of data) {
    if (options.low === undefined && value < low) low = value
    if (options.high === undefined && value > high) high = value
  }
  if (low === Number.POSITIVE_INFINITY && high === Number.NEGATIVE_INFINITY) [low, high] = [0, 1]
  if (!Number.isFinite(low) || !Number.isFinite(high) || low > high) {
    throw new ArgumentError(
      'histogram',
      `bins from ${low} to ${high} cannot be; give finite edges { low, high }, the lower one first.`,
    )
  }
  if (low === high) [low, high] = [low - 0.5, high + 0.5]
  const edges = linspace(low, high, bins + 1, { dtype: 'float64' })
  const borders = edges.data()
  const counts = new Int32Array(bins)
  for (const value of data) {
    if (!(value >= low && value <= high)) continue
    let bin = Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins))
    // The quotient is rounded: the edges decide.
    if (value < borders[bin]!) bin--
    else if (bin < bins - 1 && value >= borders[bin + 1]!) bin++
    counts[bin]!++
  }
  return { counts: tensor(counts), edges }
}
