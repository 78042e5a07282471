/** The derivative of a function at a point, as a function of the direction. */

import { isRecorded } from '../graph/interpret.ts'
import { topologicalOrder } from '../graph/order.ts'
import { recording, withRecording } from '../graph/record.ts'
import { expectUnchanged } from '../graph/unchanged.ts'
import { expectFunction } from '../shape/arguments.ts'
import { zerosLike } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { expectTree, traceInputs, withoutNode } from './grad.ts'
import { directionsFor } from './jvp.ts'
import { jvpOf } from './rules.ts'
import { flattenTree, type TangentsOf, type TreeOf } from './tree.ts'

/**
 * The value of `f` at a tree of tensors, and the linear map that takes a direction to the derivative in that direction,
 * to be called any number of times: `f` itself runs once. It holds the recorded graph of `f`, as reverse mode does; for a
 * single direction `jvp` needs less memory.
 *
 * @example
 * ```ts
 * import { linearize, type Tensor, tensor } from '@adjoint/core'
 * const { value, pushforward } = linearize((x: Tensor) => x.square(), tensor([1, 2, 3]))
 * value.toArray() // => [1, 4, 9]
 * pushforward(tensor([1, 0, 0])).toArray() // => [2, 0, 0]
 * pushforward(tensor([0, 1, 1])).toArray() // => [0, 4, 6]
 * ```
 * @throws ShapeError when a tangent has another shape than its input; DTypeError when an input is int32 or bool.
 */
export function linearize<T extends TreeOf<T>, Out extends TreeOf<Out>>(
  f: (tree: T) => Out,
  tree: T,
): { value: Out; pushforward: (tangents: TangentsOf<T>) => Out } {
  expectFunction('linearize', f)
  const { leaves, rebuild } = flattenTree('linearize', tree)
  const traced = traceInputs('linearize', leaves)
  const outputs = expectTree(
    'linearize',
    withRecording(true, () => f(rebuild(traced.inputs) as unknown as T)),
  )
  const recorded = outputs.leaves.some(output => output.requiresGrad && traced.isOuterRecorded(output))
  const value = outputs.rebuild(outputs.leaves.map(output => (recorded ? output : withoutNode(output))))
  return {
    value: value as unknown as Out,
    pushforward: tangents => {
      const directions = directionsFor('linearize', tree, tangents)
      const isWalkRecorded = recorded || directions.some(x => isRecorded(x, recording.interpreter))
      return outputs.rebuild(
        withRecording(isWalkRecorded, () => pushForward(outputs.leaves, traced.inputs, directions)),
      ) as unknown as Out
    },
  }
}

/** The tangents of recorded tensors when some tensors of their graph move in given directions, `null` for none. */
export function pushForward(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  directions: readonly (Tensor | null)[],
): Tensor[] {
  const tangents = new Map<Tensor, Tensor>()
  for (const [i, input] of inputs.entries()) {
    const direction = directions[i] ?? null
    if (direction !== null) tangents.set(input, direction)
  }
  for (const x of topologicalOrder(outputs)) {
    if (x.node === null || tangents.has(x)) continue
    const { primitive, attributes } = x.node
    const arriving = x.node.inputs.map(input => tangents.get(input) ?? null)
    if (arriving.every(tangent => tangent === null)) continue
    const { keeps, name } = primitive
    if (keeps === 'inputs' || keeps === 'both') expectUnchanged(x, x.node.inputs, `the tangent of ${name}`)
    const call = { inputs: x.node.inputs, output: x, attributes }
    const tangent = jvpOf(primitive, call, arriving)
    if (tangent !== undefined) tangents.set(x, tangent)
  }
  return outputs.map(output => tangents.get(output) ?? zerosLike(output))
}
