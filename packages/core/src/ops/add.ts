import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'

/**
 * x + y, broadcast. `d(x + y) = dx + dy`
 *
 * @example
 * ```ts
 * import { add, tensor } from '@adjoint/core'
 * add(tensor([[1, 2], [3, 4]]), tensor([10, 20])).toArray() // => [[11, 22], [13, 24]]
 * ```
 * @throws ShapeError when the shapes do not broadcast.
 */
export const add: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'add',
  dtype: 'number',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      out[outAt + i * outStep] = x[xAt + i * xStep]! + y[yAt + i * yStep]!
    }
  },
  derivatives: [1, 1],
  keeps: 'nothing',
  domains: ['real', 'real'],
})
