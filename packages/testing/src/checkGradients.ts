/** Gradients against difference quotients, in both modes and up to the second order, with an explanation of failures. */

import { formatShape, sameShape } from '@adjoint/core/engine'
import {
  ArgumentError,
  flattenTree,
  GraphError,
  noGrad,
  normal,
  onesLike,
  permutation,
  Rng,
  type Tensor,
  type Tree,
} from '@adjoint/core/functional'
import type { Tolerance } from './compareBackprop.ts'
import { quickSlope, type Slope, slopeAtZero } from './differenceQuotient.ts'
import { epsilonOf, flatDistance, indexAt } from './distance.ts'
import { explainFailure, plainFailure } from './gradientDiagnosis.ts'
import {
  alongDirection,
  cancelled,
  dot,
  dotAll,
  functionAlong,
  type GradientProblem,
  gradientProblem,
  type LeafValues,
  prepareProblem,
  pullBack,
  pushForwardAlong,
  sizeAll,
  sizeOfDot,
  tensorLike,
  valuesOf,
} from './gradientProblem.ts'
import {
  type GradientCheck,
  GradientCheckError,
  GradientCheckReport,
  type GradientFailure,
  nameOfEntry,
  nameOfInput,
} from './gradientReport.ts'
import { alongEntry, type Entry, entrySlope, lengthAtZero, lengthsOf } from './singleEntry.ts'
import { formatIndex, formatNumber } from './text.ts'

/** Settings of {@link checkGradients}. */
export interface CheckGradientsOptions {
  /** 2 also checks second derivatives: reverse over reverse and forward over reverse. Default 1. */
  readonly order?: 1 | 2
  /** Which modes to check. Default both, and then that they are adjoint to each other. */
  readonly modes?: readonly ('reverse' | 'forward')[]
  /**
   * Default relative 1e-6 (1e-2 for functions that compute in float32), plus the error of the difference quotient itself.
   * A tolerance that is given is taken literally, but for the quotient's error where one input or one entry moves alone.
   */
  readonly tolerance?: Tolerance
  /** Seed of the random directions and of the sample of entries. Default 0. */
  readonly seed?: number
  /** Number of random directions in which all inputs move at once. Default 3. */
  readonly directions?: number
  /** `false` returns the report of a failure instead of throwing it. Default true. */
  readonly throws?: boolean
}

const OP = 'checkGradients'
/** What moves in a random direction of all inputs. */
const EVERYTHING = 'all inputs'

/**
 * Checks the gradients of `f` at a tree of tensors (one tensor, or arrays and records of them) against difference
 * quotients. `f` may return a tensor of any shape. Integer tensors of the tree are held fixed.
 *
 * Three kinds of directions are checked: random ones in which all inputs move at once; one per input, with the others at
 * rest; and single entries, all of an input of up to 8, otherwise 8 drawn from it. Each derivative is judged by its own size,
 * as far as quotients resolve it, so an input or a sampled entry that contributes little is checked as well as the others.
 *
 * For random v and u: ⟨u, f(x + hv) − f(x − hv)⟩ / 2h against ⟨Jᵀu, v⟩ (reverse mode) and ⟨u, Jv⟩ (forward mode), extrapolated
 * to h = 0; and the two against each other. Order 2 asks the same of the function x → Jᵀ(x) u. Float32 inputs are copied to
 * float64 first, so that errors of 1e-6 are seen.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { checkGradients } from '@adjoint/testing'
 * const inputs = { w: tensor([[1, 2], [3, 4]]), x: tensor([0.5, -1]) }
 * checkGradients(({ w, x }) => w.matmul(x).tanh(), inputs, { order: 2 }).passes // => true
 * const report = checkGradients(({ x }) => x.mul(x.detach()), inputs, { throws: false })
 * report.failure?.diagnosis // => 'wrong derivative'
 * report.failure?.explanation.includes('1/2 times') // => true
 * ```
 * @throws GradientCheckError when a gradient is wrong; its message names the mode, the entry and the likely cause.
 * @throws ArgumentError when `f` does not return a tensor; DTypeError when the tree has no floating tensor.
 */
export function checkGradients<T extends Tree>(
  f: (tree: T) => Tensor,
  inputs: T,
  options: CheckGradientsOptions = {},
): GradientCheckReport {
  const report = runChecks(f as (tree: Tree) => Tensor, inputs, options)
  if (report.failure !== undefined && options.throws !== false) {
    throw new GradientCheckError(report, report.failure)
  }
  return report
}

