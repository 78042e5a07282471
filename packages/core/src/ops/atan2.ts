import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { add } from './add.ts'
import { div } from './div.ts'
import { equal } from './equal.ts'
import { hypot } from './hypot.ts'
import { neg } from './neg.ts'
import { where } from './where.ts'

/** One coordinate over the squared length: 0 at the origin, and at infinity, where no finite step turns the vector. */
function perSquare(coordinate: Tensor, length: Tensor): Tensor {
  const isIdle = add(equal(length, 0), equal(length, Number.POSITIVE_INFINITY))
  return where(isIdle, 0, div(div(coordinate, length), length))
}

/**
 * The angle of the vector (x, y) in radians, from -π to π, broadcast: the arc tangent of y / x in the right quadrant.
 * `d atan2(y, x) = (x dy - y dx) / (x² + y²)`, without overflow of the squares.
 *
 * Kink policy: both derivatives are 0 at (0, 0).
 *
 * @example
 * ```ts
 * import { atan2, tensor } from '@adjoint/core'
 * atan2(tensor([0, 1, -1]), tensor([1, 0, -1])).toArray() // => [0, 1.5708, -2.3562]
 * ```
 */
export const atan2: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'atan2',
  dtype: 'floating',
  loop: (count, y, yAt, yStep, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      out[outAt + i * outStep] = Math.atan2(y[yAt + i * yStep]!, x[xAt + i * xStep]!)
    }
  },
  derivatives: [
    ({ inputs: [y, x] }) => perSquare(x!, hypot(y!, x!)),
    ({ inputs: [y, x] }) => neg(perSquare(y!, hypot(y!, x!))),
  ],
  keeps: 'inputs',
  domains: ['nonzero', 'real'],
})
