/** Sorting and selecting in lines of numbers. NaN counts as the greatest number. */

import type { TypedArray } from '../storage/dtype.ts'

/** Runs of this many elements are sorted by insertion before they are merged. */
const RUN = 16

/** Lines of this many elements and more are sorted by their bits, 11 at a time. */
const LONG = 1024
const DIGIT = 11
const BUCKETS = 1 << DIGIT
/** The digits of the two words of a float64: 11, 11 and 10 bits each. */
const DIGITS = 6

/** Memory in which lines of up to some length are sorted, one after the other. */
export interface SortingScratch {
  readonly keys: Float64Array
  readonly otherKeys: Float64Array
  readonly positions: Int32Array
  readonly otherPositions: Int32Array
}

/** Memory for sorting lines of up to `length` elements. */
export function sortingScratch(length: number): SortingScratch {
  return {
    keys: new Float64Array(length),
    otherKeys: new Float64Array(length),
    positions: new Int32Array(length),
    otherPositions: new Int32Array(length),
  }
}

/**
 * Writes the positions of the elements of a line in sorted order. Stable in both directions: equal elements keep their
 * order. NaN comes last, or first when descending. Short lines are merge sorted, long ones radix sorted.
 */
export function sortPositions(
  count: number,
  x: TypedArray,
  xAt: number,
  xStep: number,
  out: TypedArray,
  outAt: number,
  outStep: number,
  descending: boolean,
  scratch: SortingScratch,
): void {
  const { keys, positions } = scratch
  let numbers = 0
  for (let i = 0; i < count; i++) {
    const value = x[xAt + i * xStep]!
    if (Number.isNaN(value)) continue
    // Adding 0 makes 0 of -0, which has other bits and is equal.
    keys[numbers] = (descending ? -value : value) + 0
    positions[numbers++] = i
  }
  const sorted = sortKeys(numbers, scratch)
  const first = descending ? count - numbers : 0
  for (let i = 0; i < numbers; i++) out[outAt + (first + i) * outStep] = sorted[i]!
  if (numbers === count) return
  let at = descending ? 0 : numbers
  for (let i = 0; i < count; i++) {
    if (Number.isNaN(x[xAt + i * xStep]!)) out[outAt + at++ * outStep] = i
  }
}

/** Sorts the first `count` keys with their positions; returns the array that the sorted positions are in. */
function sortKeys(count: number, scratch: SortingScratch): Int32Array {
  let { keys, otherKeys, positions, otherPositions } = scratch
  if (isAscending(keys, 0, count)) return positions
  if (count >= LONG) return radixSort(count, scratch)
  for (let start = 0; start < count; start += RUN)
    insertionSort(keys, positions, start, Math.min(count, start + RUN))
  for (let width = RUN; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) {
      const middle = Math.min(count, start + width)
      merge(keys, positions, start, middle, Math.min(count, start + 2 * width), otherKeys, otherPositions)
    }
    ;[keys, otherKeys] = [otherKeys, keys]
    ;[positions, otherPositions] = [otherPositions, positions]
  }
  return positions
}

/**
 * Sorts positions by the bits of their keys, which it replaces by whole numbers of the same order: from the lowest digit to
 * the highest, keeping the order of equals each time. Digits in which no two keys differ are skipped: most of those of
 * whole numbers and of float32 numbers.
 */
