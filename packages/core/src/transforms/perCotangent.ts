/** Rules that find the cotangents of all inputs at once, for a walk that asks for one after the other. */

import { recording } from '../graph/record.ts'
import type { Call } from '../primitive/primitive.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** The cotangents of the inputs of a call, `null` for zero. */
export type AllCotangents = (cotangent: Tensor, call: Call) => readonly (Tensor | null)[]

/** A result, and what it was found for. */
interface Known {
  /** Weakly: a cotangent that lives on must not keep the graph of the call. */
  readonly output: WeakRef<Tensor>
  readonly state: readonly unknown[]
  readonly found: readonly (Tensor | null)[]
}

/** The same rule, run once for a cotangent; the result is kept as long as the cotangent. */
export function oncePerCotangent(rule: AllCotangents): AllCotangents {
  const known = new WeakMap<Tensor, Known>()
  return (cotangent, call) => {
    const state = [recording.enabled, recording.interpreter]
    const last = known.get(cotangent)
    if (last?.output.deref() === call.output && last.state.every((part, i) => part === state[i]))
      return last.found
    const found = rule(cotangent, call)
    known.set(cotangent, { output: new WeakRef(call.output), state, found })
    return found
  }
}
