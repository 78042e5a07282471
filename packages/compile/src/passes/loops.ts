/** What loops need not do, or need not do at every turn. */

import { type LoopForm, loopNode, loopOf, loopResultOf, resultOf } from '../graph/loop.ts'
import { countUses, type Graph, mapGraph, Node, orderOf } from '../graph/node.ts'
import { expanded, isView, number, uniformValue } from './build.ts'
import type { Pass } from './pass.ts'

/** Constants of more elements than this are not put into bodies. */
const SMALL = 64

/**
 * Takes out of a loop what nobody reads, states that nothing depends on among it, and what is the same at every turn: that is
 * computed before the loop. Numbers from outside become numbers of the body.
 */
export const loops: Pass = {
  name: 'loops',
  run: (graph: Graph): Graph => {
    const used = usedResults(graph)
    if (used.size === 0) return graph
    const places = new Map<Node, ReadonlyMap<number, number>>()
    return mapGraph(graph, node => {
      const form = loopOf(node)
      if (form !== undefined) {
        const { loop, place } = simplified(node.inputs, form, used.get(form.body) ?? new Set())
        places.set(loop, place)
        return loop
      }
      const index = loopResultOf(node)
      return index === undefined
        ? node
        : resultOf(node.inputs[0]!, places.get(node.inputs[0]!)!.get(index)!, node)
    })
  },
}

/** The outputs of each body that somebody reads. */
function usedResults(graph: Graph): Map<Graph, Set<number>> {
  const used = new Map<Graph, Set<number>>()
  for (const node of countUses(graph).keys()) {
    const index = loopResultOf(node)
    if (index === undefined) continue
    const { body } = loopOf(node.inputs[0]!)!
    const known = used.get(body)
    if (known) known.add(index)
    else used.set(body, new Set([index]))
  }
  return used
}

/** A loop with less in it, and the new places of the outputs that are left. */
function simplified(
  given: readonly Node[],
  form: LoopForm,
  used: ReadonlySet<number>,
): { loop: Node; place: Map<number, number> } {
  const { body, states, sequences } = form
  const kept = keptOutputs(form, used)
  const outputs = kept.map(index => body.outputs[index]!)
  const first = states + sequences
  // What every node of the body is from now on; and what it is outside, where it is the same at every turn.
  const inside = new Map<Node, Node>()
  const outside = new Map<Node, Node>()
  const captured = new Map<Node, Node>()
  for (const [k, input] of body.inputs.entries()) {
    const value = k < states ? undefined : uniformValue(given[k]!)
    if (value !== undefined) inside.set(input, expanded(number(value, input.dtype), input.shape))
    else if (k >= first) outside.set(input, given[k]!)
    else inside.set(input, input)
  }
  const insideOf = (node: Node): Node => {
    const known = inside.get(node)
    if (known !== undefined) return known
    const value = outside.get(node)!
    const constant = constantIn(value)
    const result = constant ?? Node.source('input', value.shape, value.dtype)
    if (constant === undefined) captured.set(result, value)
    inside.set(node, result)
    return result
  }
  for (const node of orderOf(outputs)) {
    if (inside.has(node) || outside.has(node)) continue
    if (node.primitive === undefined) inside.set(node, node)
    else if (isSameEveryTurn(node)) outside.set(node, node.withInputs(node.inputs.map(outsideOf)))
    else inside.set(node, node.withInputs(node.inputs.map(insideOf)))
  }
  function isSameEveryTurn({ inputs }: Node): boolean {
    return (
      inputs.some(input => outside.has(input)) &&
      inputs.every(input => outside.has(input) || isConstant(input))
    )
  }
  function isConstant(node: Node): boolean {
    const now = inside.get(node)
    return now !== undefined && baseOf(now).value !== undefined
  }
  function outsideOf(node: Node): Node {
    return outside.get(node) ?? inside.get(node)!
  }
  const next = outputs.map(insideOf)
  const needed = new Set(orderOf(next))
  const isKept = (k: number): boolean => (k < states ? kept.includes(k) : needed.has(body.inputs[k]!))
  const own = body.inputs.flatMap((input, k) =>
    k < first && isKept(k) ? [{ input, value: given[k]!, k }] : [],
  )
  const loop = loopNode([...own.map(({ value }) => value), ...captured.values()], {
    ...form,
    body: {
      ...body,
      inputs: [...own.map(({ input }) => input), ...captured.keys()],
      outputs: next,
    },
    states: own.filter(({ k }) => k < states).length,
    sequences: own.filter(({ k }) => k >= states).length,
  })
  return { loop, place: new Map(kept.map((index, at) => [index, at])) }
}

/** A constant, or a view of a few constant numbers; `undefined` for other nodes. */
function constantIn(node: Node): Node | undefined {
  const base = baseOf(node)
  return base.value !== undefined && base.size <= SMALL ? node : undefined
}

/** What a view is a view of. */
function baseOf(node: Node): Node {
  let base = node
  while (isView(base)) base = base.inputs[0]!
  return base
}

/** The outputs of the body that are read, and those that are the next values of states that these depend on. */
function keptOutputs({ body, states }: LoopForm, used: ReadonlySet<number>): number[] {
  const kept = new Set(used)
  for (;;) {
    const reached = new Set(orderOf([...kept].map(index => body.outputs[index]!)))
    const size = kept.size
    for (let k = 0; k < states; k++) if (reached.has(body.inputs[k]!)) kept.add(k)
    if (kept.size === size) return [...kept].sort((a, b) => a - b)
  }
}
