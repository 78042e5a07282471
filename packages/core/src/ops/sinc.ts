import { sincDerivative } from '../backend/trigonometryOfPi.ts'
import { apply } from '../graph/apply.ts'
import { unaryPrimitive } from '../primitive/elementwise.ts'
import { type Op, op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { getDefaultDType } from '../storage/dtype.ts'
import { toTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

const primitive = /* @__PURE__ */ unaryPrimitive({
  name: 'sinc',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep, attributes) => {
    const order = attributes.order as number
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = sincDerivative(order, x[xAt + i * xStep]!)
  },
  derivative: ({ inputs, attributes }) =>
    apply(primitive, [inputs[0]!], { order: (attributes.order as number) + 1 }),
  keeps: 'inputs',
  domain: 'real',
  sampleAttributes: draw => ({ order: draw.integer(0, 2) }),
})

/**
 * sin(πx) / (πx), and 1 at 0; exactly 0 at every other whole number, NaN at infinity.
 *
 * It is smooth at 0. The derivative is not a quotient, which would be 0 / 0 there, but the same primitive of the next
 * order, by the recurrence u sₙ + n sₙ₋₁ = sin⁽ⁿ⁾(u) with u = πx: right at 0 and next to it in every order.
 *
 * @example
 * ```ts
 * import { sinc, tensor } from '@adjoint/core'
 * sinc(tensor([0, 0.5, 1], { dtype: 'float64' })).toArray() // => [1, 0.6366197723675814, 0]
 * ```
 */
export const sinc: Op<UnaryOp> = /* @__PURE__ */ op(primitive, ((x: Tensor) =>
  apply(primitive, [toTensor('sinc', x, getDefaultDType())], { order: 0 })) as UnaryOp)
