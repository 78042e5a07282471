import { bitwise } from '../primitive/bitwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'

/**
 * The bits of x moved down by y places, `x >> y`, for int32 and bool tensors, broadcast: ⌊x / 2^y⌋. A negative y, or one
 * above 31, counts as 31: 0 for x from 0 up, else -1.
 *
 * @example
 * ```ts
 * import { rightShift, tensor } from '@adjoint/core'
 * rightShift(tensor([17, -17], { dtype: 'int32' }), 2).toArray() // => [4, -5]
 * ```
 * @throws DTypeError for floating operands.
 */
export const rightShift: Op<BinaryOp> = /* @__PURE__ */ bitwise({
  name: 'rightShift',
  dtype: 'number',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const places = y[yAt + i * yStep]!
      out[outAt + i * outStep] = x[xAt + i * xStep]! >> (places < 0 ? 31 : Math.min(places, 31))
    }
  },
})
