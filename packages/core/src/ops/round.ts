import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'

/** From here on every float64 is a whole number, and below it adding this rounds to one. */
const WHOLE_FROM = 2 ** 52

function roundHalfToEven(x: number): number {
  // In either case a zero has the sign of x.
  if (x > 0 && x < WHOLE_FROM) return x + WHOLE_FROM - WHOLE_FROM
  if (x < 0 && x > -WHOLE_FROM) return -(WHOLE_FROM - x - WHOLE_FROM)
  return x
}

/**
 * The nearest whole number; halves go to the even one, as IEEE arithmetic, NumPy and PyTorch do, and unlike Math.round.
 * Piecewise constant: the derivative is 0 everywhere, also at the jumps.
 *
 * @example
 * ```ts
 * import { round, tensor } from '@adjoint/core'
 * round(tensor([0.5, 1.5, 2.5, -3.5])).toArray() // => [0, 2, 2, -4]
 * ```
 */
export const round: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'round',
  dtype: 'number',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = roundHalfToEven(x[xAt + i * xStep]!)
  },
  derivative: 0,
  keeps: 'nothing',
  domain: 'betweenHalves',
})
