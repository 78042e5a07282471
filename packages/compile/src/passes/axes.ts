/** How the axes of two shapes with the same elements go together. */

/** Neighbouring axes of two shapes that hold the same elements: `[from, to)` on either side. */
export interface AxisGroup {
  readonly left: readonly [from: number, to: number]
  readonly right: readonly [from: number, to: number]
}

/**
 * The finest division of the axes of two shapes of one size: `[6, 4]` and `[2, 3, 4]` are the groups 6 = 2·3 and 4 = 4. Axes
 * of size 1 belong to the group before them. Shapes without elements have none.
 */
export function axisGroups(left: readonly number[], right: readonly number[]): readonly AxisGroup[] {
  const groups: AxisGroup[] = []
  let [i, j] = [0, 0]
  while (i < left.length || j < right.length) {
    const [fromLeft, fromRight] = [i, j]
    let a = left[i++] ?? 1
    let b = right[j++] ?? 1
    while (a !== b) {
      if (a < b) a *= left[i++]!
      else b *= right[j++]!
    }
    while (i < left.length && left[i] === 1) i++
    while (j < right.length && right[j] === 1) j++
    groups.push({
      left: [Math.min(fromLeft, left.length), Math.min(i, left.length)],
      right: [Math.min(fromRight, right.length), Math.min(j, right.length)],
    })
  }
  return groups
}

/**
 * The shape that something which broadcasts to `from` has beside `to`, a shape of the same elements: every group of axes
 * must be there whole, or be of size 1 throughout. `undefined` when one is there in part.
 */
export function shapeBeside(
  shape: readonly number[],
  from: readonly number[],
  to: readonly number[],
): readonly number[] | undefined {
  const full = [...new Array<number>(from.length - shape.length).fill(1), ...shape]
  const result = new Array<number>(to.length).fill(1)
  for (const { left, right } of axisGroups(from, to)) {
    let isWhole = true
    let isSingle = true
    for (let axis = left[0]; axis < left[1]; axis++) {
      if (full[axis] !== from[axis]) isWhole = false
      if (full[axis] !== 1) isSingle = false
    }
    if (isWhole) for (let axis = right[0]; axis < right[1]; axis++) result[axis] = to[axis]!
    else if (!isSingle) return undefined
  }
  return result
}
