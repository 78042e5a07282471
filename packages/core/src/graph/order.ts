/** The recorded graph in order: inputs before what was made of them. */

import type { Tensor } from '../tensor/tensor.ts'

/** Whether a tensor has been placed in this order. Its `place` may be left over from another walk, so look there. */
function isPlaced(order: readonly Tensor[], x: Tensor): boolean {
  return order[x.place] === x
}

/**
 * Every tensor that requires gradients and that the roots were made of, each after all of its inputs. What `ends` were made
 * of is left out.
 * Iterative: a chain of a million nodes does not overflow the stack. After the call `x.place` is the position of `x`,
 * until the next call.
 */
export function topologicalOrder(roots: readonly Tensor[], ends?: ReadonlySet<Tensor>): Tensor[] {
  const order: Tensor[] = []
  const stack: Tensor[] = []
  for (const root of roots) {
    if (!root.requiresGrad) continue
    stack.push(root)
    while (stack.length > 0) {
      const x = stack[stack.length - 1]!
      if (isPlaced(order, x)) {
        stack.pop()
        continue
      }
      const before = stack.length
      if (x.node !== null && !ends?.has(x)) {
        const inputs = x.node.inputs
        for (let i = 0; i < inputs.length; i++) {
          const input = inputs[i]!
          if (input.requiresGrad && !isPlaced(order, input)) stack.push(input)
        }
      }
      if (stack.length === before) {
        stack.pop()
        x.place = order.length
        order.push(x)
      }
    }
  }
  return order
}

/** Position in `order` right after {@link topologicalOrder}, -1 for tensors that are not in it. */
export function placeIn(order: readonly Tensor[], x: Tensor): number {
  return isPlaced(order, x) ? x.place : -1
}
