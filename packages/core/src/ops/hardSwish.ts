import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { abs } from './abs.ts'
import { add } from './add.ts'
import { div } from './div.ts'
import { greater } from './greater.ts'
import { less } from './less.ts'
import { where } from './where.ts'

/**
 * x hardSigmoid(x): 0 up to -3, x from 3, a parabola between. `d hardSwish = (x / 3 + 1 / 2) dx` between, 0 below, `dx` above
 *
 * NaN at -∞, as the product -∞ · 0. Kink policy: the slopes of least norm, 0 at -3 and 1 at 3; the second derivative there
 * is 0. Source: A. Howard and others, "Searching for MobileNetV3", ICCV 2019.
 */
export const hardSwish: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'hardSwish',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const value = x[xAt + i * xStep]!
      out[outAt + i * outStep] = value * (Math.min(Math.max(value + 3, 0), 6) / 6)
    }
  },
  derivative: ({ inputs: [x] }) => where(less(abs(x!), 3), add(div(x!, 3), 0.5), greater(x!, 0)),
  keeps: 'inputs',
  domain: 'betweenHalves',
})
