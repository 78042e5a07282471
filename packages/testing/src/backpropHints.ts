/** What kind of mistake a hand-derived gradient shows, told from the numbers. */

import { formatShape, sizeOf } from '@adjoint/core/engine'
import { flatDistance, gradientDistance, indexAt, largest } from './distance.ts'
import type { ReadNumbers } from './numbers.ts'
import { formatIndex, formatNumber } from './text.ts'

/** What hints are told from. `autodiff` is the reference, in the shape `shape`. */
export interface HintInputs {
  readonly manual: ReadNumbers
  readonly autodiff: Float64Array
  readonly shape: readonly number[]
  /** Largest relative difference that counts as equal. */
  readonly relative: number
  /** Sizes that occur in the graph: the number of examples is one of them. */
  readonly sizes: ReadonlySet<number>
}

/** The mistake that explains shapes which do not fit: transposed, or not summed over an axis. */
export function shapeHint(inputs: HintInputs): string {
  const { manual, autodiff, shape, relative } = inputs
  const shapes = `manual has shape ${formatShape(manual.shape)}, autodiff ${formatShape(shape)}`
  if (manual.shape.length === 2 && shape.length === 2 && isTransposed(manual.shape, shape)) {
    const { maxRel } = gradientDistance(transposed(manual.data, manual.shape), autodiff, 'float64')
    return maxRel <= relative
      ? `transposed: ${shapes}; its transpose agrees.`
      : `transposed: ${shapes}; and its transpose has other values too.`
  }
  for (let axis = 0; axis < manual.shape.length; axis++) {
    const rest = manual.shape.filter((_, k) => k !== axis)
    const fits = squeezed(rest).join() === squeezed(shape).join()
    if (!fits || manual.shape[axis] === 1) continue
    const ratio = constantRatio(sumOver(manual.data, manual.shape, axis), autodiff, relative)
    const start = `not summed over the examples: ${shapes}; its sum over axis ${axis}`
    if (ratio === undefined) return `${start} has the right shape but other values.`
    return ratio === 1 ? `${start} agrees.` : `${start} is ${factor(ratio, inputs.sizes)}`
  }
  return `${shapes}: these numbers cannot be compared entry by entry.`
}

/** The mistake that explains values which differ; `undefined` when none of the known ones does. */
export function valueHint(inputs: HintInputs): string | undefined {
  const { manual, autodiff, shape, relative, sizes } = inputs
  const broken = brokenHint(inputs)
  if (broken !== undefined) return broken
  if (largest(autodiff) === 0) return 'autodiff is 0 everywhere: the loss does not change with this tensor.'
  if (largest(manual.data) === 0) return 'manual is 0 everywhere.'
  const ratio = constantRatio(manual.data, autodiff, relative)
  if (ratio === -1) return 'sign flipped: manual is −1 times autodiff.'
  // Any two numbers have a constant ratio: of a single one, only a factor with a known cause is worth a word.
  if (ratio !== undefined && (autodiff.length > 1 || causeOf(ratio, sizes) !== undefined)) {
    return `constant factor: manual is ${factor(ratio, sizes)}`
  }
  if (shape.length === 2 && shape[0] === shape[1]) {
    const { maxRel } = flatDistance(transposed(manual.data, shape), autodiff, 'float64')
    if (maxRel <= relative) return 'transposed: manual agrees with the transpose of autodiff.'
  }
  const scale = Math.max(largest(autodiff), largest(manual.data))
  const wrong = autodiff.filter((value, i) => Math.abs(value - manual.data[i]!) > relative * scale).length
  return wrong > 0 && wrong < autodiff.length
    ? `${wrong} of ${autodiff.length} entries differ, the others agree.`
    : undefined
}

