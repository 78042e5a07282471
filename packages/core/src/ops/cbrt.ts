import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { mul } from './mul.ts'
import { reciprocal } from './reciprocal.ts'
import { square } from './square.ts'

/**
 * Cube root, of negative numbers too. `d(∛x) = dx / (3 y²)`
 *
 * Kink policy: the derivative at 0 is infinity; a cotangent that is exactly 0 contributes 0.
 *
 * @example
 * ```ts
 * import { cbrt, tensor } from '@adjoint/core'
 * cbrt(tensor([27, 0, -8])).toArray() // => [3, 0, -2]
 * ```
 */
export const cbrt: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'cbrt',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.cbrt(x[xAt + i * xStep]!)
  },
  // The square of 1/y, and not 1/y²: at 0 that is a product of infinities in every order, never one with 0.
  derivative: ({ output }) => mul(square(reciprocal(output)), 1 / 3),
  keeps: 'output',
  domain: 'nonzero',
})
