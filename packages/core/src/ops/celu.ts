import { apply } from '../graph/apply.ts'
import { unaryPrimitive } from '../primitive/elementwise.ts'
import { type Op, op } from '../primitive/primitive.ts'
import { ArgumentError } from '../shape/errors.ts'
import type { Shape } from '../shape/types.ts'
import { expectNumber, expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { div } from './div.ts'
import { exp } from './exp.ts'
import { minimum } from './minimum.ts'

const primitive = /* @__PURE__ */ unaryPrimitive({
  name: 'celu',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep, attributes) => {
    const alpha = attributes.alpha as number
    for (let i = 0; i < count; i++) {
      const value = x[xAt + i * xStep]!
      out[outAt + i * outStep] = value > 0 ? value : alpha * Math.expm1(value / alpha)
    }
  },
  derivative: ({ inputs, attributes }) => exp(div(minimum(inputs[0]!, 0), attributes.alpha as number)),
  keeps: 'inputs',
  domain: 'nonzero',
  sampleAttributes: draw => ({ alpha: draw.integer(1, 9) / 4 }),
})

/**
 * The exponential linear unit whose slope at 0 is 1 for every alpha: x where x > 0, alpha (e^(x / alpha) - 1) elsewhere.
 * `d celu = dx`, and `e^(x / alpha) dx` below 0.
 *
 * Kink policy: the second derivative at 0 is 0. Source: J. T. Barron, "Continuously Differentiable Exponential Linear
 * Units", 2017.
 *
 * @throws ArgumentError unless alpha is a finite number above 0.
 */
export const celu: Op<<S extends Shape>(x: Tensor<S>, alpha?: number) => Tensor<S>> = /* @__PURE__ */ op(
  primitive,
  <S extends Shape>(x: Tensor<S>, alpha = 1) => {
    if (!(expectNumber('celu', 'alpha', alpha) > 0)) {
      throw new ArgumentError(
        'celu',
        `alpha must be above 0, got ${alpha}: it is where the curve levels off.`,
      )
    }
    return apply(primitive, [expectTensor('celu', x)], { alpha }) as Tensor<S>
  },
)
