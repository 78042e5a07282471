/** What an output of pooling or resampling reads along one axis, as data, and the terms that follow from it. */

import type { Taps } from './taps.ts'

/** Averages of `kernel` neighbours, the next `stride` further. */
export interface AverageRule {
  readonly kind: 'average'
  readonly size: number
  readonly outputs: number
  readonly kernel: number
  readonly stride: number
  readonly padding: number
  /** What the sum of a window is divided by: its elements, with those in the padding or without, or a number. */
  readonly divisor: 'padded' | 'inside' | number
}

/** Averages of parts as equal as they can be: part i is from ⌊i size/outputs⌋ up to ⌈(i + 1) size/outputs⌉. */
export interface AdaptiveRule {
  readonly kind: 'adaptive'
  readonly size: number
  readonly outputs: number
}

/** Values between pixels. */
export interface BetweenRule {
  readonly kind: 'nearest' | 'nearestExact' | 'linear' | 'cubic'
  readonly size: number
  readonly outputs: number
  /** Distance between neighbouring outputs, in pixels of the input. */
  readonly step: number
  /** Whether the centres of the first and the last pixel stay where they are; otherwise their outer edges do. */
  readonly alignCorners: boolean
  /** Whether a window as wide as an output is averaged, where outputs are further apart than pixels. */
  readonly antialias: boolean
}

/** One of them. */
export type AxisRule = AverageRule | AdaptiveRule | BetweenRule

/** The terms of a rule. */
export function tapsOf(rule: AxisRule): Taps {
  const list = new TapList(rule)
  if (rule.kind === 'average') addAverages(rule, list)
  else if (rule.kind === 'adaptive') addParts(rule, list)
  else if (rule.kind === 'nearest' || rule.kind === 'nearestExact') addNearest(rule, list)
  else if (rule.antialias) addFiltered(rule, list)
  else addBetween(rule, list)
  return list.taps()
}

/** Collects terms row by row. */
class TapList {
  readonly #size: number
  readonly #firsts: Int32Array
  readonly #places: number[] = []
  readonly #weights: number[] = []
  #row = 0

  constructor({ size, outputs }: AxisRule) {
    this.#size = size
    this.#firsts = new Int32Array(outputs + 1)
  }

  /** A term that counts for nothing is left out, so that it cannot make NaN of an infinite pixel. */
  add(place: number, weight: number): void {
    if (weight === 0) return
    this.#places.push(place)
    this.#weights.push(weight)
  }

  endRow(): void {
    this.#firsts[++this.#row] = this.#places.length
  }

  taps(): Taps {
    return {
      size: this.#size,
      firsts: this.#firsts,
      places: Int32Array.from(this.#places),
      weights: Float64Array.from(this.#weights),
    }
  }
}

function addAverages({ size, outputs, kernel, stride, padding, divisor }: AverageRule, list: TapList): void {
  for (let i = 0; i < outputs; i++) {
    const start = i * stride - padding
    const end = Math.min(start + kernel, size + padding)
    const [first, last] = [Math.max(start, 0), Math.min(end, size)]
    const count = divisor === 'padded' ? end - start : divisor === 'inside' ? last - first : divisor
    for (let place = first; place < last; place++) list.add(place, 1 / count)
    list.endRow()
  }
}

function addParts({ size, outputs }: AdaptiveRule, list: TapList): void {
  for (let i = 0; i < outputs; i++) {
    const [first, end] = adaptivePart(size, outputs, i)
    for (let place = first; place < end; place++) list.add(place, 1 / (end - first))
    list.endRow()
  }
}

/** From where up to where part i of an axis goes. */
export function adaptivePart(
  size: number,
  outputs: number,
  i: number,
): readonly [first: number, end: number] {
  return [Math.floor((i * size) / outputs), Math.ceil(((i + 1) * size) / outputs)]
}

function addNearest({ kind, size, outputs, step }: BetweenRule, list: TapList): void {
  const shift = kind === 'nearest' ? 0 : 0.5
  for (let i = 0; i < outputs; i++) {
    // Rounded to float32, as PyTorch does it: so 2.9999999999999996, which is meant to be 3, is 3.
    list.add(Math.min(Math.floor(Math.fround((i + shift) * step)), size - 1), 1)
    list.endRow()
  }
}

/** Where the centre of an output lies, in pixels of the input. */
function centre({ step, alignCorners }: BetweenRule, i: number): number {
  return alignCorners ? i * step : (i + 0.5) * step - 0.5
}

function addBetween(rule: BetweenRule, list: TapList): void {
  const { kind, size, outputs } = rule
  const isCubic = kind === 'cubic'
  const inside = (place: number): number => Math.min(Math.max(place, 0), size - 1)
  for (let i = 0; i < outputs; i++) {
    const at = isCubic ? centre(rule, i) : Math.max(centre(rule, i), 0)
    const place = Math.min(Math.floor(at), size - 1)
    const rest = Math.min(Math.max(at - place, 0), 1)
    if (isCubic) {
      for (let k = -1; k <= 2; k++) list.add(inside(place + k), cubic(k - rest, -0.75))
    } else {
      list.add(place, 1 - rest)
      list.add(inside(place + 1), rest)
    }
    list.endRow()
  }
}

/** Keys' cubic convolution kernel; a = -3/4 between pixels, -1/2 in the filter. */
function cubic(x: number, a: number): number {
  const d = Math.abs(x)
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1
  return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0
}

/** The filter is stretched to the distance of the outputs where that is more than a pixel, and its weights add up to 1. */
function addFiltered({ kind, size, outputs, step }: BetweenRule, list: TapList): void {
  const stretch = Math.max(step, 1)
  const support = (kind === 'cubic' ? 2 : 1) * stretch
  const filter =
    kind === 'cubic' ? (x: number) => cubic(x, -0.5) : (x: number) => Math.max(0, 1 - Math.abs(x))
  for (let i = 0; i < outputs; i++) {
    const middle = (i + 0.5) * step
    const first = Math.max(Math.trunc(middle - support + 0.5), 0)
    const end = Math.min(Math.trunc(middle + support + 0.5), size)
    const weights: number[] = []
    for (let place = first; place < end; place++) weights.push(filter((place - middle + 0.5) / stretch))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    weights.forEach((weight, k) => {
      list.add(first + k, total === 0 ? weight : weight / total)
    })
    list.endRow()
  }
}
