/** Rules that find the cotangents of all inputs at once, for a walk that asks for one after the other. */

import { recording } from '../graph/record.ts'
import type { Call } from '../primitive/primitive.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** The cotangents of the inputs of a call, `null` for zero. */
export type AllCotangents = (cotangent: Tensor, call: Call) => readonly (Tensor | null)[]

/** A result, and the switches under which it was found. */
interface Known {
  readonly state: readonly unknown[]
  readonly found: readonly (Tensor | null)[]
}

/**
 * The same rule, run once for a cotangent; the result is kept as long as both the cotangent and the output of the call.
 * Maps with weak keys, one in the other, and no `WeakRef`: what that points at lives to the end of the task, so a loop of
 * training without a pause would keep the graphs of all its steps.
 */
export function oncePerCotangent(rule: AllCotangents): AllCotangents {
  const known = new WeakMap<Tensor, WeakMap<Tensor, Known>>()
  return (cotangent, call) => {
    const state = [recording.enabled, recording.interpreter]
    const ofOutput = known.get(call.output) ?? new WeakMap<Tensor, Known>()
    const last = ofOutput.get(cotangent)
    if (last?.state.every((part, i) => part === state[i])) return last.found
    const found = rule(cotangent, call)
    ofOutput.set(cotangent, { state, found })
    known.set(call.output, ofOutput)
    return found
  }
}
