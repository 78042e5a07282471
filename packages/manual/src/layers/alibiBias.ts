import { type NumericArray, numericArray } from '../array.ts'

/**
 * The bias of attention with linear biases, −slope_h |i + offset − j| for head h, query i and key j: (heads, queries, keys).
 * For H heads, a power of two, slope_h = 2^(−8 (h + 1)/H): a geometric sequence that ends with 1/256. For others, with the
 * power of two p below, the first p slopes are those of p, and then come slopes of 2p: the first, the third, ...
 *
 * Nothing is learned, and the bias is added: there is nothing to derive but d(scores + bias) = d scores.
 */
export function alibiBias(heads: number, queries: number, keys: number, offset: number): NumericArray {
  const bias: number[] = []
  let power = 1
  while (2 * power <= heads) power *= 2
  for (let h = 0; h < heads; h++) {
    const slope =
      h < power ? 2 ** (-8 * ((h + 1) / power)) : 2 ** (-8 * ((2 * (h - power) + 1) / (2 * power)))
    for (let i = 0; i < queries; i++)
      for (let j = 0; j < keys; j++) bias.push(-slope * Math.abs(i + offset - j))
  }
  return numericArray([heads, queries, keys], bias)
}
