/** Runs a recorded graph again with other values: the question "what if this tensor had been another one?". */

import { ArgumentError, describe, formatShape, GraphError, ShapeError } from '../shape/errors.ts'
import { sameShape } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { placeIn, topologicalOrder } from './order.ts'
import { expectUnchanged } from './unchanged.ts'

/**
 * The value that `output` would have with some tensors of its graph replaced. Only what depends on a replaced tensor is
 * computed again; nothing is recorded. Any tensor of the graph may be replaced, also an intermediate one.
 *
 * @example
 * ```ts
 * import { recompute, tensor } from '@adjoint/core'
 * const x = tensor(3, { requiresGrad: true })
 * const square = x.mul(x)
 * const y = square.add(1)
 * recompute(y, new Map([[square, tensor(100)]])).item() // => 101
 * ```
 * @throws GraphError for a tensor that the output was not made of, ShapeError for a replacement of another shape,
 * ChangedParameterError when a parameter that is needed was assigned since.
 */
export function recompute(output: Tensor, replacements: ReadonlyMap<Tensor, Tensor>): Tensor {
  if (!(replacements instanceof Map)) {
    throw new ArgumentError(
      'recompute',
      `takes a Map from tensors to their replacements, got ${describe(replacements)}.`,
    )
  }
  return recomputer(output, [...replacements.keys()])(replacements)
}

/** {@link recompute} prepared for many runs: finds once which tensors depend on the replaced ones. */
export function recomputer(
  output: Tensor,
  replaced: readonly Tensor[],
): (replacements: ReadonlyMap<Tensor, Tensor>) => Tensor {
  for (const x of [output, ...replaced]) expectTensor('recompute', x)
  const affected = new Set<Tensor>(replaced)
  const plan: Tensor[] = []
  const order = topologicalOrder([output])
  expectMembers(order, replaced)
  for (const x of order) {
    if (affected.has(x)) continue
    if (x.node?.inputs.some(input => affected.has(input))) {
      affected.add(x)
      plan.push(x)
    }
  }
  return replacements => {
    expectSameShapes(replacements)
    const values = new Map(replacements)
    for (const x of plan) {
      const { primitive, inputs, attributes } = x.node!
      expectUnchanged(
        x,
        inputs.filter(input => !values.has(input)),
        'the value',
      )
      values.set(
        x,
        primitive.forward(
          inputs.map(input => values.get(input) ?? input),
          attributes,
        ),
      )
    }
    return values.get(output) ?? output
  }
}

/** A tensor that the output was not made of cannot change it; most likely another one was meant. */
function expectMembers(order: readonly Tensor[], replaced: readonly Tensor[]): void {
  const stranger = replaced.find(x => placeIn(order, x) < 0 && !order.some(y => y.node?.inputs.includes(x)))
  if (stranger === undefined) return
  throw new GraphError(
    'recompute',
    `the tensor ${stranger.name === undefined ? '' : `'${stranger.name}' `}of shape ${formatShape(stranger.shape)} is not in the ` +
      'graph of the output. Replace tensors that it was made of; graphOf(output) shows them.',
  )
}

function expectSameShapes(replacements: ReadonlyMap<Tensor, Tensor>): void {
  for (const [x, value] of replacements) {
    if (sameShape(x.shape, expectTensor('recompute', value).shape)) continue
    throw new ShapeError(
      'recompute',
      `a tensor of shape ${formatShape(x.shape)} cannot be replaced by one of shape ${formatShape(value.shape)}.`,
      [x.shape, value.shape],
    )
  }
}
