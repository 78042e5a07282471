/** Pairwise summation: the error of a sum grows with the logarithm of the count, not with the count. */

/** Runs of this many terms are added up one after the other; longer ones are halved first. */
const BLOCK = 128

/** A sum of terms one after the other: those of `count` elements of `x`, the first at `at`, the next `step` further each. */
export type PlainSum<Elements, Setting> = (
  count: number,
  x: Elements,
  at: number,
  step: number,
  setting: Setting,
) => number

/** The same sum, of halves of halves. `setting` is handed on, so that no closure is made for each of many short sums. */
export function pairwise<Elements, Setting>(
  plain: PlainSum<Elements, Setting>,
  count: number,
  x: Elements,
  at: number,
  step: number,
  setting: Setting,
): number {
  if (count <= BLOCK) return plain(count, x, at, step, setting)
  const half = BLOCK * Math.floor((count + BLOCK) / (2 * BLOCK))
  return (
    pairwise(plain, half, x, at, step, setting) +
    pairwise(plain, count - half, x, at + half * step, step, setting)
  )
}