function runChecks(
  f: (tree: Tree) => Tensor,
  inputs: Tree,
  options: CheckGradientsOptions,
): GradientCheckReport {
  const { order = 1, seed = 0, directions = 3, modes = ['reverse', 'forward'] } = options
  if (modes.length === 0 || !Number.isInteger(directions) || directions < 1) {
    throw new ArgumentError(OP, 'needs at least one mode and at least one direction.')
  }
  const { problem, output, notes } = prepareProblem(f, inputs)
  const checks: GradientCheck[] = []
  const reportOf = (failure: GradientFailure | undefined): GradientCheckReport =>
    new GradientCheckReport(checks, failure, problem.precision, notes)
  const early = impureOrConstant(problem, output)
  if (early !== undefined) return reportOf(early)
  const rng = new Rng(seed)
  const settings = { modes, tolerance: options.tolerance }
  for (let k = 0; k < directions; k++) {
    const failure = checkDirection(problem, output, settings, rng, checks)
    if (failure !== undefined) return reportOf(failure)
  }
  const partial = checkParts(problem, output, settings, rng, checks)
  if (partial !== undefined) return reportOf(partial)
  notes.push(...inaccurateInFloat32(problem, inputs, output))
  if (order === 1) return reportOf(undefined)
  for (let k = 0; k < directions; k++) {
    const cotangent = tensorLike(output, weightsFor(output, rng))
    const second = gradientProblem(problem, cotangent)
    const gradient = attempt(second, 'reverse', () => noGrad(() => second.call(second.leaves)))
    if ('failure' in gradient) return reportOf(gradient.failure)
    const failure =
      checkDirection(second, gradient.value, settings, rng, checks) ??
      (k === 0 ? checkParts(second, gradient.value, settings, rng, checks) : undefined)
    if (failure !== undefined) return reportOf(failure)
  }
  return reportOf(undefined)
}

/** Weights of the entries of the result: random, so that none is overlooked; 1 for a single number. */
function weightsFor(output: Tensor, rng: Rng): Float64Array {
  if (output.size === 1) return Float64Array.of(1)
  return normal(rng, [output.size], { dtype: 'float64' }).data() as Float64Array
}

/** Failures that make every further check meaningless. */
function impureOrConstant(problem: GradientProblem, output: Tensor): GradientFailure | undefined {
  const again = noGrad(() => problem.call(problem.leaves))
  const first = valuesOf(output)
  const second = valuesOf(again)
  const differs = first.findIndex((value, i) => !Object.is(value, second[i]))
  if (!sameShape(output.shape, again.shape) || differs >= 0) {
    const what = sameShape(output.shape, again.shape)
      ? `entry ${differs} of the result is ${first[differs]} and then ${second[differs]}`
      : `the result has shape ${formatShape(output.shape)} and then ${formatShape(again.shape)}`
    return plainFailure(
      problem,
      'reverse',
      'not a pure function',
      `two evaluations at the same point differ: ${what}. Seed the randomness inside the function, so that it draws the same numbers each time.`,
    )
  }
  if (output.dtype === 'int32' || output.dtype === 'bool') {
    return plainFailure(
      problem,
      'reverse',
      'not differentiable',
      `the result has dtype ${output.dtype}; only float32 and float64 carry gradients.`,
    )
  }
  if (first.some(value => !Number.isFinite(value))) {
    return plainFailure(
      problem,
      'reverse',
      'not finite',
      `the function itself is ${first.find(value => !Number.isFinite(value))} at this point; check it where it is finite.`,
    )
  }
  if (!output.requiresGrad && output.size > 0) {
    return plainFailure(
      problem,
      'reverse',
      'no graph',
      'the result is not connected to the inputs: it does not depend on them, or the way was cut by detach, noGrad, item(), ' +
        'toArray(), a comparison, or a cast to an integer type.',
    )
  }
  return undefined
}

interface CheckSettings {
  readonly modes: readonly ('reverse' | 'forward')[]
  readonly tolerance: Tolerance | undefined
}

