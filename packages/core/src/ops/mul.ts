import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'

/** x y, element by element, broadcast. `d(x y) = y dx + x dy` */
export const mul: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'mul',
  dtype: 'number',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      out[outAt + i * outStep] = x[xAt + i * xStep]! * y[yAt + i * yStep]!
    }
  },
  derivatives: [({ inputs }) => inputs[1]!, ({ inputs }) => inputs[0]!],
  keeps: 'inputs',
  domains: ['real', 'real'],
})
