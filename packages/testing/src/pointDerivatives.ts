/** Derivatives at single points as plain numbers, for tables of what is expected there. Not public. */

import { gradients, mul, sum, type Tensor } from '@adjoint/core/functional'

/** The gradients of the sum of f with respect to all inputs, one after the other. */
export function firstDerivatives(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
): readonly number[] {
  return flat(gradients(sum(f(...inputs)), inputs))
}

/** The gradient of the sum of the gradient: row sums of the Hessian of the sum of f. */
export function secondDerivatives(f: (x: Tensor) => Tensor, x: Tensor): readonly number[] {
  const [first] = gradients(sum(f(x)), [x], { createGraph: true })
  return first!.requiresGrad ? flat(gradients(sum(first!), [x])) : flat([mul(x, 0)])
}

/** The elements of all tensors, one after the other. */
export function flat(tensors: readonly Tensor[]): readonly number[] {
  return tensors.flatMap(x => [...x.data()])
}