/** All checks in one random direction of all inputs; the first failure, explained. */
function checkDirection(
  problem: GradientProblem,
  output: Tensor,
  { modes, tolerance }: CheckSettings,
  rng: Rng,
  checks: GradientCheck[],
): GradientFailure | undefined {
  const { order, precision } = problem
  const u = weightsFor(output, rng)
  const v = problem.leaves.map(leaf => directionFor(valuesOf(leaf), rng))
  const line = alongDirection(problem, u, v)
  const { magnitude } = line
  const slope = slopeAtZero(line.phi, line)
  const got: Partial<Record<'reverse' | 'forward', { value: number; size: number }>> = {}
  for (const mode of modes) {
    const attempted = attempt(problem, mode, () => {
      if (mode === 'forward') {
        const tangent = pushForwardAlong(problem, v)
        return { value: dot(u, tangent), size: sizeOfDot(u, tangent) }
      }
      const gradient = pullBack(problem, tensorLike(output, u))
      return { value: dotAll(gradient, v), size: sizeAll(gradient, v) }
    })
    if ('failure' in attempted) return attempted.failure
    const { value, size } = attempted.value
    got[mode] = attempted.value
    const scale = Math.max(size, Math.abs(slope.value))
    const allowed =
      tolerance === undefined ? defaultAllowance(problem, scale, slope, magnitude) : literal(tolerance, scale)
    const passes = Math.abs(value - slope.value) <= allowed
    checks.push({ order, mode, along: EVERYTHING, expected: slope.value, got: value, allowed, passes })
    if (!passes) return explainFailure(problem, { mode, u, v, output, literal: tolerance !== undefined })
  }
  const { reverse, forward } = got
  if (reverse === undefined || forward === undefined) return undefined
  const rounding = precision === 'float64' ? 1e-10 : 1e-3
  const noise = 64 * (line.noise + cancelled(u, v, epsilonOf(precision)))
  const allowed = rounding * (reverse.size + forward.size) + noise
  const passes = Math.abs(forward.value - reverse.value) <= allowed
  checks.push({
    order,
    mode: 'adjoint',
    along: EVERYTHING,
    expected: reverse.value,
    got: forward.value,
    allowed,
    passes,
  })
  if (passes) return undefined
  return {
    ...plainFailure(
      problem,
      'adjoint',
      'wrong derivative',
      `reverse mode gives ${reverse.value}, forward mode ${forward.value}; they are the same number but for rounding. Both are ` +
        'within the tolerance of the difference quotient: one of the two rules is slightly off.',
    ),
    expected: reverse.value,
    got: forward.value,
  }
}

/** One input, or one entry of it, that moves while everything else is at rest. */
interface Part {
  readonly along: string
  readonly v: LeafValues
  readonly entry: Entry | undefined
}

/** At most so many entries of each input are checked one by one. */
const SAMPLED = 8

/** Each input by itself, and a sample of its entries; without what the directions of all inputs have covered. */
function partsOf(problem: GradientProblem, rng: Rng): Part[] {
  const { leaves, paths } = problem
  return leaves.flatMap((leaf, i) => {
    const [values, path] = [valuesOf(leaf), paths[i]!]
    const alone = (direction: Float64Array): LeafValues =>
      leaves.map((other, k) => (k === i ? direction : new Float64Array(other.size)))
    const whole = { along: nameOfInput(path), v: alone(directionFor(values, rng)), entry: undefined }
    const sample = leaf.size <= SAMPLED ? Int32Array.from(values.keys()) : permutation(rng, leaf.size)
    const single = Array.from(sample.subarray(0, SAMPLED), position => {
      const entry = { leaf: i, position }
      const along = nameOfEntry(path, indexAt(leaf.shape, position))
      return { along, v: alongEntry(problem, entry, lengthsOf(values, position)[0]!), entry }
    })
    if (leaf.size === 1) return leaves.length === 1 ? [] : single
    return leaves.length === 1 ? single : [whole, ...single]
  })
}

/**
 * The same of each input and of single entries, so that nothing hides behind larger terms; the first failure, explained.
 * Here a quotient that does not settle is an excuse: the derivative may be far smaller than the rounding of the function.
 */