/** Where the two cannot be compared because one of them, or both, is not finite. */
function brokenHint({ manual, autodiff, shape }: HintInputs): string | undefined {
  const entries = (isBroken: (manual: number, autodiff: number) => boolean): number[] =>
    [...autodiff.keys()].filter(i => isBroken(manual.data[i]!, autodiff[i]!))
  const count = (positions: readonly number[], value: number): string => {
    const place = formatIndex(indexAt(shape, positions[0]!))
    if (autodiff.length === 1) return `the only entry is ${value}`
    return positions.length === 1
      ? `one entry is ${value}, at ${place},`
      : `${positions.length} of ${autodiff.length} entries are not finite, the first is ${value} at ${place},`
  }
  const unknown = entries((left, right) => Number.isNaN(left) && Number.isNaN(right))
  if (unknown.length > 0) {
    return `${count(unknown, Number.NaN)} in both manual and autodiff: nothing can be compared there.`
  }
  const automatic = entries((left, right) => !Number.isFinite(right) && left !== right)
  if (automatic.length > 0) {
    return (
      `${count(automatic, autodiff[automatic[0]!]!)} in autodiff: an op of the graph met the end of its domain, ` +
      'for example log or a division at 0, or computed 0 · ∞.'
    )
  }
  const derived = entries((left, right) => !Number.isFinite(left) && Number.isFinite(right))
  if (derived.length === 0) return undefined
  return (
    `${count(derived, manual.data[derived[0]!]!)} in manual: for example, a literal quotient such as ` +
    '(a − y) / (a (1 − a)) is 0/0 once a has rounded to y.'
  )
}

/** c when `left` is c times `right` up to rounding: the least-squares factor, rounded when it is nearly a whole or 1/whole. */
export function constantRatio(left: Float64Array, right: Float64Array, relative: number): number | undefined {
  if (left.length !== right.length) return undefined
  let product = 0
  let square = 0
  for (let i = 0; i < right.length; i++) {
    product += left[i]! * right[i]!
    square += right[i]! * right[i]!
  }
  const ratio = product / square
  if (!Number.isFinite(ratio) || ratio === 0) return undefined
  const { maxRel } = flatDistance(
    left,
    right.map(value => ratio * value),
    'float64',
  )
  // Entries share the factor's own rounding, so a little more than the tolerance is allowed.
  if (maxRel > 4 * relative) return undefined
  const near = (whole: number): boolean => Math.abs(ratio - whole) <= 8 * relative * Math.abs(ratio)
  if (near(Math.round(ratio))) return Math.round(ratio)
  return near(1 / Math.round(1 / ratio)) ? 1 / Math.round(1 / ratio) : ratio
}

/** `4 times autodiff: a missing 1/m? (4 is the size of an axis in this graph).` */
function factor(ratio: number, sizes: ReadonlySet<number>): string {
  const size = Math.abs(ratio)
  const inverse = inverseOf(size)
  if (!Number.isInteger(size) && inverse === undefined) return `${formatNumber(ratio, 6)} times autodiff.`
  const amount = `${ratio < 0 ? '−' : ''}${inverse === undefined ? size : `1/${inverse}`}`
  const cause = causeOf(ratio, sizes)
  const flipped = ratio < 0 ? ', and its sign is flipped' : ''
  return `${amount} times autodiff${cause === undefined ? '' : `: ${cause}`}${flipped}.`
}

/** The mistake that makes this factor, when one is known. */
function causeOf(ratio: number, sizes: ReadonlySet<number>): string | undefined {
  const size = Math.abs(ratio)
  const inverse = inverseOf(size)
  if (sizes.has(size)) return `a missing 1/m? (${size} is the size of an axis in this graph)`
  if (size === 2) return 'a missing ½?'
  if (inverse === undefined) return undefined
  if (sizes.has(inverse)) {
    return `divided by m once too often, or averaged where a sum belongs? (${inverse} is the size of an axis in this graph)`
  }
  return inverse === 2 ? 'a forgotten factor 2?' : undefined
}

/** n when a size is 1/n of a whole n above 1. */
function inverseOf(size: number): number | undefined {
  const inverse = Math.round(1 / size)
  return inverse > 1 && 1 / inverse === size ? inverse : undefined
}

function isTransposed(left: readonly number[], right: readonly number[]): boolean {
  return left[0] === right[1] && left[1] === right[0]
}

function transposed(data: Float64Array, shape: readonly number[]): Float64Array {
  const [rows, columns] = [shape[0]!, shape[1]!]
  return data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!)
}

/** Without axes of size 1. */
export function squeezed(shape: readonly number[]): readonly number[] {
  return shape.filter(size => size !== 1)
}

function sumOver(data: Float64Array, shape: readonly number[], axis: number): Float64Array {
  const inner = sizeOf(shape.slice(axis + 1))
  const length = shape[axis]!
  const sums = new Float64Array(data.length / Math.max(1, length))
  data.forEach((value, i) => {
    const outer = Math.floor(i / (inner * length))
    sums[outer * inner + (i % inner)]! += value
  })
  return sums
}
