import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { add } from './add.ts'
import { mul } from './mul.ts'
import { sigmoid } from './sigmoid.ts'
import { softplus } from './softplus.ts'
import { square } from './square.ts'
import { sub } from './sub.ts'
import { tanh } from './tanh.ts'

/**
 * x tanh(softplus(x)), without overflow on either side. With w = tanh(softplus(x)): `d mish = (w + x σ(x) (1 - w²)) dx`
 *
 * NaN at -∞, as the product -∞ · 0. Source: D. Misra, "Mish: A Self Regularized Non-Monotonic Activation Function",
 * BMVC 2020.
 */
export const mish: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'mish',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const value = x[xAt + i * xStep]!
      // tanh(log(1 + e^x)) = n / (n + 2) with n = e^x (e^x + 2); on the positive side divided by e^2x.
      const small = Math.exp(-Math.abs(value))
      const n = value < 0 ? small * (small + 2) : 1 + 2 * small
      out[outAt + i * outStep] = value * (n / (value < 0 ? n + 2 : n + 2 * small * small))
    }
  },
  derivative: ({ inputs: [x] }) => {
    const weight = tanh(softplus(x!))
    return add(weight, mul(mul(x!, sigmoid(x!)), sub(1, square(weight))))
  },
  keeps: 'inputs',
  domain: 'real',
})
