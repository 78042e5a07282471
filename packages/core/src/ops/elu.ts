import { apply } from '../graph/apply.ts'
import { unaryPrimitive } from '../primitive/elementwise.ts'
import { type Op, op } from '../primitive/primitive.ts'
import type { Shape } from '../shape/types.ts'
import { expectNumber, expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { exp } from './exp.ts'
import { greater } from './greater.ts'
import { greaterEqual } from './greaterEqual.ts'
import { minimum } from './minimum.ts'
import { mul } from './mul.ts'
import { where } from './where.ts'

const primitive = /* @__PURE__ */ unaryPrimitive({
  name: 'elu',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep, attributes) => {
    const alpha = attributes.alpha as number
    for (let i = 0; i < count; i++) {
      const value = x[xAt + i * xStep]!
      out[outAt + i * outStep] = value > 0 ? value : alpha * Math.expm1(value)
    }
  },
  derivative: ({ inputs: [x], attributes }) => {
    const alpha = attributes.alpha as number
    // At most 1: nothing overflows where the exponential has no say.
    const decay = exp(minimum(x!, 0))
    if (alpha === 1) return decay
    return where((alpha < 1 ? greater : greaterEqual)(x!, 0), 1, mul(decay, alpha))
  },
  keeps: 'inputs',
  domain: 'nonzero',
  sampleAttributes: draw => ({ alpha: draw.integer(1, 9) / 4 }),
})

/**
 * The exponential linear unit: x where x > 0, alpha (e^x - 1) elsewhere. `d elu = dx`, and `alpha e^x dx` below 0.
 *
 * Kink policy: the derivative at 0 is the smaller of alpha and 1; the second derivative there is 0. Source: D.-A. Clevert,
 * T. Unterthiner, S. Hochreiter, "Fast and Accurate Deep Network Learning by Exponential Linear Units (ELUs)", ICLR 2016.
 *
 * @throws ArgumentError when alpha is no finite number.
 */
export const elu: Op<<S extends Shape>(x: Tensor<S>, alpha?: number) => Tensor<S>> = /* @__PURE__ */ op(
  primitive,
  <S extends Shape>(x: Tensor<S>, alpha = 1) =>
    apply(primitive, [expectTensor('elu', x)], { alpha: expectNumber('elu', 'alpha', alpha) }) as Tensor<S>,
)
