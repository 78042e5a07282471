import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import { shares } from './logAddExp.ts'

/**
 * log₂(2^x + 2^y), broadcast, without overflow: max(x, y) + log₂(1 + 2^-|x - y|).
 * `d logAddExp2 = σ(log 2 · (x - y)) dx + σ(log 2 · (y - x)) dy`
 *
 * Kink policy: as for {@link logAddExp}.
 *
 * @example
 * ```ts
 * import { logAddExp2, tensor } from '@adjoint/core'
 * logAddExp2(tensor([3, 1000]), tensor([3, 1000])).toArray() // => [4, 1001]
 * ```
 */
export const logAddExp2: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'logAddExp2',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const [left, right] = [x[xAt + i * xStep]!, y[yAt + i * yStep]!]
      const distance = left === right ? 0 : Math.abs(left - right)
      out[outAt + i * outStep] = Math.max(left, right) + Math.log1p(2 ** -distance) * Math.LOG2E
    }
  },
  derivatives: /* @__PURE__ */ shares(Math.LN2),
  keeps: 'both',
  domains: ['real', 'real'],
})
