import { bitwise } from '../primitive/bitwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'

/**
 * The bits that are set in both, `x & y`, for int32 and bool tensors, broadcast; two bools give a bool.
 *
 * @example
 * ```ts
 * import { bitwiseAnd, tensor } from '@adjoint/core'
 * bitwiseAnd(tensor([6, 3], { dtype: 'int32' }), tensor([5, 2], { dtype: 'int32' })).toArray() // => [4, 2]
 * ```
 * @throws DTypeError for floating operands.
 */
export const bitwiseAnd: Op<BinaryOp> = /* @__PURE__ */ bitwise({
  name: 'bitwiseAnd',
  dtype: 'same',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      out[outAt + i * outStep] = x[xAt + i * xStep]! & y[yAt + i * yStep]!
    }
  },
})
