import { runUnrecorded } from '../graph/apply.ts'
import { NO_ATTRIBUTES, type NonDifferentiablePrimitive, type Op, op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { expectTensor } from '../tensor/create.ts'
import { sameView, type Tensor } from '../tensor/tensor.ts'

const primitive: NonDifferentiablePrimitive = {
  name: 'stopGradient',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'it was asked to stop gradients',
  batch: 'leading',
  sample: draw => ({ inputs: [{ shape: draw.shape(0, 3) }], attributes: NO_ATTRIBUTES }),
  result: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  forward: ([x]) => sameView(x!),
}

/**
 * The same values as a constant: no gradient flows through, no tangent either. Shares memory with `x`. `x.detach()` is
 * the same.
 *
 * @example
 * ```ts
 * import { stopGradient, tensor } from '@adjoint/core'
 * const x = tensor(3, { requiresGrad: true })
 * x.mul(stopGradient(x)).backward()
 * x.grad?.item() // => 3
 * ```
 */
export const stopGradient: Op<UnaryOp> = /* @__PURE__ */ op(primitive, ((x: Tensor) =>
  runUnrecorded(primitive, [expectTensor('stopGradient', x)], NO_ATTRIBUTES)) as UnaryOp)
