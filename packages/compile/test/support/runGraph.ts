/** The reference interpreter of graphs: node by node, with the primitives themselves, on real tensors. */

import { compact, sliceRanges } from '@adjoint/core/engine'
import { reshape, stack, type Tensor } from '@adjoint/core/functional'
import { type LoopForm, loopOf, loopResultOf } from '../../src/graph/loop.ts'
import { type Graph, type Node, orderOf, rootsOf } from '../../src/graph/node.ts'

/** The values of the roots of a graph, in the order of `rootsOf`; `given` has those of what comes from outside. */
export function runGraph(graph: Graph, given: ReadonlyMap<Node, Tensor>): Tensor[] {
  return runNodes(rootsOf(graph), given)
}

/** The values of some nodes. */
export function runNodes(roots: readonly Node[], given: ReadonlyMap<Node, Tensor>): Tensor[] {
  const values = new Map<Node, Tensor>()
  const loops = new Map<Node, readonly Tensor[]>()
  const valuesOf = (nodes: readonly Node[]): Tensor[] => nodes.map(node => values.get(node)!)
  for (const node of orderOf(roots)) {
    const form = loopOf(node)
    if (form !== undefined) {
      loops.set(node, runLoop(form, valuesOf(node.inputs)))
      continue
    }
    const index = loopResultOf(node)
    const value =
      index === undefined
        ? (node.value ?? given.get(node) ?? computed(node, valuesOf(node.inputs)))
        : loops.get(node.inputs[0]!)![index]!
    if (value.shape.join() !== node.shape.join() || value.dtype !== node.dtype) {
      throw new Error(
        `${node.op} is ${value.dtype} [${value.shape}], its node says ${node.dtype} [${node.shape}]`,
      )
    }
    values.set(node, value)
  }
  return valuesOf(roots)
}

function computed({ op, primitive, attributes }: Node, inputs: readonly Tensor[]): Tensor {
  if (primitive === undefined) throw new Error(`no value was given for a node of ${op}`)
  return primitive.forward(inputs, attributes)
}

/** Turn after turn; the last states, and what the turns gave, stacked. */
function runLoop(
  { body, length, reverse, states, sequences }: LoopForm,
  inputs: readonly Tensor[],
): Tensor[] {
  let carried = inputs.slice(0, states)
  const given: Tensor[][] = body.outputs.slice(states).map(() => [])
  for (let turn = 0; turn < length; turn++) {
    const at = reverse ? length - 1 - turn : turn
    const slices = inputs.slice(states, states + sequences).map(x => sliceAt(x, at))
    const values = [...carried, ...slices, ...inputs.slice(states + sequences)]
    const results = runNodes(body.outputs, new Map(body.inputs.map((input, k) => [input, values[k]!])))
    carried = results.slice(0, states)
    for (const [k, list] of given.entries()) list[at] = results[states + k]!
  }
  return [...carried, ...given.map(list => stack(list))]
}

function sliceAt(x: Tensor, at: number): Tensor {
  const shape = x.shape as readonly number[]
  const starts = shape.map((_, axis) => (axis === 0 ? at : 0))
  const ranges = { starts, sizes: [1, ...shape.slice(1)], steps: shape.map(() => 1) }
  return reshape(sliceRanges(x, ranges), shape.slice(1)) as Tensor
}

/** The elements in row-major order. */
export function elementsOf(x: Tensor): number[] {
  const { storage, offset, size } = compact(x)
  return Array.from(storage.subarray(offset, offset + size))
}
