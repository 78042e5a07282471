import { exponential } from '../backend/portable.ts'
import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'

/**
 * e^x with the same bits on every machine, which `exp` does not promise: ECMAScript leaves the last bits of `Math.exp` to
 * each engine. For random draws; slower than `exp`. `d portableExp(x) = portableExp(x) dx`
 */
export const portableExp: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'portableExp',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = exponential(x[xAt + i * xStep]!)
  },
  derivative: ({ output }) => output,
  keeps: 'output',
  domain: 'real',
})
