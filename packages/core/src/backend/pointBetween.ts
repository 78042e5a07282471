/** The point between two numbers at a weight, exactly an end at weight 0 or 1; other weights lie on the line beyond. */
export function pointBetween(start: number, end: number, weight: number): number {
  const difference = end - start
  if (Number.isFinite(difference)) {
    // From the nearer end, so that both ends are exact.
    return weight < 0.5 ? start + weight * difference : end - (1 - weight) * difference
  }
  if (weight === 0) return start
  if (weight === 1) return end
  // Two equal infinities have no difference.
  if (start === end && Number.isFinite(weight)) return start
  // Numbers of different signs may be further apart than the largest number.
  return (1 - weight) * start + weight * end
}
