import { pointBetween } from '../backend/pointBetween.ts'
import type { Op } from '../primitive/primitive.ts'
import type { TernaryOp } from '../primitive/signatures.ts'
import { ternary } from '../primitive/ternary.ts'
import { sub } from './sub.ts'

/**
 * The point between x and `end` at `weight`, broadcast: x + weight (end - x), exactly x at weight 0 and exactly `end` at
 * weight 1; other weights lie on the line beyond. Two equal infinities stay one, and ends that are further apart than the
 * largest number have finite points between them. `d lerp = (1 - weight) dx + weight d end + (end - x) d weight`
 *
 * @example
 * ```ts
 * import { lerp, tensor } from '@adjoint/core'
 * lerp(tensor([0, 10]), tensor([4, 20]), 0.25).toArray() // => [1, 12.5]
 * ```
 * @throws ShapeError when the shapes do not broadcast.
 */
export const lerp: Op<TernaryOp> = /* @__PURE__ */ ternary({
  name: 'lerp',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, y, yAt, yStep, z, zAt, zStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      out[outAt + i * outStep] = pointBetween(x[xAt + i * xStep]!, y[yAt + i * yStep]!, z[zAt + i * zStep]!)
    }
  },
  derivatives: [
    ({ inputs }) => sub(1, inputs[2]!),
    ({ inputs }) => inputs[2]!,
    ({ inputs: [x, end] }) => sub(end!, x!),
  ],
  keeps: 'inputs',
})
