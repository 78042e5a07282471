import { bitwise } from '../primitive/bitwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'

/**
 * The bits that differ, `x ^ y`, for int32 and bool tensors, broadcast; two bools give a bool.
 *
 * @example
 * ```ts
 * import { bitwiseXor, tensor } from '@adjoint/core'
 * bitwiseXor(tensor([6, 3], { dtype: 'int32' }), tensor([5, 2], { dtype: 'int32' })).toArray() // => [3, 1]
 * ```
 * @throws DTypeError for floating operands.
 */
export const bitwiseXor: Op<BinaryOp> = /* @__PURE__ */ bitwise({
  name: 'bitwiseXor',
  dtype: 'same',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      out[outAt + i * outStep] = x[xAt + i * xStep]! ^ y[yAt + i * yStep]!
    }
  },
})
