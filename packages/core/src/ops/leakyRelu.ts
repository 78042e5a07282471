import { apply } from '../graph/apply.ts'
import { unaryPrimitive } from '../primitive/elementwise.ts'
import { type Op, op } from '../primitive/primitive.ts'
import type { Shape } from '../shape/types.ts'
import { expectNumber, expectTensor, scalar } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { greater } from './greater.ts'
import { where } from './where.ts'

const primitive = /* @__PURE__ */ unaryPrimitive({
  name: 'leakyRelu',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep, attributes) => {
    const slope = attributes.slope as number
    for (let i = 0; i < count; i++) {
      const value = x[xAt + i * xStep]!
      out[outAt + i * outStep] = value > 0 ? value : slope * value
    }
  },
  derivative: ({ inputs: [x], attributes }) =>
    where(greater(x!, 0), scalar(1, x!.dtype), scalar(attributes.slope as number, x!.dtype)),
  keeps: 'inputs',
  domain: 'nonzero',
  sampleAttributes: draw => ({ slope: draw.integer(1, 9) / 20 }),
})

/**
 * x where x > 0, slope times x elsewhere; max(slope x, x) for slopes below 1. Lecture: activation functions.
 *
 * Kink policy: the derivative at 0 is the slope.
 */
export const leakyRelu: Op<<S extends Shape>(x: Tensor<S>, slope?: number) => Tensor<S>> = /* @__PURE__ */ op(
  primitive,
  <S extends Shape>(x: Tensor<S>, slope = 0.01) =>
    apply(primitive, [expectTensor('leakyRelu', x)], {
      slope: expectNumber('leakyRelu', 'slope', slope),
    }) as Tensor<S>,
)
