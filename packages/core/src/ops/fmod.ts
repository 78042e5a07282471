import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import { abs } from './abs.ts'
import { expectDivisors, floorDivide } from './floorDivide.ts'
import { mul } from './mul.ts'
import { neg } from './neg.ts'
import { sign } from './sign.ts'

/**
 * What is left of x after division by y, with the sign of the dividend x, broadcast: x - y trunc(x / y), as `%` of
 * JavaScript and C. `d fmod = dx - trunc(x / y) dy`
 *
 * NaN where a floating y is 0 or x is infinite. Kink policy: the derivatives hold at the jumps too.
 *
 * @example
 * ```ts
 * import { fmod, tensor } from '@adjoint/core'
 * fmod(tensor([7, -7, 7, -7]), tensor([3, 3, -3, -3])).toArray() // => [1, -1, 1, -1]
 * ```
 * @throws ArgumentError when whole numbers are divided by 0.
 */
export const fmod: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'fmod',
  dtype: 'number',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      out[outAt + i * outStep] = x[xAt + i * xStep]! % y[yAt + i * yStep]!
    }
  },
  derivatives: [
    1,
    // Rounding the quotient of the sizes down rounds the quotient toward 0.
    ({ inputs: [x, y] }) => neg(mul(mul(sign(x!), sign(y!)), floorDivide(abs(x!), abs(y!)))),
  ],
  keeps: 'inputs',
  expectOperands: expectDivisors,
  domains: ['betweenHalves', 'nearOne'],
})
