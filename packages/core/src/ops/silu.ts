import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { add } from './add.ts'
import { mul } from './mul.ts'
import { neg } from './neg.ts'
import { sigmoid } from './sigmoid.ts'

/**
 * x σ(x), also called swish, without overflow on either side. `d silu = σ(x) (1 + x σ(-x)) dx`
 *
 * NaN at -∞, as the product -∞ · 0. Source: D. Hendrycks, K. Gimpel, "Gaussian Error Linear Units (GELUs)", 2016.
 *
 * @example
 * ```ts
 * import { silu, tensor } from '@adjoint/core'
 * silu(tensor([-1, 0, 1, 1000])).toArray() // => [-0.2689, 0, 0.7311, 1000]
 * ```
 */
export const silu: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'silu',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const value = x[xAt + i * xStep]!
      const small = Math.exp(-Math.abs(value))
      out[outAt + i * outStep] = value < 0 ? value * (small / (1 + small)) : value / (1 + small)
    }
  },
  derivative: ({ inputs: [x] }) => mul(sigmoid(x!), add(mul(x!, sigmoid(neg(x!))), 1)),
  keeps: 'inputs',
  domain: 'real',
})
