import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { add } from './add.ts'
import { square } from './square.ts'

/** Tangent of an angle in radians. `d(tan x) = (1 + tan² x) dx` */
export const tan: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'tan',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.tan(x[xAt + i * xStep]!)
  },
  derivative: ({ output }) => add(square(output), 1),
  keeps: 'output',
  domain: 'unit',
})
