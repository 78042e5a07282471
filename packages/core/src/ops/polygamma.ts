import { HIGHEST_POLYGAMMA, polygamma as kernelOf } from '../backend/gamma.ts'
import { apply } from '../graph/apply.ts'
import { unaryPrimitive } from '../primitive/elementwise.ts'
import { type Op, op } from '../primitive/primitive.ts'
import { ArgumentError, describe } from '../shape/errors.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

const primitive = /* @__PURE__ */ unaryPrimitive({
  name: 'polygamma',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep, attributes) => {
    const kernel = kernelOf(attributes.order as number)
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = kernel(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs, attributes }) => polygamma(inputs[0]!, (attributes.order as number) + 1),
  keeps: 'inputs',
  domain: 'positive',
  sampleAttributes: draw => ({ order: draw.integer(0, 3) }),
})

/**
 * The derivative of the given order of the digamma function ψ; order 0 is ψ itself. `d ψ⁽ⁿ⁾ = ψ⁽ⁿ⁺¹⁾(x) dx`
 *
 * For x > 0 the first terms of (-1)ⁿ⁺¹ n! Σ (x + k)⁻ⁿ⁻¹ and the Euler-Maclaurin formula for the others; for x < 0 the
 * reflection formula (Abramowitz and Stegun 6.4.7). At 0, -1, -2, ... odd orders are infinite; even ones change sign
 * there and are NaN, but at 0, whose sign says from which side it is seen. A cotangent that is exactly 0 contributes 0.
 *
 * @example
 * ```ts
 * import { polygamma, tensor } from '@adjoint/core'
 * polygamma(tensor([1], { dtype: 'float64' }), 1).toArray() // => [1.6449340668482264]
 * Math.PI ** 2 / 6 // => 1.6449340668482264
 * ```
 * @throws ArgumentError when the order is no whole number from 0 to 170; 171! is no number of float64.
 */
export const polygamma: Op<<S extends Shape>(x: Tensor<S>, order: number) => Tensor<S>> = /* @__PURE__ */ op(
  primitive,
  <S extends Shape>(x: Tensor<S>, order: number) => {
    if (!Number.isInteger(order) || order < 0 || order > HIGHEST_POLYGAMMA)
      throw new ArgumentError(
        'polygamma',
        `the order must be a whole number from 0 to ${HIGHEST_POLYGAMMA}, got ${describe(order)}.`,
      )
    return apply(primitive, [expectTensor('polygamma', x)], { order }) as Tensor<S>
  },
)
