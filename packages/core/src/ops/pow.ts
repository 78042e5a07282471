import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { equal } from './equal.ts'
import { greaterEqual } from './greaterEqual.ts'
import { log } from './log.ts'
import { mul } from './mul.ts'
import { sub } from './sub.ts'
import { where } from './where.ts'

/** x^y, by multiplication where the exponent is a small whole number. */
function power(x: number, y: number): number {
  switch (y) {
    case 2:
      return x * x
    case 3:
      return x * x * x
    case 4:
      return x * x * (x * x)
    case -1:
      return 1 / x
    case -2:
      return 1 / (x * x)
    default:
      // As IEEE 754-2008 has it, and JavaScript has not: 1 to any power, and -1 to an infinite one.
      return x === 1 || (x === -1 && (y === Number.POSITIVE_INFINITY || y === Number.NEGATIVE_INFINITY))
        ? 1
        : x ** y
  }
}

/** Where x is 0 and y is not negative: there x^y does not change with y. */
function isFlat(x: Tensor, y: Tensor): Tensor {
  return mul(equal(x, 0), greaterEqual(y, 0))
}

/**
 * x to the power y, broadcast. `d(x^y) = y x^(y-1) dx + x^y log x dy`
 *
 * Small whole exponents are computed by multiplication, so that x² is exact. int32 powers stay int32: a negative exponent
 * rounds toward 0. Kink policy: x^0 has derivative 0 also at x = 0; 0^y has derivative 0 with respect to y for y >= 0;
 * infinite derivatives let a cotangent of 0 contribute 0. As in IEEE 754-2008, 1^y is 1 for every y, NaN and infinities
 * included, and so is (-1)^±∞; the derivatives are those of the formula, so that with respect to x it is ±∞ at (1, ±∞).
 *
 * @example
 * ```ts
 * import { pow, tensor } from '@adjoint/core'
 * pow(tensor([1, 2, 3]), 2).toArray() // => [1, 4, 9]
 * ```
 */
export const pow: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'pow',
  dtype: 'number',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      out[outAt + i * outStep] = power(x[xAt + i * xStep]!, y[yAt + i * yStep]!)
    }
  },
  derivatives: [
    ({ inputs: [x, y] }) => where(mul(equal(x!, 0), equal(y!, 0)), 0, mul(y!, pow(x!, sub(y!, 1)))),
    ({ inputs: [x, y], output }) => where(isFlat(x!, y!), 0, mul(output, log(x!))),
  ],
  keeps: 'both',
  domains: ['positive', 'real'],
})
