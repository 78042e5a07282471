import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import { greater } from './greater.ts'
import { where } from './where.ts'

/**
 * x where x > 0, slope times x elsewhere, where the slope is a tensor to be learned; the two broadcast. A slope for each
 * channel of `[batch, channels, height, width]` has the shape `[channels, 1, 1]`.
 * `d prelu = dx` above 0, `slope dx + x d slope` elsewhere.
 *
 * Kink policy: the derivative at x = 0 is the slope, as for leakyRelu. Source: K. He, X. Zhang, S. Ren, J. Sun, "Delving
 * Deep into Rectifiers", ICCV 2015.
 *
 * @example
 * ```ts
 * import { prelu, tensor } from '@adjoint/core'
 * prelu(tensor([[-4, 3], [2, -8]]), tensor([0.25, 0.5])).toArray() // => [[-1, 3], [2, -4]]
 * ```
 * @throws ShapeError when the shapes do not broadcast.
 */
export const prelu: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'prelu',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const value = x[xAt + i * xStep]!
      out[outAt + i * outStep] = value > 0 ? value : y[yAt + i * yStep]! * value
    }
  },
  derivatives: [
    ({ inputs: [x, slope] }) => where(greater(x!, 0), 1, slope!),
    ({ inputs: [x] }) => where(greater(x!, 0), 0, x!),
  ],
  keeps: 'inputs',
  domains: ['nonzero', 'real'],
})
