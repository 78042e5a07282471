import { bitwise } from '../primitive/bitwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'

/**
 * The bits that are set in either, `x | y`, for int32 and bool tensors, broadcast; two bools give a bool.
 *
 * @example
 * ```ts
 * import { bitwiseOr, tensor } from '@adjoint/core'
 * bitwiseOr(tensor([6, 3], { dtype: 'int32' }), tensor([5, 2], { dtype: 'int32' })).toArray() // => [7, 3]
 * ```
 * @throws DTypeError for floating operands.
 */
export const bitwiseOr: Op<BinaryOp> = /* @__PURE__ */ bitwise({
  name: 'bitwiseOr',
  dtype: 'same',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      out[outAt + i * outStep] = x[xAt + i * xStep]! | y[yAt + i * yStep]!
    }
  },
})
