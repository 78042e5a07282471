/** A function that is traced, and then run from its trace: what a compiled function does, without the compiling. */
import { Rng, type Tensor } from '@adjoint/core'
import { type Trace, trace } from '@adjoint/core/engine'
import { guardedValues, runTrace } from '@adjoint/testing'

/** A function of tensors and generators that runs from traces; `traces` counts how many it needed. */
export interface Replayed {
  (...given: readonly (Tensor | Rng)[]): Tensor[]
  traces: number
  /** The last trace. */
  trace: Trace
}

/** A trace, the values that its guards had, and the generators that stand for those of a call. */
interface Program {
  readonly trace: Trace
  readonly guarded: readonly unknown[]
  readonly rngs: readonly Rng[]
}

/**
 * Traces `f` when it is called first and whenever something has changed that a trace depends on, and runs the trace. The
 * function itself is never run on values.
 */
export function replayed(f: (...inputs: never[]) => readonly Tensor[]): Replayed {
  const programs: Program[] = []
  const call = ((...given: readonly (Tensor | Rng)[]): Tensor[] => {
    const tensors = given.filter((x): x is Tensor => !(x instanceof Rng))
    const generators = given.filter(x => x instanceof Rng)
    const isValid = ({ trace, guarded }: Program): boolean =>
      guardedValues(trace).every((value, i) => Object.is(value, guarded[i])) &&
      trace.inputs.every(({ shape }, i) => shape.join() === tensors[i]!.shape.join())
    let program = programs.find(isValid)
    if (program === undefined) {
      const rngs = generators.map(() => new Rng(0))
      const made = trace(tensors, inputs => {
        const [left, right] = [[...inputs], [...rngs]]
        return f(...(given.map(x => (x instanceof Rng ? right : left).shift()!) as never[]))
      })
      program = { trace: made, guarded: guardedValues(made), rngs }
      programs.push(program)
      call.traces++
    }
    const { rngs } = program
    for (const [i, rng] of generators.entries()) rngs[i]!.state = rng.state
    call.trace = program.trace
    const outputs = runTrace(program.trace, tensors)
    for (const [i, rng] of generators.entries()) rng.state = rngs[i]!.state
    return outputs
  }) as Replayed
  call.traces = 0
  return call
}