function radixSort(count: number, scratch: SortingScratch): Int32Array {
  const { positions, otherPositions } = scratch
  const words = new Uint32Array(scratch.keys.buffer, scratch.keys.byteOffset, 2 * count)
  const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1
  const [lowAt, highAt] = isLittleEndian ? [0, 1] : [1, 0]
  const sizes = new Int32Array(DIGITS * BUCKETS)
  for (let i = 0; i < count; i++) {
    let low = words[2 * i + lowAt]!
    let high = words[2 * i + highAt]!
    if (high >>> 31 === 1) [low, high] = [~low >>> 0, ~high >>> 0]
    else high = (high | 0x8000_0000) >>> 0
    words[2 * i + lowAt] = low
    words[2 * i + highAt] = high
    for (let digit = 0; digit < DIGITS; digit++) {
      const word = digit < 3 ? low : high
      sizes[digit * BUCKETS + ((word >>> ((digit % 3) * DIGIT)) & (BUCKETS - 1))]!++
    }
  }
  // What is moved are places among the keys; where NaN was left out, the positions follow at the end.
  let [places, otherPlaces]: [Int32Array, Int32Array] = [new Int32Array(count), otherPositions]
  for (let i = 0; i < count; i++) places[i] = i
  for (let digit = 0; digit < DIGITS; digit++) {
    const starts = sizes.subarray(digit * BUCKETS, (digit + 1) * BUCKETS)
    if (!toStarts(starts, count)) continue
    const wordAt = digit < 3 ? lowAt : highAt
    const shift = (digit % 3) * DIGIT
    for (let i = 0; i < count; i++) {
      const key = places[i]!
      otherPlaces[starts[(words[2 * key + wordAt]! >>> shift) & (BUCKETS - 1)]!++] = key
    }
    ;[places, otherPlaces] = [otherPlaces, places]
  }
  for (let i = 0; i < count; i++) otherPlaces[i] = positions[places[i]!]!
  return otherPlaces
}

/** Makes the places where buckets begin of their sizes; false when one bucket holds everything. */
function toStarts(sizes: Int32Array, count: number): boolean {
  let start = 0
  for (let bucket = 0; bucket < sizes.length; bucket++) {
    const size = sizes[bucket]!
    if (size === count) return false
    sizes[bucket] = start
    start += size
  }
  return true
}

function isAscending(keys: Float64Array, from: number, to: number): boolean {
  for (let i = from + 1; i < to; i++) if (keys[i]! < keys[i - 1]!) return false
  return true
}

function insertionSort(keys: Float64Array, positions: Int32Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const key = keys[i]!
    const position = positions[i]!
    let at = i
    while (at > from && keys[at - 1]! > key) {
      keys[at] = keys[at - 1]!
      positions[at] = positions[at - 1]!
      at--
    }
    keys[at] = key
    positions[at] = position
  }
}

/** Merges the sorted runs `from .. middle` and `middle .. to` into the same places of the target; the left one wins ties. */
function merge(
  keys: Float64Array,
  positions: Int32Array,
  from: number,
  middle: number,
  to: number,
  targetKeys: Float64Array,
  targetPositions: Int32Array,
): void {
  if (middle >= to || keys[middle - 1]! <= keys[middle]!) {
    targetKeys.set(keys.subarray(from, to), from)
    targetPositions.set(positions.subarray(from, to), from)
    return
  }
  let [left, right] = [from, middle]
  for (let at = from; at < to; at++) {
    if (right >= to || (left < middle && keys[left]! <= keys[right]!)) {
      targetKeys[at] = keys[left]!
      targetPositions[at] = positions[left++]!
    } else {
      targetKeys[at] = keys[right]!
      targetPositions[at] = positions[right++]!
    }
  }
}

/**
 * The element that would stand at `place` if the first `count` values, none of them NaN, were sorted. Rearranges them.
 * Quickselect with the median of three as pivot; what does not shrink quickly enough is sorted instead.
 */
export function selectPlace(values: Float64Array, count: number, place: number): number {
  let [from, to] = [0, count - 1]
  for (let rounds = 2 * Math.ceil(Math.log2(count + 1)); from < to; rounds--) {
    if (rounds === 0) {
      values.subarray(from, to + 1).sort()
      return values[place]!
    }
    const pivot = middleOf(values[from]!, values[(from + to) >> 1]!, values[to]!)
    let [low, high] = [from, to]
    while (low <= high) {
      while (values[low]! < pivot) low++
      while (values[high]! > pivot) high--
      if (low > high) break
      const value = values[low]!
      values[low++] = values[high]!
      values[high--] = value
    }
    if (place <= high) to = high
    else if (place >= low) from = low
    else return values[place]!
  }
  return values[place]!
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}

/**
 * How many elements of an ascending line come before `value`: those that are smaller, or, for `right`, those that are not
 * greater.
 */
export function insertionPlace(
  count: number,
  sorted: TypedArray,
  at: number,
  step: number,
  value: number,
  right: boolean,
): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >>> 1
    const element = sorted[at + middle * step]!
    const isBefore = Number.isNaN(value)
      ? right || !Number.isNaN(element)
      : right
        ? element <= value
        : element < value
    if (isBefore) low = middle + 1
    else high = middle
  }
  return low
}
