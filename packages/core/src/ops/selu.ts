import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { exp } from './exp.ts'
import { greaterEqual } from './greaterEqual.ts'
import { minimum } from './minimum.ts'
import { mul } from './mul.ts'
import { where } from './where.ts'

/** The two constants for which mean 0 and variance 1 are a fixed point of a layer. */
const ALPHA = 1.6732632423543772848170429916717
const SCALE = 1.0507009873554804934193349852946

/**
 * The scaled exponential linear unit: 1.0507 times elu with alpha 1.6733, which keeps mean 0 and variance 1 from layer to
 * layer. `d selu = 1.0507 dx`, and `1.7581 e^x dx` below 0.
 *
 * Kink policy: the derivative at 0 is 1.0507, the slope of least norm; the second derivative there is 0. Source:
 * G. Klambauer, T. Unterthiner, A. Mayr, S. Hochreiter, "Self-Normalizing Neural Networks", NeurIPS 2017.
 */
export const selu: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'selu',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const value = x[xAt + i * xStep]!
      out[outAt + i * outStep] = SCALE * (value > 0 ? value : ALPHA * Math.expm1(value))
    }
  },
  derivative: ({ inputs: [x] }) => where(greaterEqual(x!, 0), SCALE, mul(exp(minimum(x!, 0)), SCALE * ALPHA)),
  keeps: 'inputs',
  domain: 'nonzero',
})
