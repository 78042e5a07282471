/** `adjoint parity`: reference cases of PyTorch, one by one, by Adjoint. */
import { classOf } from './classes.ts'
import { ENGINES, type Engine } from './engine.ts'
import { NotCovered, ParityInputError } from './errors.ts'
import type { ParityCase, ParitySet } from './format.ts'
import { decideFunctional } from './kinds/functional.ts'
import { decideInfo } from './kinds/info.ts'
import { decideLecture } from './kinds/lecture.ts'
import { decideLrSequence } from './kinds/lrSequence.ts'
import { decideStats } from './kinds/stats.ts'
import { decideThrows } from './kinds/throws.ts'
import { decideTrajectory } from './kinds/trajectory.ts'
import { decideVjp } from './kinds/vjp.ts'
import { type Decide, type Outcome, type Stage, verdictOnError } from './outcome.ts'

const KINDS: ReadonlyMap<string, Decide> = new Map<string, Decide>([
  ['vjp', decideVjp],
  ['functional', decideFunctional],
  ['trajectory', decideTrajectory],
  ['lr_sequence', decideLrSequence],
  ['lecture', decideLecture],
  ['stats', decideStats],
  ['throws', decideThrows],
  ['info', decideInfo],
])

/** A case and what came of it. */
export interface Decided {
  readonly found: ParityCase
  readonly outcome: Outcome
}

/** All cases of a group. */
export interface GroupResult {
  readonly group: string
  readonly decided: readonly Decided[]
}

/** Decides one case; whatever it throws is an outcome too. */
export function decide(found: ParityCase, engine: Engine = ENGINES.eager!): Outcome {
  try {
    const kind = KINDS.get(found.kind)
    if (kind === undefined) throw new NotCovered(`cases of kind ${found.kind}`)
    return kind(found, engine)
  } catch (error) {
    if (error instanceof ParityInputError)
      return { verdict: 'failed', stages: [], differences: [error.message] }
    return verdictOnError(error, classOf(found.tags))
  }
}

/** Decides every case of a set, group by group. */
export function* runSet(set: ParitySet, engine: Engine = ENGINES.eager!): Generator<GroupResult> {
  for (const { group, cases } of set.groups) {
    yield { group, decided: cases.map(found => ({ found, outcome: decide(found, engine) })) }
  }
}

/** What `--json` writes of a group; the four numbers add up to the total. */
export interface GroupSummary {
  readonly group: string
  readonly total: number
  readonly passed: number
  readonly failed: number
  readonly convention: number
  readonly notCovered: number
  /** The ids of the failed cases. */
  readonly failures: readonly string[]
}

export function summaryOf({ group, decided }: GroupResult): GroupSummary {
  const count = (verdict: Outcome['verdict']): number =>
    decided.filter(({ outcome }) => outcome.verdict === verdict).length
  return {
    group,
    total: decided.length,
    passed: count('passed'),
    failed: count('failed'),
    convention: count('convention'),
    notCovered: count('notCovered'),
    failures: decided.flatMap(({ found, outcome }) => (outcome.verdict === 'failed' ? [found.id] : [])),
  }
}

/** How many cases had something of a stage compared. */
export function countStage({ decided }: GroupResult, stage: Stage): number {
  return decided.filter(({ outcome }) => outcome.verdict !== 'notCovered' && outcome.stages.includes(stage))
    .length
}
