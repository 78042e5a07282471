/** The derivative of a function at a point, as a function of the direction. */

import { topologicalOrder } from '../graph/order.ts'
import { withRecording } from '../graph/record.ts'
import { expectUnchanged } from '../graph/unchanged.ts'
import { zerosLike } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { traceFunction } from './grad.ts'
import { directionsFor } from './jvp.ts'
import { jvpOf } from './rules.ts'
import type { TangentsOf, TreeOf } from './tree.ts'

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
  const { inputs, outputs, value, isRecordedFor } = traceFunction('linearize', f, tree)
  return {
    value,
    pushforward: tangents => {
      const directions = directionsFor('linearize', tree, tangents)
      return outputs.rebuild(
        withRecording(isRecordedFor(directions), () => pushForward(outputs.leaves, inputs, directions)),
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
  for (const x of topologicalOrder(outputs, new Set(inputs))) {
    if (x.node === null || tangents.has(x)) continue
    const { primitive, attributes } = x.node
    const arriving = x.node.inputs.map(input => tangents.get(input) ?? null)
    if (arriving.every(tangent => tangent === null)) continue
    const { keeps } = primitive
    if (keeps === 'inputs' || keeps === 'both') expectUnchanged(x, x.node.inputs, 'the tangent')
    const call = { inputs: x.node.inputs, output: x, attributes }
    const tangent = jvpOf(primitive, call, arriving)
    if (tangent !== undefined) tangents.set(x, tangent)
  }
  return outputs.map(output => tangents.get(output) ?? zerosLike(output))
}
