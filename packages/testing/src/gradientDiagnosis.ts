/** Why a gradient check failed: the worst entry, its difference quotients, and what they show. */

import { topologicalOrder } from '@adjoint/core/engine'
import type { Tensor } from '@adjoint/core/functional'
import { constantRatio } from './backpropHints.ts'
import {
  centralQuotient,
  kinkAtZero,
  type OneSidedSlopes,
  type Slope,
  scanSteps,
  slopeAtZero,
} from './differenceQuotient.ts'
import { epsilonOf, flatDistance, indexAt, largest } from './distance.ts'
import {
  alongDirection,
  dot,
  dotAll,
  type GradientProblem,
  type LeafValues,
  pullBack,
  pushForwardAlong,
  record,
  tensorLike,
  valuesOf,
} from './gradientProblem.ts'
import type { Diagnosis, GradientFailure, GradientMode } from './gradientReport.ts'
import { formatNumber } from './text.ts'

/** The check to explain. */
export interface FailedCheck {
  readonly mode: 'reverse' | 'forward'
  readonly u: Float64Array
  readonly v: LeafValues
  readonly output: Tensor
}

/** One number of the inputs. */
interface Entry {
  readonly leaf: number
  readonly position: number
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
  const got = Float64Array.from(entries, entry => gotAlong(unitAt(problem, entry, 1)))
  const expected = Float64Array.from(entries, entry => quickQuotient(problem, u, entry))
  const { worst } = flatDistance(got, expected, 'float64')
  const entry = entries[worst]!
  const line = alongDirection(problem, u, unitAt(problem, entry, 1))
  const slope = entrySlope(problem, u, entry)
  const slopes = kinkAtZero(line.phi, line)
  expected[worst] = slope.value
  const evidence = {
    problem,
    failed,
    entries,
    entry,
    got,
    expected,
    worst,
    slope,
    slopes,
    magnitude: line.magnitude,
  }
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
    scan: scanSteps(line.phi),
    slopes,
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
  readonly slope: Slope
  readonly slopes: OneSidedSlopes | undefined
  readonly magnitude: number
}

function diagnose(evidence: Evidence): { diagnosis: Diagnosis; explanation: string } {
  const { problem, failed, entry, worst, slope, slopes, magnitude } = evidence
  const found = evidence.got[worst]!
  const wanted = slope.value
  const gap = Math.abs(found - wanted)
  const size = Math.max(Math.abs(found), Math.abs(wanted))
  if (!Number.isFinite(found)) {
    return {
      diagnosis: 'not finite',
      explanation: `the derivative is ${found} where the function is smooth: look for 0/0, ∞ − ∞ or 0 · ∞ in its rule.`,
    }
  }
  if (slopes !== undefined) {
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
  const isSettled = slope.error <= 1e-3 * Math.abs(wanted) + 1e-6 * magnitude
  if (!isSettled) {
    return {
      diagnosis: 'kink crossed',
      explanation:
        'the difference quotient does not settle as the step shrinks: a kink, a jump or the end of the domain is near. Check at another point.',
    }
  }
  if (problem.precision === 'float32' && gap <= 1e-2 * size + 1e-4 * magnitude) {
    return {
      diagnosis: 'float32 precision',
      explanation:
        'the difference is no larger than what float32 arithmetic explains; widen the tolerance or compute in float64.',
    }
  }
  if (gap <= 10 * slope.error + 1e-9 * size) {
    return {
      diagnosis: 'tolerance too tight',
      explanation:
        'the difference is no larger than what a difference quotient can resolve; widen the tolerance.',
    }
  }
  if (found === 0 && !isConnected(problem, entry.leaf)) {
    const name = problem.paths[entry.leaf] === '' ? 'the input' : `'${problem.paths[entry.leaf]}'`
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

/** What all entries, or the worst one, have in common with the right values. */
function patternOf({ problem, entries, entry, got, expected, worst }: Evidence): string {
  const relative = problem.precision === 'float64' ? 1e-5 : 1e-2
  const everywhere = entries.length === 1 ? '' : ' in every entry'
  const common = constantRatio(got, expected, relative)
  if (common === -1) return `sign flipped: it is −1 times the quotient${everywhere}`
  if (common !== undefined)
    return `a constant factor: it is ${ratioText(common)} times the quotient${everywhere}`
  const own = entries.flatMap((other, i) => (other.leaf === entry.leaf ? [i] : []))
  if (own.length > 1 && own.length === problem.leaves[entry.leaf]!.size) {
    const sorted = (values: Float64Array): Float64Array => Float64Array.from(own, i => values[i]!).sort()
    const { maxRel } = flatDistance(sorted(got), sorted(expected), 'float64')
    if (maxRel <= relative) {
      return 'the right numbers in wrong places: an axis is mixed up, as by a missing transpose or a sum over the wrong axis'
    }
  }
  const scale = relative * Math.max(largest(expected), largest(got))
  const wrong = own.filter(i => !(Math.abs(got[i]! - expected[i]!) <= scale)).length
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
  const unit = unitAt(problem, entry, 1)
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

/** All entries, or, of many, the part of them that contributes most to the failure. */
function narrow(
  problem: GradientProblem,
  { u, v }: FailedCheck,
  gotAlong: (v: LeafValues) => number,
): readonly Entry[] {
  let entries: readonly Entry[] = problem.leaves.flatMap((leaf, i) =>
    Array.from({ length: leaf.size }, (_, position) => ({ leaf: i, position })),
  )
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

/** The direction of one entry, with a given length. */
function unitAt(problem: GradientProblem, { leaf, position }: Entry, length: number): LeafValues {
  return problem.leaves.map((x, i) => {
    const direction = new Float64Array(x.size)
    if (i === leaf) direction[position] = length
    return direction
  })
}

/** The size of an entry, in proportion to which it is moved. */
function lengthOf(problem: GradientProblem, { leaf, position }: Entry): number {
  const values = valuesOf(problem.leaves[leaf]!)
  const rms = Math.sqrt(dot(values, values) / values.length)
  return rms === 0 ? 1 : Math.max(Math.abs(values[position]!), rms / 100)
}

function entrySlope(problem: GradientProblem, u: Float64Array, entry: Entry): Slope {
  const length = lengthOf(problem, entry)
  const line = alongDirection(problem, u, unitAt(problem, entry, length))
  const { value, error } = slopeAtZero(line.phi, line)
  return { value: value / length, error: error / length }
}

/** Two evaluations: good enough to find the worst entry. */
function quickQuotient(problem: GradientProblem, u: Float64Array, entry: Entry): number {
  const length = lengthOf(problem, entry)
  const { phi } = alongDirection(problem, u, unitAt(problem, entry, length))
  return centralQuotient(phi, Math.cbrt(epsilonOf(problem.precision))) / length
}
