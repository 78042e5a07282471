/** Forward mode: tangents pushed through a recorded graph. */

import { topologicalOrder } from '../graph/order.ts'
import { withRecording } from '../graph/record.ts'
import { expectUnchanged } from '../graph/unchanged.ts'
import { cast } from '../ops/cast.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { sameShape } from '../shape/shape.ts'
import { zerosLike } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { expectTensor, traceInputs, withoutNode } from './grad.ts'
import { jvpOf } from './rules.ts'
import { flattenTree, leavesLike, type TangentsOf, type TreeOf } from './tree.ts'

/**
 * The value of `f` at a tree of tensors and its derivative in a direction, a tree of the same shapes: the product of the
 * Jacobian with a column vector.
 *
 * @example
 * ```ts
 * import { jvp, type Tensor, tensor } from '@adjoint/core'
 * const { value, tangent } = jvp((x: Tensor) => x.square(), tensor([1, 2, 3]), tensor([1, 0, 10]))
 * value.toArray() // => [1, 4, 9]
 * tangent.toArray() // => [2, 0, 60]
 * ```
 * @throws ShapeError when a tangent has another shape than its input; DTypeError when an input is int32 or bool.
 */
export function jvp<T extends TreeOf<T>, Out extends Tensor>(
  f: (tree: T) => Out,
  tree: T,
  tangents: TangentsOf<T>,
): { value: Out; tangent: Out } {
  const { leaves, paths, rebuild } = flattenTree('jvp', tree)
  const directions = leavesLike('jvp', 'tangents', tree, tangents).map((direction, i) =>
    cast(direction, leaves[i]!.dtype),
  )
  for (const [i, leaf] of leaves.entries()) expectTangent(leaf, directions[i]!, paths[i]!)
  const traced = traceInputs('jvp', leaves)
  const output = expectTensor(
    'jvp',
    withRecording(true, () => f(rebuild(traced.inputs) as unknown as T)),
  )
  const recorded =
    directions.some(direction => direction.requiresGrad) ||
    (output.requiresGrad && traced.isOuterRecorded(output))
  const tangent = withRecording(recorded, () => pushForward(output, traced.inputs, directions))
  return { value: (recorded ? output : withoutNode(output)) as Out, tangent: tangent as Out }
}

/** The tangent of a recorded tensor when some tensors of its graph move in given directions. */
export function pushForward(
  output: Tensor,
  inputs: readonly Tensor[],
  directions: readonly Tensor[],
): Tensor {
  const tangents = new Map<Tensor, Tensor>()
  for (const [i, input] of inputs.entries()) tangents.set(input, directions[i]!)
  for (const x of topologicalOrder([output])) {
    if (x.node === null || tangents.has(x)) continue
    const arriving = x.node.inputs.map(input => tangents.get(input) ?? null)
    if (arriving.every(tangent => tangent === null)) continue
    const { keeps, name } = x.node.primitive
    if (keeps === 'inputs' || keeps === 'both') expectUnchanged(x, x.node.inputs, `the tangent of ${name}`)
    const tangent = jvpOf({ inputs: x.node.inputs, output: x, attributes: x.node.attributes }, arriving)
    if (tangent !== undefined) tangents.set(x, tangent)
  }
  return tangents.get(output) ?? zerosLike(output)
}

function expectTangent(input: Tensor, direction: Tensor, path: string): void {
  if (sameShape(direction.shape, input.shape)) return
  throw new ShapeError(
    'jvp',
    `the tangent${path === '' ? '' : ` of '${path}'`} has shape ${formatShape(direction.shape)}, its input has ` +
      `${formatShape(input.shape)}; they must be equal.`,
    [input.shape, direction.shape],
  )
}
