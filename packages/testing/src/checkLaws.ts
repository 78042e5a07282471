/** Holds the laws of differentiation against random calls of a primitive. */

import type { KnownPrimitive, Op } from '@adjoint/core/engine'
import { AdjointError, ArgumentError, Tensor } from '@adjoint/core/functional'
import fc from 'fast-check'
import { type LawCall, lawCalls } from './lawCall.ts'
import { type Law, lawsOf } from './lawSuite.ts'

/** Settings of {@link checkLaws}. */
export interface CheckLawsOptions {
  /** Random calls for each law. Default 100. */
  readonly runs?: number
  /** Seed of fast-check. Default: that of `fc.configureGlobal`, else a new one each time; an error prints it. */
  readonly seed?: number
  /** Names of the laws to check. Default: all that apply. */
  readonly laws?: readonly string[]
}

/** What {@link checkLaws} did. */
export interface LawsReport {
  readonly primitive: string
  readonly laws: readonly string[]
  /** Number of random calls over all laws. */
  readonly cases: number
}

/** A primitive breaks a law. The call is the smallest one that was found to do so. */
export class LawError extends AdjointError {
  readonly primitive: string
  readonly law: string
  /** The smallest call, as text: `relu([1] float64 [0.2])`. */
  readonly call: string
  readonly seed: number

  constructor(primitive: string, law: Law, breach: string, call: string, seed: number) {
    super(
      'checkLaws',
      `'${primitive}' breaks the law '${law.name}'.\n  law        ${law.statement}\n  found      ${breach}\n  call       ${call}\n  again      { seed: ${seed} }`,
    )
    this.primitive = primitive
    this.law = law.name
    this.call = call
    this.seed = seed
  }
}

/**
 * Checks every law of differentiation for an op, or for its primitive, on random calls that its sampler describes:
 * derivatives of first and second order in both modes, broadcasting, memory layouts, empty and 0-d inputs, precision, and
 * what the gradient rule may read.
 *
 * @example
 * ```ts
 * import { cos, sin } from '@adjoint/core'
 * import { unary } from '@adjoint/core/engine'
 * import { checkLaws } from '@adjoint/testing/laws'
 * const mySin = unary({
 *   name: 'mySin',
 *   dtype: 'floating',
 *   loop: (count, x, xAt, xStep, out, outAt, outStep) => {
 *     for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.sin(x[xAt + i * xStep]!)
 *   },
 *   derivative: ({ inputs }) => cos(inputs[0]!),
 *   keeps: 'inputs',
 *   domain: 'real',
 * })
 * checkLaws(mySin, { runs: 20, seed: 1 }).laws.includes('adjoint') // => true
 * ```
 * @throws LawError with the smallest failing call.
 * @throws ArgumentError for a law that does not apply to the primitive, or does not exist.
 */
export function checkLaws(
  subject: KnownPrimitive | Op<(...args: never[]) => Tensor>,
  options: CheckLawsOptions = {},
): LawsReport {
  const primitive = typeof subject === 'function' ? subject.primitive : subject
  const op = typeof subject === 'function' ? subject : undefined
  const laws = chosenLaws(primitive, options.laws)
  const { runs = 100, seed } = options
  const calls = lawCalls(primitive)
  for (const law of laws) {
    const details = fc.check(
      fc.property(calls, call => breachOf(law, call, op) === undefined),
      { numRuns: runs, ...(seed === undefined ? {} : { seed }) },
    )
    if (!details.failed) continue
    const call = details.counterexample![0]
    throw new LawError(primitive.name, law, breachOf(law, call, op)!, call.toString(), details.seed)
  }
  return { primitive: primitive.name, laws: laws.map(law => law.name), cases: runs * laws.length }
}

function chosenLaws(primitive: KnownPrimitive, names: readonly string[] | undefined): readonly Law[] {
  const laws = lawsOf(primitive)
  const unknown = names?.filter(name => !laws.some(law => law.name === name)) ?? []
  if (unknown.length > 0) {
    throw new ArgumentError(
      'checkLaws',
      `no law of '${primitive.name}' is called ${unknown.map(name => `'${name}'`).join(', ')}; there are: ${laws.map(law => law.name).join(', ')}.`,
    )
  }
  return names === undefined ? laws : laws.filter(law => names.includes(law.name))
}

/** What is broken; an op without derivative must besides record nothing when it is called. */
function breachOf(
  law: Law,
  call: LawCall,
  op: ((...args: never[]) => Tensor) | undefined,
): string | undefined {
  try {
    const breach = law.breach(call)
    if (breach !== undefined || law.name !== 'refuses' || op === undefined) return breach
    return recordsNothing(call, op as (...inputs: Tensor[]) => Tensor)
  } catch (error) {
    return `threw ${String(error)}`
  }
}

function recordsNothing(call: LawCall, op: (...inputs: Tensor[]) => Tensor): string | undefined {
  const inputs = call.inputs.map(x => {
    const fresh = new Tensor(
      x.shape as readonly number[],
      x.dtype,
      x.storage,
      x.offset,
      x.strides,
      x.size,
      true,
    )
    fresh.requiresGrad = x.dtype === 'float64'
    return fresh
  })
  return op(...inputs).requiresGrad ? 'the op recorded a call that has no derivative' : undefined
}
