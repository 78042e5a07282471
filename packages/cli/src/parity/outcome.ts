/** What came of a case. */
import { AdjointError } from '@adjoint/core'
import type { CaseClass } from './classes.ts'
import type { Engine } from './engine.ts'
import { NotCovered } from './errors.ts'
import type { ParityCase } from './format.ts'
import type { ChoiceKind } from './policy.ts'
import type { Difference } from './tensors.ts'

/** What of a case was compared. */
export type Stage = 'value' | 'first' | 'second' | 'forward'

export type Outcome =
  | { readonly verdict: 'passed'; readonly stages: readonly Stage[] }
  /** A derivative differs where it is a matter of choice, and only there. */
  | {
      readonly verdict: 'convention'
      readonly stages: readonly Stage[]
      readonly differences: readonly string[]
      /** What leaves the choice of the first of them; absent where it is no number. */
      readonly choice?: ChoiceKind
    }
  | { readonly verdict: 'notCovered'; readonly reason: string }
  | { readonly verdict: 'failed'; readonly stages: readonly Stage[]; readonly differences: readonly string[] }

/** One comparison of a case: its stage, and the difference that was found. */
export interface Comparison {
  readonly stage: Stage
  readonly difference: Difference | undefined
}

/** The verdict on comparisons, by the class of their case. */
export function verdictOn(comparisons: readonly Comparison[], caseClass: CaseClass): Outcome {
  const differing = comparisons.filter(({ difference }) => difference !== undefined)
  const stages = [...new Set(comparisons.map(({ stage }) => stage))]
  const differences = differing.map(({ difference }) => `${difference!.what}: ${difference!.message}`)
  if (differing.length === 0) return { verdict: 'passed', stages }
  // Giving no finite number is a way of refusing.
  const refused = ({ difference }: Comparison): boolean => difference!.foundFinite === false
  if (caseClass.optional && differing.every(refused)) {
    return {
      verdict: 'notCovered',
      reason: 'PyTorch has a number at a singular or infinite place; Adjoint has none',
    }
  }
  const { choice } = differing[0]!.difference!
  if (choice !== undefined && differing.every(({ difference }) => difference!.choice !== undefined))
    return { verdict: 'convention', stages, differences, choice }
  return { verdict: 'failed', stages, differences }
}

/** A case that differs by a thrown error; refusing is allowed where the class says so. */
export function verdictOnError(error: unknown, caseClass: CaseClass): Outcome {
  if (error instanceof NotCovered) return { verdict: 'notCovered', reason: error.message }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  if (caseClass.optional && error instanceof AdjointError)
    return { verdict: 'notCovered', reason: 'Adjoint refuses a singular or infinite place' }
  return { verdict: 'failed', stages: [], differences: [`it throws ${text}`] }
}

/** Decides a case of one kind. */
export type Decide = (found: ParityCase, engine: Engine) => Outcome
