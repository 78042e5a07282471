import { complementaryErrorFunction } from '../backend/errorFunction.ts'
import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { gaussian } from './gaussian.ts'
import { mul } from './mul.ts'

/** 2/√π */
const SLOPE_AT_ZERO = 1.1283791670955126

/**
 * The complementary error function, 1 - erf(x), with all of its digits where it is small: erfc(20) is 5.4e-176.
 * `d erfc = -(2/√π) exp(-x²) dx`. By the approximations of `erf`.
 */
export const erfc: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'erfc',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = complementaryErrorFunction(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs }) => mul(gaussian(inputs[0]!), -SLOPE_AT_ZERO),
  keeps: 'inputs',
  domain: 'real',
})
