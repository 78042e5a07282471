import { inverseErrorFunction } from '../backend/errorFunction.ts'
import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { exp } from './exp.ts'
import { mul } from './mul.ts'
import { square } from './square.ts'

/** √π/2 */
const SLOPE_AT_ZERO = 0.886226925452758

/**
 * The inverse of the error function; NaN outside of [-1, 1]. `d erfinv = (√π/2) exp(y²) dx`
 *
 * By M. J. Wichura's quantile of the normal distribution, "Algorithm AS 241", Applied Statistics 37 (1988), and one step
 * of Halley's method. Kink policy: infinite at -1 and 1, value and derivative; a cotangent that is exactly 0 contributes 0.
 *
 * @example
 * ```ts
 * import { erfinv, tensor } from '@adjoint/core'
 * erfinv(tensor([0, 1, -1])).toArray() // => [0, Infinity, -Infinity]
 * ```
 */
export const erfinv: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'erfinv',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = inverseErrorFunction(x[xAt + i * xStep]!)
  },
  derivative: ({ output }) => mul(exp(square(output)), SLOPE_AT_ZERO),
  keeps: 'output',
  domain: 'unit',
})
