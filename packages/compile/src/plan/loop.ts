/** A loop as steps: where what goes in and comes out of each turn lies, and which copies that takes. */

import { type LoopForm, loopOf, loopResultOf } from '../graph/loop.ts'
import { type Graph, Node } from '../graph/node.ts'
import { copyKernel } from '../kernels/moves.ts'
import { copied, withCopies } from './copies.ts'
import type { Kernel } from './kernel.ts'
import { isContiguous, Layouts } from './layout.ts'
import type { Loop, Step } from './schedule.ts'

/**
 * The steps of a loop. Slices of sequences are read where they lie, and slices of what the loop gives are written where they
 * are to be. A state has a buffer for the whole loop, into which its next value is copied at the end of each turn.
 */
export function loopSteps(
  node: Node,
  results: readonly Node[],
  layouts: Layouts,
  stepsOf: (body: Graph) => readonly Step[],
): Step[] {
  const form = loopOf(node)!
  const { length, states, sequences } = form
  const body = withOwnOutputs(form)
  const turns = (perTurn: number): { offset: number; perTurn: number } =>
    form.reverse ? { offset: (length - 1) * perTurn, perTurn: -perTurn } : { offset: 0, perTurn }
  const resultAt = new Map<number, Node>()
  for (const result of results) {
    const index = loopResultOf(result)!
    const known = resultAt.get(index)
    if (known === undefined) resultAt.set(index, result)
    else layouts.place(result, { of: known, offset: 0, perTurn: 0 })
  }
  const before: Kernel[] = []
  const held: Node[] = []
  for (const [k, input] of body.inputs.entries()) {
    const given = node.inputs[k]!
    const { strides } = layouts.of(given)
    if (k < states) {
      const state = resultAt.get(k) ?? Node.scratch(input.shape, input.dtype)
      held.push(state)
      before.push(copyKernel(given, state, layouts))
      layouts.place(input, { of: state, offset: 0, perTurn: 0 })
    } else if (k < states + sequences) {
      layouts.place(input, { of: given, ...turns(strides[0]!) }, strides.slice(1))
    } else layouts.place(input, { of: given, offset: 0, perTurn: 0 }, strides)
  }
  for (const [k, output] of body.outputs.entries()) {
    const result = resultAt.get(k)
    if (k < states || result === undefined) continue
    layouts.place(layouts.of(output).buffer, { of: result, ...turns(output.size) })
  }
  const steps = stepsOf(body)
  const after = held.flatMap((state, k) => {
    const next = body.outputs[k]!
    return next === body.inputs[k] ? [] : [copyKernel(next, state, layouts)]
  })
  const loop: Loop = { count: length, steps: [...steps, ...after] }
  return [...before, loop]
}

/**
 * The body with every slice that the loop gives made in a buffer of its own, and every next state in one that is no state:
 * states are written while others may still be read.
 */
function withOwnOutputs({ body, states }: LoopForm): Graph {
  const whole = withCopies(body)
  const layouts = new Layouts()
  const held = new Set(whole.inputs.slice(0, states))
  const taken = new Set<Node>()
  const outputs = whole.outputs.map((output, k) => {
    const layout = layouts.of(output)
    if (k < states) return output !== whole.inputs[k] && held.has(layout.buffer) ? copied(output) : output
    const { buffer } = layout
    const isOwn =
      buffer.primitive !== undefined && buffer.size === output.size && isContiguous(output.shape, layout)
    if (!isOwn || taken.has(buffer)) return copied(output)
    taken.add(buffer)
    return output
  })
  return { ...whole, outputs }
}
