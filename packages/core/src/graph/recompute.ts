/** Runs a recorded graph again with other values: the question "what if this tensor had been another one?". */

import type { Tensor } from '../tensor/tensor.ts'
import { topologicalOrder } from './order.ts'
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
 */
export function recompute(output: Tensor, replacements: ReadonlyMap<Tensor, Tensor>): Tensor {
  return recomputer(output, [...replacements.keys()])(replacements)
}

/** {@link recompute} prepared for many runs: finds once which tensors depend on the replaced ones. */
export function recomputer(
  output: Tensor,
  replaced: readonly Tensor[],
): (replacements: ReadonlyMap<Tensor, Tensor>) => Tensor {
  const affected = new Set<Tensor>(replaced)
  const plan: Tensor[] = []
  for (const x of topologicalOrder([output])) {
    if (affected.has(x)) continue
    if (x.node?.inputs.some(input => affected.has(input))) {
      affected.add(x)
      plan.push(x)
    }
  }
  return replacements => {
    const values = new Map(replacements)
    for (const x of plan) {
      const { primitive, inputs, attributes } = x.node!
      expectUnchanged(
        x,
        inputs.filter(input => !values.has(input)),
        'computing it again',
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
