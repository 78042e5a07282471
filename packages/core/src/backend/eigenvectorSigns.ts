/** Which of v and -v an eigenvector or a singular vector is. */

/** Of a vector, the first component of at least this share of the largest one, in size, is made positive. */
const SHARE = 0.731_823

/**
 * 1 or -1: the factor that makes the deciding component of a vector positive. A rule by the largest component alone would
 * jump where two are equally large, which they often are; the share is no ratio of small whole numbers.
 */
export function signOf(v: Float64Array, at: number, count: number, step: number): 1 | -1 {
  let largest = 0
  for (let i = 0; i < count; i++) largest = Math.max(largest, Math.abs(v[at + i * step]!))
  for (let i = 0; i < count; i++) {
    const value = v[at + i * step]!
    if (Math.abs(value) >= SHARE * largest && value !== 0) return value < 0 ? -1 : 1
  }
  return 1
}
