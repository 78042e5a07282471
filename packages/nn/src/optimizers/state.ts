/** What an optimizer remembers, as plain data and tensors, and the check before it is put back. */

import { ArgumentError, stopGradient, type Tensor } from '@adjoint/core/functional'
import { describe, readTensor } from '../module/savedTensor.ts'
import type { Slots } from './rule.ts'

/** What an optimizer remembers of one parameter. */
export interface ParameterState<Slot = Tensor> {
  /** Name of the parameter; for people, not compared. */
  readonly name: string
  /** Number of updates so far. */
  readonly step: number
  /** The rule's tensors; empty before the first update, and for rules without memory. */
  readonly slots: Readonly<Record<string, Slot>>
}

/** All that an optimizer remembers: plain data and tensors, in the order of its parameters. */
export interface OptimizerState<Slot = Tensor> {
  /** Name of the optimizer: the state of another kind is refused. */
  readonly optimizer: string
  readonly learningRate: number
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

/**
 * What a saved state remembers of each parameter. Nothing of it is trusted.
 *
 * @param current the state of the optimizer that it is for
 * @param wanted the slots of each parameter, as they were before the first update
 * @throws OptimizerStateError unless it is of such an optimizer, with as many parameters and the same slots.
 */
export function readState<State extends Slots>(
  state: unknown,
  current: OptimizerState,
  wanted: readonly Slots[],
): { readonly step: number; readonly state: State | undefined }[] {
  const problems: string[] = []
  const expect = (fits: boolean, what: string, have: unknown, need: unknown): void => {
    if (!fits) problems.push(`${what} is ${describe(have)}, needed is ${need}`)
  }
  const { optimizer: kind, learningRate: rate, parameters } = Object(state) as Loose<OptimizerState>
  const saved: readonly unknown[] = Array.isArray(parameters) ? parameters : []
  expect(kind === current.optimizer, 'optimizer', kind, `'${current.optimizer}'`)
  expect(Number.isFinite(rate) && (rate as number) >= 0, 'learningRate', rate, 'a number from 0 up')
  expect(saved.length === wanted.length, 'the number of parameters', saved.length, wanted.length)

  const result = wanted.slice(0, saved.length).map((like, i) => {
    const { step, slots } = Object(saved[i]) as Loose<ParameterState>
    const who = `parameter ${i} ('${current.parameters[i]!.name}'):`
    expect(
      Number.isSafeInteger(step) && (step as number) >= 0,
      `${who} step`,
      step,
      'a whole number from 0 up',
    )
    if (step === 0) return { step, state: undefined }
    const read: Record<string, Tensor> = {}
    const found = Object(slots) as Readonly<Record<string, unknown>>
    for (const slot of Object.keys({ ...like, ...found })) {
      const value = readTensor(own(found, slot), own(like, slot))
      if (typeof value === 'string') problems.push(`${who} '${slot}' ${value}`)
      else read[slot] = stopGradient(value)
    }
    return { step: step as number, state: read as State }
  })
  if (problems.length > 0) throw new OptimizerStateError(`${current.optimizer}.loadState`, problems)
  return result
}

/** A field of the record itself: `'toString'` is nothing, unless somebody saved it. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

/** What may be an object of this form, and may be anything. */
type Loose<T> = { readonly [Key in keyof T]?: unknown }
