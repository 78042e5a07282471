/** What an optimizer remembers, as plain data and tensors, and the check before it is put back. */

import { formatShape } from '@adjoint/core/engine'
import { AdjointError, Tensor } from '@adjoint/core/functional'
import type { Slots } from './rule.ts'

/** What an optimizer remembers of one parameter. */
export interface ParameterState {
  /** Name of the parameter; for people, not compared. */
  readonly name: string
  /** Number of updates so far. */
  readonly step: number
  /** The rule's tensors; empty before the first update, and for rules without memory. */
  readonly slots: Slots
}

/** All that an optimizer remembers: plain data and tensors, in the order of its parameters. */
export interface OptimizerState {
  readonly learningRate: number
  readonly parameters: readonly ParameterState[]
}

/** A saved state does not belong to these parameters. `problems` lists everything that does not fit. */
export class OptimizerStateError extends AdjointError {
  readonly problems: readonly string[]

  constructor(op: string, problems: readonly string[]) {
    super(op, `the state does not fit, nothing was changed:\n  ${problems.join('\n  ')}`)
    this.problems = problems
  }
}

/** Throws an OptimizerStateError unless the state is like the expected one: as many parameters, the same slots. */
export function expectState(op: string, state: OptimizerState, expected: readonly ParameterState[]): void {
  const problems: string[] = []
  const compare = (what: string, have: unknown, need: unknown): void => {
    if (have !== need) problems.push(`${what} is ${have}, needed is ${need}`)
  }
  const { learningRate, parameters } = state
  if (!(learningRate >= 0 && learningRate < Infinity))
    compare('learningRate', learningRate, 'a number from 0 up')
  compare('the number of parameters', parameters.length, expected.length)
  expected.forEach(({ name, slots: wanted }, i) => {
    if (parameters[i] === undefined) return
    const { step, slots } = parameters[i]
    const who = `parameter ${i} ('${name}'):`
    if (!Number.isSafeInteger(step) || step < 0) compare(`${who} step`, step, 'a whole number from 0 up')
    if (step === 0) return
    for (const slot of new Set([...Object.keys(wanted), ...Object.keys(slots)])) {
      compare(`${who} '${slot}'`, describe(slots, slot), describe(wanted, slot))
    }
  })
  if (problems.length > 0) throw new OptimizerStateError(op, problems)
}

/** `float32 [2, 3]`, or `nothing`. */
function describe(slots: Slots, name: string): string {
  const slot: unknown = Object.hasOwn(slots, name) ? slots[name] : undefined
  return slot instanceof Tensor ? `${slot.dtype} ${formatShape(slot.shape)}` : 'nothing'
}
