/** Why a gradient check failed: the worst entry, its difference quotients, and what they show. */

import { topologicalOrder } from '@adjoint/core/engine'
import type { Tensor } from '@adjoint/core/functional'
import { constantRatio } from './backpropHints.ts'
import {
  centralQuotient,
  type OneSidedSlopes,
  scanSteps,
  slopeAtZero,
  stairHeight,
} from './differenceQuotient.ts'
import { epsilonOf, flatDistance, indexAt, largest } from './distance.ts'
import {
  alongDirection,
  dot,
  dotAll,
  functionAlong,
  type GradientProblem,
  type LeafValues,
  pullBack,
  pushForwardAlong,
  record,
  tensorLike,
  valuesOf,
} from './gradientProblem.ts'
import { type Diagnosis, type GradientFailure, type GradientMode, nameOfInput } from './gradientReport.ts'
import { alongEntry, type Entry, type EntrySlope, entryKink, entrySlope, lengthsOf } from './singleEntry.ts'
import { formatNumber } from './text.ts'

/** The check to explain. */
export interface FailedCheck {
  readonly mode: 'reverse' | 'forward'
  readonly u: Float64Array
  readonly v: LeafValues
  /** The entry that moved alone, when one did. */
  readonly entry?: Entry | undefined
  readonly output: Tensor
  /** Whether the tolerance was given, and so may be tighter than quotients are. */
  readonly literal: boolean
}

/** Above this many entries the search starts with halves of the inputs, not with single entries. */
const SEARCHED = 256

/** A failure that no single entry is to blame for. */
export function plainFailure(
  problem: GradientProblem,
  mode: GradientMode,
  diagnosis: Diagnosis,
  explanation: string,
): GradientFailure {
  const { order } = problem
  const unknown = {
    input: undefined,
    index: undefined,
    expected: undefined,
    got: undefined,
    slopes: undefined,
  }
  return { order, mode, diagnosis, explanation, ...unknown, weighted: false, scan: [] }
}

/** Finds the worst entry and says what is wrong with it. */
export function explainFailure(problem: GradientProblem, failed: FailedCheck): GradientFailure {
  const { mode, u } = failed
  const gradient = mode === 'reverse' ? pullBack(problem, tensorLike(failed.output, u)) : undefined
  const gotAlong = (v: LeafValues): number =>
    gradient === undefined ? dot(u, pushForwardAlong(problem, v)) : dotAll(gradient, v)
  const entries = narrow(problem, failed, gotAlong)
  const got = Float64Array.from(entries, entry => gotAlong(alongEntry(problem, entry, 1)))
  const expected = Float64Array.from(entries, entry => quickQuotient(problem, u, entry))
  const { worst, slope } = worstEntry(problem, failed, entries, got, expected)
  const entry = entries[worst]!
  const slopes = entryKink(slope)
  const evidence = { problem, failed, entries, entry, got, expected, worst, slope, slopes }
  const { diagnosis, explanation } = diagnose(evidence)
  return {
    order: problem.order,
    mode,
    diagnosis,
    explanation,
    input: problem.paths[entry.leaf]!,
    index: indexAt(problem.leaves[entry.leaf]!.shape, entry.position),
    expected: slope.value,
    got: got[worst]!,
    weighted: u.length > 1,
    scan: scanSteps(functionAlong(problem, u, alongEntry(problem, entry, 1)), scanUnit(problem, entry)),
    slopes,
  }
}

/** A power of ten at the size of the entry, at most 1: steps from there on do not leave its domain. */
function scanUnit(problem: GradientProblem, { leaf, position }: Entry): number {
  const [length] = lengthsOf(valuesOf(problem.leaves[leaf]!), position)
  return Math.min(1, 10 ** Math.ceil(Math.log10(length!)))
}

/** So many entries at most are measured with care in search of the worst one. */
const MEASURED = 8

/**
 * Where the derivatives found are farthest from the quotients: the entry that moved alone, or the one that still looks
 * worst after its quick quotient in `expected` was replaced by a careful one.
 */
function worstEntry(
  problem: GradientProblem,
  { u, entry }: FailedCheck,
  entries: readonly Entry[],
  got: Float64Array,
  expected: Float64Array,
): { readonly worst: number; readonly slope: EntrySlope } {
  const measured = new Map<number, EntrySlope>()
  const alone = entries.findIndex(({ leaf, position }) => leaf === entry?.leaf && position === entry.position)
  for (;;) {
    const worst = alone >= 0 ? alone : flatDistance(got, expected, 'float64').worst
    const known = measured.get(worst)
    if (known !== undefined) return { worst, slope: known }
    const slope = entrySlope(problem, u, entries[worst]!)
    expected[worst] = slope.value
    measured.set(worst, slope)
    if (measured.size === MEASURED) return { worst, slope }
  }
}

