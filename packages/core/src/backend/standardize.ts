/** The loops of standardize, of its derivative, and of the moments of groups: compact arrays, read in the order of memory. */

import type { TypedArray } from '../storage/dtype.ts'
import { pairwise } from './pairwise.ts'

/** A compact array as `[outer, groups, inner]`: a group is everything with the same place on the middle axis. */
export interface GroupLayout {
  readonly outer: number
  readonly groups: number
  readonly inner: number
}

/** What is known of the groups of one array after {@link measureGroups}. The mean of group g is `base[g] + shift[g]`. */
export interface GroupMoments {
  /** The first element of each group, so that what all have in common does not round away what they differ in. */
  readonly base: Float64Array
  readonly shift: Float64Array
  /** The mean of the squared deviations. */
  readonly variance: Float64Array
}

/** Rows of single elements that are added up one after the other, before their sum is added to the rest. */
const BLOCK = 128

/** Moments of as many groups, to be measured again and again. */
export function momentsFor({ groups }: GroupLayout): GroupMoments {
  return {
    base: new Float64Array(groups),
    shift: new Float64Array(groups),
    variance: new Float64Array(groups),
  }
}

/** The mean and the mean square of the deviations from it, in two passes; around 0 when `centered` is false. */
export function measureGroups(
  x: TypedArray,
  at: number,
  layout: GroupLayout,
  centered: boolean,
  moments: GroupMoments,
): void {
  const { outer, groups, inner } = layout
  const { base, shift, variance } = moments
  const count = outer * inner
  base.fill(0)
  shift.fill(0)
  if (centered && count > 0) {
    for (let g = 0; g < groups; g++) base[g] = x[at + g * inner]!
    addGroups(x, at, layout, base, shift)
    for (let g = 0; g < groups; g++) shift[g]! /= count
  }
  variance.fill(0)
  if (inner === 1) {
    const partial = new Float64Array(groups)
    const [means, rests] = meansOf(moments)
    for (let a = 0; a < outer; a++) {
      const row = at + a * groups
      for (let g = 0; g < groups; g++) {
        const deviation = x[row + g]! - means[g]! - rests[g]!
        partial[g]! += deviation * deviation
      }
      if (a % BLOCK === BLOCK - 1 || a === outer - 1) flush(partial, variance)
    }
  } else {
    const place = { mean: 0, rest: 0 }
    for (let a = 0; a < outer; a++) {
      for (let g = 0; g < groups; g++) {
        const [from, by] = [base[g]!, shift[g]!]
        place.mean = from + by
        place.rest = from - place.mean + by
        variance[g]! += pairwise(squaresFrom, inner, x, at + (a * groups + g) * inner, 1, place)
      }
    }
  }
  for (let g = 0; g < groups; g++) variance[g]! /= count
}

/** (x - mean) / √(variance + epsilon) */
export function standardizeGroups(
  x: TypedArray,
  at: number,
  layout: GroupLayout,
  moments: GroupMoments,
  epsilon: number,
  out: TypedArray,
  outAt: number,
): void {
  const { outer, groups, inner } = layout
  const [means, rests] = meansOf(moments)
  const scales = moments.variance.map(variance => 1 / Math.sqrt(variance + epsilon))
  for (let a = 0; a < outer; a++) {
    if (inner === 1) {
      const [row, outRow] = [at + a * groups, outAt + a * groups]
      for (let g = 0; g < groups; g++) out[outRow + g] = (x[row + g]! - means[g]! - rests[g]!) * scales[g]!
      continue
    }
    for (let g = 0; g < groups; g++) {
      const mean = means[g]!
      const rest = rests[g]!
      const scale = scales[g]!
      const start = (a * groups + g) * inner
      for (let k = start; k < start + inner; k++) out[outAt + k] = (x[at + k]! - mean - rest) * scale
    }
  }
}

