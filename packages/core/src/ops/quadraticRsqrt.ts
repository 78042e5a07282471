import { apply } from '../graph/apply.ts'
import { type UnaryDeclaration, unaryPrimitive } from '../primitive/elementwise.ts'
import { type ElementwisePrimitive, type Op, op } from '../primitive/primitive.ts'
import type { Domain, Sampler } from '../primitive/sample.ts'
import type { Shape } from '../shape/types.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { mul } from './mul.ts'
import { neg } from './neg.ts'
import { square } from './square.ts'
import { weigh } from './weigh.ts'

/** The quadratics that the derivatives of inverse trigonometric and hyperbolic functions are made of. */
export type Quadratic = '1 - x²' | '1 + x²' | 'x² - 1'

const KERNELS: { readonly [Q in Quadratic]: (x: number) => number } = {
  // Factors lose nothing next to ±1, where the difference of squares would.
  '1 - x²': x => 1 / Math.sqrt((1 - x) * (1 + x)),
  'x² - 1': x => 1 / (Math.sqrt(Math.abs(x) - 1) * Math.sqrt(Math.abs(x) + 1)),
  '1 + x²': x => (Math.abs(x) > 1e100 ? 1 / Math.abs(x) : 1 / Math.sqrt(1 + x * x)),
}

const DOMAINS: { readonly [Q in Quadratic]: Domain } = {
  '1 - x²': 'unit',
  'x² - 1': 'aboveOne',
  '1 + x²': 'real',
}

const QUADRATICS: readonly Quadratic[] = ['1 - x²', '1 + x²', 'x² - 1']

const primitive = /* @__PURE__ */ withDomains({
  name: 'quadraticRsqrt',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep, attributes) => {
    const kernel = KERNELS[attributes.quadratic as Quadratic]
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = kernel(x[xAt + i * xStep]!)
  },
  // x y first: y³ alone would underflow where the result does not. At infinity, y is 0 and so is the derivative.
  derivative: ({ inputs, output, attributes }) => {
    const slope = mul(weigh(output, inputs[0]!), square(output))
    return attributes.quadratic === '1 - x²' ? slope : neg(slope)
  },
  keeps: 'both',
  domain: 'unit',
})

/** The calls of the laws: the domain depends on the quadratic. */
function withDomains(declaration: UnaryDeclaration): ElementwisePrimitive {
  const sample: Sampler = draw => {
    const quadratic = QUADRATICS[draw.integer(0, 2)]!
    return { inputs: [{ shape: draw.shape(0, 3), domain: DOMAINS[quadratic] }], attributes: { quadratic } }
  }
  return { ...unaryPrimitive(declaration), sample }
}

/**
 * 1 / √(1 - x²), 1 / √(1 + x²) or 1 / √(x² - 1): what inverse trigonometric and hyperbolic functions have for derivatives,
 * to full precision also next to ±1 and for large x. `d y = ±x y³ dx`, with the plus sign for 1 - x².
 */
export const quadraticRsqrt: Op<<S extends Shape>(x: Tensor<S>, quadratic: Quadratic) => Tensor<S>> =
  /* @__PURE__ */ op(
    primitive,
    <S extends Shape>(x: Tensor<S>, quadratic: Quadratic) =>
      apply(primitive, [x], { quadratic }) as Tensor<S>,
  )