interface Evidence {
  readonly problem: GradientProblem
  readonly failed: FailedCheck
  readonly entries: readonly Entry[]
  readonly entry: Entry
  /** Derivatives found, and difference quotients, of all `entries`. */
  readonly got: Float64Array
  readonly expected: Float64Array
  readonly worst: number
  readonly slope: EntrySlope
  readonly slopes: OneSidedSlopes | undefined
}

function diagnose(evidence: Evidence): { diagnosis: Diagnosis; explanation: string } {
  const { problem, failed, entry, worst, slope, slopes } = evidence
  const found = evidence.got[worst]!
  const wanted = slope.value
  const gap = Math.abs(found - wanted)
  const size = Math.max(Math.abs(found), Math.abs(wanted))
  // Of the function along the entry, as the slope is per unit of it.
  const magnitude = slope.line.magnitude / slope.length
  if (!Number.isFinite(found)) {
    return {
      diagnosis: 'not finite',
      explanation: `the derivative is ${found} where the function is smooth: look for 0/0, ∞ − ∞ or 0 · ∞ in its rule.`,
    }
  }
  const isClose = gap <= 10 * slope.error + 1e-9 * size || (!failed.literal && gap <= 1e-6 * size)
  if (slopes !== undefined && !isClose) {
    const between = (found - slopes.left) * (found - slopes.right) <= 0
    return {
      diagnosis: 'kink crossed',
      explanation:
        'the function bends at this very entry, so there is no derivative to compare with; ' +
        (between
          ? 'what was found lies between the slopes of the two sides. Check at a point away from the kink.'
          : 'what was found lies not even between the slopes of the two sides.'),
    }
  }
  const stairs = stairsAt(evidence)
  const isSettled = slope.error <= 1e-3 * Math.abs(wanted) + 1e-6 * magnitude
  if (stairs !== undefined && (!isSettled || isClose)) {
    return {
      diagnosis: 'quotient unreliable',
      explanation:
        `the function is not smooth at the scale of rounding: near this entry its values jump by about ${formatNumber(stairs)}, far ` +
        'more than their own rounding, as where digits cancel in (x + 1e8) − 1e8. Write it without the cancellation, or check ' +
        'at larger inputs.',
    }
  }
  if (!isSettled) {
    return {
      diagnosis: 'quotient unreliable',
      explanation:
        'the difference quotient does not settle as the step shrinks, and no kink was found at this entry, so it says nothing ' +
        'about the gradient: the function changes on a much smaller scale than its inputs, or an infinite slope, a jump or the ' +
        'end of the domain is near. Scale the inputs better, or check at another point.',
    }
  }
  if (isClose && !failed.literal && problem.precision === 'float64') {
    return {
      diagnosis: 'quotient unreliable',
      explanation:
        'the gradient agrees with the quotient even in its worst entry, only the quotient of many entries at once is too ' +
        'coarse: the function changes on a much smaller scale than its inputs, or a kink is near. Scale the inputs better, check ' +
        'at another point, or widen the tolerance.',
    }
  }
  if (problem.precision === 'float32' && gap <= 1e-2 * size + 1e-4 * magnitude) {
    return {
      diagnosis: 'float32 precision',
      explanation:
        'the difference is no larger than what float32 arithmetic explains; widen the tolerance or compute in float64.',
    }
  }
  if (isClose) {
    return {
      diagnosis: 'tolerance too tight',
      explanation:
        'the difference is no larger than what a difference quotient can resolve; widen the tolerance.',
    }
  }
  if (found === 0 && !isConnected(problem, entry.leaf)) {
    const name = nameOfInput(problem.paths[entry.leaf]!)
    const what = problem.order === 1 ? 'the result' : 'the gradient'
    return {
      diagnosis: 'no graph',
      explanation:
        `${what} changes with ${name}, but no recorded op leads from it to ${what}: look for detach, noGrad, item(), toArray() ` +
        'or a cast to an integer type on the way.',
    }
  }
  const hints = [patternOf(evidence), otherMode(problem, failed, entry, wanted)].filter(hint => hint !== '')
  return {
    diagnosis: 'wrong derivative',
    explanation: ['the difference quotient settles on another value', ...hints].join('; ').concat('.'),
  }
}

/** The height of the stairs in which the function climbs near the entry, when that is far above its own rounding. */
function stairsAt({ problem, failed, entry }: Evidence): number | undefined {
  if (problem.precision === 'float32') return undefined
  const [own] = lengthsOf(valuesOf(problem.leaves[entry.leaf]!), entry.position)
  const { phi, magnitude } = alongDirection(problem, failed.u, alongEntry(problem, entry, own!))
  const height = stairHeight(phi)
  return height > 1e4 * Number.EPSILON * magnitude ? height : undefined
}

