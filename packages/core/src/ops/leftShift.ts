import { bitwise } from '../primitive/bitwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'

/**
 * The bits of x moved up by y places, `x << y`, for int32 and bool tensors, broadcast: x times 2^y where that fits. Bits
 * beyond the 32nd are lost; a negative y, or one above 31, gives 0.
 *
 * @example
 * ```ts
 * import { leftShift, tensor } from '@adjoint/core'
 * leftShift(tensor([1, -3], { dtype: 'int32' }), 4).toArray() // => [16, -48]
 * ```
 * @throws DTypeError for floating operands.
 */
export const leftShift: Op<BinaryOp> = /* @__PURE__ */ bitwise({
  name: 'leftShift',
  dtype: 'number',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      // The operator looks at the lowest five bits of the distance only.
      const places = y[yAt + i * yStep]!
      out[outAt + i * outStep] = places < 0 || places > 31 ? 0 : x[xAt + i * xStep]! << places
    }
  },
})
