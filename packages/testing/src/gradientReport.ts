/** What a gradient check found, as fields and as a small block of text. */

import { AdjointError } from '@adjoint/core/functional'
import type { OneSidedSlopes, ScannedStep } from './differenceQuotient.ts'
import { formatIndex, formatNumber, showAsText, tableLines } from './text.ts'

/** How a derivative was computed. `adjoint` is the comparison of the two: ⟨u, J v⟩ = ⟨Jᵀ u, v⟩. */
export type GradientMode = 'reverse' | 'forward' | 'adjoint'

/**
 * Why a check fails:
 * - `wrong derivative`: the difference quotient settles on a value, and the gradient is another one;
 * - `kink crossed`: the function bends at the point, its slopes on the two sides differ;
 * - `quotient unreliable`: the quotient does not settle, or the entries agree where their sum seemed not to: it says nothing
 *   about the gradient here;
 * - `float32 precision`: the distance is no larger than what float32 arithmetic explains;
 * - `no graph`: the result changes with an input but is not connected to it, or does not depend on the inputs at all;
 * - `not differentiable`: an op without derivative was recorded, or the result is of an integer type;
 * - `not a pure function`: two evaluations at the same point differ;
 * - `not finite`: a value or a gradient is NaN or infinite;
 * - `tolerance too tight`: the distance is no larger than what a difference quotient can resolve.
 */
export type Diagnosis =
  | 'wrong derivative'
  | 'kink crossed'
  | 'quotient unreliable'
  | 'float32 precision'
  | 'no graph'
  | 'not differentiable'
  | 'not a pure function'
  | 'not finite'
  | 'tolerance too tight'

/** One comparison along one direction. */
export interface GradientCheck {
  readonly order: 1 | 2
  readonly mode: GradientMode
  /** What moved: `'all inputs'`, one input (`"'b'"`), or one entry of it (`"'b' [2]"`). */
  readonly along: string
  /** From the difference quotient; for `adjoint`, ⟨Jᵀ u, v⟩. */
  readonly expected: number
  readonly got: number
  /** Largest accepted |got - expected|. */
  readonly allowed: number
  readonly passes: boolean
}

/** The explanation of a failed check. */
export interface GradientFailure {
  readonly order: 1 | 2
  readonly mode: GradientMode
  readonly diagnosis: Diagnosis
  /** One sentence: what the numbers show. */
  readonly explanation: string
  /** Where the worst entry stands in the tree of inputs: `'layers.0.w'`; empty when the tree is one tensor. */
  readonly input: string | undefined
  /** The worst entry, one position per axis. */
  readonly index: readonly number[] | undefined
  /** The difference quotient of the worst entry, and the derivative that was found instead. */
  readonly expected: number | undefined
  readonly got: number | undefined
  /** Whether these are derivatives of a randomly weighted sum of the result's entries, rather than of its only entry. */
  readonly weighted: boolean
  /** Difference quotients of the worst entry over the step. */
  readonly scan: readonly ScannedStep[]
  /** Slopes on both sides when the function bends at the point. */
  readonly slopes: OneSidedSlopes | undefined
}

/** What {@link checkGradients} returns. */
export class GradientCheckReport {
  readonly checks: readonly GradientCheck[]
  readonly failure: GradientFailure | undefined
  /** The dtype in which the function was computed. */
  readonly precision: 'float32' | 'float64'
  /** Remarks, such as why the check ran in float32. */
  readonly notes: readonly string[]

  constructor(
    checks: readonly GradientCheck[],
    failure: GradientFailure | undefined,
    precision: 'float32' | 'float64',
    notes: readonly string[],
  ) {
    this.checks = checks
    this.failure = failure
    this.precision = precision
    this.notes = notes
  }

  /** Whether every check passed. */
  get passes(): boolean {
    return this.failure === undefined
  }

  /** One line when everything passes, otherwise the block that explains the failure. */
  toString(): string {
    const notes = this.notes.map(note => `\n  note       ${note}`).join('')
    if (this.failure !== undefined) return describeFailure(this.failure) + notes
    const orders = Math.max(1, ...this.checks.map(check => check.order))
    const modes = [...new Set(this.checks.map(check => check.mode))].filter(mode => mode !== 'adjoint')
    return (
      `gradients agree with difference quotients: ${this.checks.length} checks, ${modes.join(' and ')} mode, ` +
      `${orders === 1 ? 'first order' : 'first and second order'}, ${this.precision}${notes}`
    )
  }
}

showAsText(GradientCheckReport.prototype)

/** A gradient does not agree with the function. The fields of {@link failure} say where and why. */
export class GradientCheckError extends AdjointError {
  readonly report: GradientCheckReport
  readonly failure: GradientFailure

  constructor(report: GradientCheckReport, failure: GradientFailure) {
    super('checkGradients', report.toString())
    this.report = report
    this.failure = failure
  }
}

const WHAT: Readonly<Record<GradientMode, string>> = {
  reverse: 'reverse mode (vjp)',
  forward: 'forward mode (jvp)',
  adjoint: 'the adjoint identity ⟨u, J v⟩ = ⟨Jᵀ u, v⟩',
}

/** `'layers.0.w'`, or `the input` when the tree is one tensor. */
export function nameOfInput(path: string): string {
  return path === '' ? 'the input' : `'${path}'`
}

/** `'layers.0.w' [1, 0]` */
export function nameOfEntry(path: string, index: readonly number[]): string {
  return `${nameOfInput(path)} ${formatIndex(index)}`.trimEnd()
}

function describeFailure(failure: GradientFailure): string {
  const { order, mode, diagnosis, explanation, input, index, expected, got, weighted, scan, slopes } = failure
  const lines = [`${WHAT[mode]} fails at order ${order}`]
  const field = (title: string, text: string): void => {
    lines.push(`  ${title.padEnd(10)} ${text}`)
  }
  if (input !== undefined && index !== undefined) field('worst at', nameOfEntry(input, index))
  if (expected !== undefined) {
    const of = weighted ? ' of a random weighting of the result' : ''
    field('expected', `${formatNumber(expected, 9)}  (difference quotient${of})`)
  }
  if (got !== undefined) field('got', formatNumber(got, 9))
  field('diagnosis', `${diagnosis}: ${explanation}`)
  if (slopes !== undefined) {
    field(
      'slopes',
      `${formatNumber(slopes.left, 6)} on the left, ${formatNumber(slopes.right, 6)} on the right`,
    )
  }
  if (scan.length > 0) {
    const rows = scan.map(({ step, quotient }) => [step.toExponential(0), formatNumber(quotient, 9)])
    const table = tableLines(
      [
        { title: 'step', align: 'right' },
        { title: 'quotient', align: 'right' },
      ],
      rows,
    )
    lines.push(...table.map(line => `  ${' '.repeat(10)} ${line}`))
  }
  return lines.join('\n')
}