/** What all entries, or the worst one, have in common with the right values. */
function patternOf({ problem, entries, entry, got, expected, worst }: Evidence): string {
  const relative = problem.precision === 'float64' ? 1e-5 : 1e-2
  const isWhole = entries.length === problem.leaves.reduce((total, leaf) => total + leaf.size, 0)
  const everywhere = isWhole ? ' in every entry' : ' in every entry of this input'
  const common = entries.length === 1 ? undefined : constantRatio(got, expected, relative)
  // A factor that the largest entries share explains nothing when the worst entry has another one.
  if (common !== undefined && Math.abs(got[worst]! / expected[worst]! / common - 1) <= 1e-3) {
    return common === -1
      ? `sign flipped: it is −1 times the quotient${everywhere}`
      : `a constant factor: it is ${ratioText(common)} times the quotient${everywhere}`
  }
  const own = entries.flatMap((other, i) => (other.leaf === entry.leaf ? [i] : []))
  if (own.length > 1 && own.length === problem.leaves[entry.leaf]!.size) {
    const sorted = (values: Float64Array): Float64Array => Float64Array.from(own, i => values[i]!).sort()
    const inOrder = flatDistance(sorted(got), sorted(expected), 'float64').maxRel
    if (inOrder <= relative && flatDistance(got, expected, 'float64').maxRel > relative) {
      return 'the right numbers in wrong places: an axis is mixed up, as by a missing transpose or a sum over the wrong axis'
    }
  }
  const rounding =
    10 * Math.cbrt(epsilonOf(problem.precision)) ** 2 * Math.max(largest(expected), largest(got))
  const wrong = own.filter(i => {
    const size = Math.max(Math.abs(got[i]!), Math.abs(expected[i]!))
    return i === worst || !(Math.abs(got[i]! - expected[i]!) <= relative * size + rounding)
  }).length
  const count =
    own.length > 1 ? `${wrong} of the ${own.length} entries looked at in this input are off; ` : ''
  if (got[worst] === 0) return `${count}it is 0 here`
  if (expected[worst] === 0) return `${count}it should be 0 here`
  return `${count}here it is ${ratioText(got[worst]! / expected[worst]!)} times the quotient`
}

/** `2`, `1/2`, `0.731`. */
function ratioText(ratio: number): string {
  const size = Math.abs(ratio)
  const sign = ratio < 0 ? '−' : ''
  const near = (value: number): boolean => Math.abs(value - Math.round(value)) <= 1e-4 * value
  if (size >= 0.9 && near(size)) return `${sign}${Math.round(size)}`
  if (size < 0.9 && near(1 / size)) return `${sign}1/${Math.round(1 / size)}`
  return `${sign}${formatNumber(size)}`
}

/** Whether the other mode gets this entry right: then the mistake is in one of two rules. */
function otherMode(
  problem: GradientProblem,
  { mode, u, output }: FailedCheck,
  entry: Entry,
  wanted: number,
): string {
  const other = mode === 'reverse' ? 'forward' : 'reverse'
  const unit = alongEntry(problem, entry, 1)
  const value =
    other === 'forward'
      ? dot(u, pushForwardAlong(problem, unit))
      : dotAll(pullBack(problem, tensorLike(output, u)), unit)
  const right = Math.abs(value - wanted) <= 1e-3 * Math.abs(wanted)
  return right ? `${other} mode gets it right, so the rule for ${mode} mode is wrong` : ''
}

function isConnected(problem: GradientProblem, leaf: number): boolean {
  const { result, inputs } = record(problem.call, problem.leaves)
  return topologicalOrder([result]).includes(inputs[leaf]!)
}

/** All entries of the inputs that moved, or, of many, the part of them that contributes most to the failure. */
function narrow(
  problem: GradientProblem,
  { u, v, entry }: FailedCheck,
  gotAlong: (v: LeafValues) => number,
): readonly Entry[] {
  let entries: readonly Entry[] = problem.leaves.flatMap((leaf, i) =>
    v[i]!.some(step => step !== 0)
      ? Array.from({ length: leaf.size }, (_, position) => ({ leaf: i, position }))
      : [],
  )
  if (entry !== undefined) {
    const start = Math.max(0, Math.min(entry.position - SEARCHED / 2, entries.length - SEARCHED))
    return entries.slice(start, start + SEARCHED)
  }
  const gapOf = (part: readonly Entry[]): number => {
    const restricted = v.map(values => new Float64Array(values.length))
    for (const { leaf, position } of part) restricted[leaf]![position] = v[leaf]![position]!
    const line = alongDirection(problem, u, restricted)
    const gap = Math.abs(gotAlong(restricted) - slopeAtZero(line.phi, line).value)
    return Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap
  }
  while (entries.length > SEARCHED) {
    const half = Math.ceil(entries.length / 2)
    const [left, right] = [entries.slice(0, half), entries.slice(half)]
    entries = gapOf(left) >= gapOf(right) ? left : right
  }
  return entries
}

/** Two evaluations: good enough to find the worst entry. */
function quickQuotient(problem: GradientProblem, u: Float64Array, entry: Entry): number {
  const [length] = lengthsOf(valuesOf(problem.leaves[entry.leaf]!), entry.position)
  const phi = functionAlong(problem, u, alongEntry(problem, entry, length!))
  return centralQuotient(phi, Math.cbrt(epsilonOf(problem.precision))) / length!
}