function checkParts(
  problem: GradientProblem,
  output: Tensor,
  { modes, tolerance }: CheckSettings,
  rng: Rng,
  checks: GradientCheck[],
): GradientFailure | undefined {
  const { order, precision } = problem
  const u = weightsFor(output, rng)
  const gradient = modes.includes('reverse') ? pullBack(problem, tensorLike(output, u)) : []
  const everywhere = problem.leaves.map(leaf => directionFor(valuesOf(leaf), rng))
  const { noise } = alongDirection(problem, u, everywhere)
  for (const { along, v, entry } of partsOf(problem, rng)) {
    // Four evaluations confirm most derivatives; only the others are worth a quotient with an error estimate.
    const quick = precision === 'float64' ? quickSlope(functionAlong(problem, u, v)) : Number.NaN
    let careful: Slope | undefined
    for (const mode of modes) {
      const tangent = mode === 'forward' ? pushForwardAlong(problem, v) : undefined
      const value = tangent === undefined ? dotAll(gradient, v) : dot(u, tangent)
      const size = tangent === undefined ? sizeAll(gradient, v) : sizeOfDot(u, tangent)
      const literally = (scale: number): number =>
        tolerance === undefined ? relativeDefault(problem) * scale : literal(tolerance, scale)
      let expected = quick
      let allowed = literally(Math.max(size, Math.abs(quick)))
      if (!(Math.abs(value - quick) <= allowed)) {
        careful ??= slopeOfPart(problem, u, { v, entry }, noise)
        expected = careful.value
        allowed = literally(Math.max(size, Math.abs(expected))) + 10 * careful.error
      }
      const passes = Math.abs(value - expected) <= allowed
      checks.push({ order, mode, along, expected, got: value, allowed, passes })
      if (!passes) {
        return explainFailure(problem, { mode, u, v, entry, output, literal: tolerance !== undefined })
      }
    }
  }
  return undefined
}

function slopeOfPart(
  problem: GradientProblem,
  u: Float64Array,
  { v, entry }: Pick<Part, 'v' | 'entry'>,
  noise: number,
): Slope {
  if (entry === undefined) {
    const line = alongDirection(problem, u, v)
    return slopeAtZero(line.phi, { ...line, noise: Math.max(noise, line.noise) })
  }
  const { value, error } = entrySlope(problem, u, entry, noise)
  const length = v[entry.leaf]![entry.position]!
  return { value: value * length, error: error * length }
}

function relativeDefault({ precision }: GradientProblem): number {
  return precision === 'float64' ? 1e-6 : 1e-2
}

/** The estimate of the quotient's own error counts, within limits: a quotient that does not settle is no excuse. */
function defaultAllowance(problem: GradientProblem, scale: number, slope: Slope, magnitude: number): number {
  const limit =
    problem.precision === 'float64' ? 1e-3 * scale + 1e-8 * magnitude : 0.1 * scale + 1e-3 * magnitude
  return relativeDefault(problem) * scale + Math.min(10 * slope.error, limit)
}

function literal({ relative = 0, absolute = 0 }: Tolerance, scale: number): number {
  return relative * scale + absolute
}

/** A remark when the gradient is right in float64 and yet inaccurate in the float32 of the inputs. */
function inaccurateInFloat32(problem: GradientProblem, inputs: Tree, output: Tensor): string[] {
  const originals = flattenTree(OP, inputs).leaves.filter(x => x.dtype === 'float32' || x.dtype === 'float64')
  const { paths, precision, call } = problem
  if (precision === 'float32' || originals.every(x => x.dtype === 'float64')) return []
  const exact = pullBack(problem, onesLike(output))
  const narrow = { ...problem, leaves: originals }
  const single = pullBack(narrow, onesLike(noGrad(() => call(originals))))
  return single.flatMap((gradient, i) => {
    const { maxRel, worst } = flatDistance(gradient, exact[i]!, 'float32')
    if (maxRel <= 1e-3) return []
    const name = nameOfInput(paths[i]!)
    const at = formatIndex(indexAt(originals[i]!.shape, worst))
    return [
      `the rule is right, but in float32 the gradient of ${name} is ${formatNumber(gradient[worst]!)} at ${at} where float64 gives ` +
        `${formatNumber(exact[i]![worst]!)}: digits cancel on the way`,
    ]
  })
}

/** Random numbers in proportion to the entries, so that one step length suits them all. */
function directionFor(x: Float64Array, rng: Rng): Float64Array {
  const random = normal(rng, [x.length], { dtype: 'float64' }).data()
  const atZero = lengthAtZero(x)
  return x.map((value, i) => random[i]! * (value === 0 ? atZero : Math.abs(value)))
}

/** Runs a derivative; an error of the graph becomes a failure that says so. */
function attempt<Result>(
  problem: GradientProblem,
  mode: 'reverse' | 'forward',
  run: () => Result,
): { readonly value: Result } | { readonly failure: GradientFailure } {
  try {
    return { value: run() }
  } catch (error) {
    if (!(error instanceof GraphError)) throw error
    return { failure: plainFailure(problem, mode, 'not differentiable', error.message) }
  }
}
