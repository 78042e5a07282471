import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { div } from './div.ts'

/** log₁₀ x. Math.log10 may miss the whole number by a rounding or two at a power of 10. */
function commonLogarithm(x: number): number {
  const y = Math.log10(x)
  const whole = Math.round(y)
  return Math.abs(y - whole) < 5e-16 * Math.abs(whole) && x === Number(`1e${whole}`) ? whole : y
}

/**
 * Logarithm to the base 10, exact at powers of 10. `d(log₁₀ x) = dx / (x ln 10)`
 *
 * Kink policy: infinite at 0 (value -infinity, derivative infinity); a cotangent that is exactly 0 contributes 0.
 *
 * @example
 * ```ts
 * import { log10, tensor } from '@adjoint/core'
 * log10(tensor([1000, 1, 1e-5], { dtype: 'float64' })).toArray() // => [3, 0, -5]
 * ```
 */
export const log10: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'log10',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = commonLogarithm(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs }) => div(Math.LOG10E, inputs[0]!),
  keeps: 'inputs',
  domain: 'positive',
})
