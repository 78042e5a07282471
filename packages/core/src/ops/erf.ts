import { errorFunction } from '../backend/errorFunction.ts'
import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { gaussian } from './gaussian.ts'
import { mul } from './mul.ts'

/** 2/√π */
const SLOPE_AT_ZERO = 1.1283791670955126

/**
 * The error function, (2/√π) ∫₀ˣ exp(-t²) dt. `d erf = (2/√π) exp(-x²) dx`
 *
 * By W. J. Cody's rational approximations, "Rational Chebyshev approximations for the error function", Mathematics of
 * Computation 23 (1969).
 *
 * @example
 * ```ts
 * import { erf, tensor } from '@adjoint/core'
 * erf(tensor([0, 0.5], { dtype: 'float64' })).toArray() // => [0, 0.5204998778130465]
 * ```
 */
export const erf: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'erf',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = errorFunction(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs }) => mul(gaussian(inputs[0]!), SLOPE_AT_ZERO),
  keeps: 'inputs',
  domain: 'real',
})