/** r (g - mean g - y mean(g y)) with y = r (x - mean) and r = 1 / √(variance + epsilon); without mean g around 0. */
export function slopeOfGroups(
  x: TypedArray,
  at: number,
  cotangent: TypedArray,
  cotangentAt: number,
  layout: GroupLayout,
  centered: boolean,
  moments: GroupMoments,
  epsilon: number,
  out: TypedArray,
  outAt: number,
): void {
  const { outer, groups, inner } = layout
  const count = outer * inner
  const [means, rests] = meansOf(moments)
  const averages = new Float64Array(groups)
  if (centered && count > 0) {
    // From the first element of each group, so that the average of equal ones is that one.
    const first = Float64Array.from({ length: groups }, (_, g) => cotangent[cotangentAt + g * inner]!)
    addGroups(cotangent, cotangentAt, layout, first, averages)
    for (let g = 0; g < groups; g++) averages[g] = first[g]! + averages[g]! / count
  }
  const products = new Float64Array(groups)
  const partial = new Float64Array(groups)
  for (let a = 0; a < outer; a++) {
    const [row, cotangentRow] = [at + a * groups, cotangentAt + a * groups]
    if (inner === 1) {
      for (let g = 0; g < groups; g++) {
        partial[g]! += (cotangent[cotangentRow + g]! - averages[g]!) * (x[row + g]! - means[g]! - rests[g]!)
      }
    }
    for (let g = 0; inner > 1 && g < groups; g++) {
      const mean = means[g]!
      const rest = rests[g]!
      const average = averages[g]!
      const start = (a * groups + g) * inner
      let total = 0
      for (let k = start; k < start + inner; k++) {
        total += (cotangent[cotangentAt + k]! - average) * (x[at + k]! - mean - rest)
      }
      partial[g]! += total
    }
    if (a % BLOCK === BLOCK - 1 || a === outer - 1) flush(partial, products)
  }
  const scales = moments.variance.map(variance => 1 / Math.sqrt(variance + epsilon))
  for (let g = 0; g < groups; g++) products[g]! *= (scales[g]! * scales[g]!) / count
  for (let a = 0; a < outer; a++) {
    if (inner === 1) {
      const start = a * groups
      for (let g = 0; g < groups; g++) {
        const deviation = x[at + start + g]! - means[g]! - rests[g]!
        out[outAt + start + g] =
          scales[g]! * (cotangent[cotangentAt + start + g]! - averages[g]! - deviation * products[g]!)
      }
      continue
    }
    for (let g = 0; g < groups; g++) {
      const mean = means[g]!
      const rest = rests[g]!
      const scale = scales[g]!
      const average = averages[g]!
      const product = products[g]!
      const start = (a * groups + g) * inner
      for (let k = start; k < start + inner; k++) {
        const deviation = x[at + k]! - mean - rest
        out[outAt + k] = scale * (cotangent[cotangentAt + k]! - average - deviation * product)
      }
    }
  }
}

/** The means, and what rounding took from them. */
function meansOf({ base, shift }: GroupMoments): readonly [means: Float64Array, rests: Float64Array] {
  const means = base.map((from, g) => from + shift[g]!)
  return [means, base.map((from, g) => from - means[g]! + shift[g]!)]
}

/** Adds Σ (x - from) of every group to `totals`. */
function addGroups(
  x: TypedArray,
  at: number,
  { outer, groups, inner }: GroupLayout,
  from: Float64Array,
  totals: Float64Array,
): void {
  if (inner !== 1) {
    for (let a = 0; a < outer; a++) {
      for (let g = 0; g < groups; g++) {
        totals[g]! += pairwise(sumFrom, inner, x, at + (a * groups + g) * inner, 1, from[g]!)
      }
    }
    return
  }
  const partial = new Float64Array(groups)
  for (let a = 0; a < outer; a++) {
    const row = at + a * groups
    for (let g = 0; g < groups; g++) partial[g]! += x[row + g]! - from[g]!
    if (a % BLOCK === BLOCK - 1 || a === outer - 1) flush(partial, totals)
  }
}

function flush(partial: Float64Array, totals: Float64Array): void {
  for (let g = 0; g < totals.length; g++) totals[g]! += partial[g]!
  partial.fill(0)
}

function sumFrom(count: number, x: TypedArray, at: number, step: number, from: number): number {
  let total = 0
  for (let i = 0; i < count; i++) total += x[at + i * step]! - from
  return total
}

function squaresFrom(
  count: number,
  x: TypedArray,
  at: number,
  step: number,
  { mean, rest }: { readonly mean: number; readonly rest: number },
): number {
  let total = 0
  for (let i = 0; i < count; i++) {
    const deviation = x[at + i * step]! - mean - rest
    total += deviation * deviation
  }
  return total
}
