/** What an optimizer remembers, as plain data and tensors, and the check before it is put back. */

import { ArgumentError, stopGradient, type Tensor } from '@adjoint/core/functional'
import { describe, readTensor } from '../module/savedTensor.ts'
import type { ParameterGroup } from './group.ts'
import type { RuleSettings, Slots, UpdateRule } from './rule.ts'

/** What an optimizer remembers of one parameter. */
export interface ParameterState<Slot = Tensor> {
  /** Name of the parameter; for people, not compared. */
  readonly name: string
  /** Number of updates so far. */
  readonly step: number
  /** The rule's tensors; empty before the first update, and for rules without memory. */
  readonly slots: Readonly<Record<string, Slot>>
}

/** The settings of a group, and how many parameters it has. */
export interface GroupState {
  readonly settings: object
  readonly parameters: number
}

/** All that an optimizer remembers: plain data and tensors, in the order of its groups and their parameters. */
export interface OptimizerState<Slot = Tensor> {
  /** Name of the optimizer: the state of another kind is refused. */
  readonly optimizer: string
  readonly groups: readonly GroupState[]
  readonly parameters: readonly ParameterState<Slot>[]
}

/** A saved state does not belong to these parameters. `problems` lists everything that does not fit. */
export class OptimizerStateError extends ArgumentError {
  readonly problems: readonly string[]

  constructor(op: string, problems: readonly string[]) {
    super(op, `the state does not fit, nothing was changed:\n  ${problems.join('\n  ')}`)
    this.problems = problems
  }
}

/** What a saved state says of an optimizer. */
interface ReadState<State extends Slots, Settings extends RuleSettings> {
  /** Of each group. */
  readonly settings: readonly Settings[]
  /** Of each parameter, in the order of the groups. */
  readonly entries: readonly { readonly step: number; readonly state: State | undefined }[]
}

/**
 * What a saved state says of an optimizer. Nothing of it is trusted.
 *
 * @param current the state of the optimizer that it is for
 * @throws OptimizerStateError unless it is of such an optimizer, with such groups and as many parameters, with the slots
 * that belong to the saved settings.
 */
export function readState<State extends Slots, Settings extends RuleSettings>(
  state: unknown,
  current: OptimizerState,
  groups: readonly ParameterGroup<Settings>[],
  { init }: UpdateRule<State, Settings>,
): ReadState<State, Settings> {
  const problems: string[] = []
  const expect = (what: string, have: unknown, need: number | string, fits = have === need): void => {
    if (!fits) problems.push(`${what} is ${describe(have)}, needed is ${need}`)
  }
  const saved = Object(state) as Loose<OptimizerState>
  const [savedGroups, savedParameters] = [listOf(saved.groups), listOf(saved.parameters)]
  expect('optimizer', saved.optimizer, `'${current.optimizer}'`, saved.optimizer === current.optimizer)
  expect('the number of groups', savedGroups.length, groups.length)
  expect('the number of parameters', savedParameters.length, current.parameters.length)

  const settings: Settings[] = []
  const entries: ReadState<State, Settings>['entries'][number][] = []
  for (const [i, group] of groups.entries()) {
    const found = Object(savedGroups[i]) as Loose<GroupState>
    const read = settingsFrom(found.settings, group)
    if (typeof read === 'string') problems.push(`group ${i}: ${read}`)
    else expect(`group ${i}: the number of parameters`, found.parameters, group.parameters.length)
    settings.push(read as Settings)
    for (const parameter of group.parameters) {
      const at = entries.length
      const { step, slots } = Object(savedParameters[at]) as Loose<ParameterState>
      const who = `parameter ${at} ('${current.parameters[at]!.name}'):`
      const isCount = Number.isSafeInteger(step) && (step as number) >= 0
      if (at < savedParameters.length) expect(`${who} step`, step, 'a whole number from 0 up', isCount)
      const slotsOf: Record<string, Tensor> = {}
      entries.push({ step: step as number, state: step === 0 ? undefined : (slotsOf as State) })
      if (step === 0 || typeof read === 'string' || at >= savedParameters.length) continue
      const like: Slots = init(parameter, read)
      const values = Object(slots) as Readonly<Record<string, unknown>>
      for (const slot of Object.keys({ ...like, ...values })) {
        const value = readTensor(own(values, slot), own(like, slot))
        if (typeof value === 'string') problems.push(`${who} '${slot}' ${value}`)
        else slotsOf[slot] = stopGradient(value)
      }
    }
  }
  if (problems.length > 0) throw new OptimizerStateError(`${current.optimizer}.loadState`, problems)
  return { settings, entries }
}

/** The settings that were saved of a group, or what is wrong with them. */
function settingsFrom<Settings extends RuleSettings>(
  saved: unknown,
  { settings, complete }: ParameterGroup<Settings>,
): Settings | string {
  const found = Object(saved) as Readonly<Record<string, unknown>>
  const missing = Object.keys(settings).find(key => !Object.hasOwn(found, key))
  if (missing !== undefined) return `${missing} is nothing, needed is what was saved`
  try {
    return complete({ ...found } as Partial<Settings>)
  } catch (error) {
    return (error as Error).message
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** A field of the record itself: `'toString'` is nothing, unless somebody saved it. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

/** What may be an object of this form, and may be anything. */
type Loose<T> = { readonly [Key in keyof T]?: unknown }
