import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import { expectDivisors, floorDivide } from './floorDivide.ts'
import { neg } from './neg.ts'

/**
 * What is left of x after division by y, with the sign of the divisor y, broadcast: `x - y ⌊x / y⌋`, as `%` of Python.
 * `d remainder = dx - ⌊x / y⌋ dy`
 *
 * NaN where a floating y is 0 or x is infinite. Kink policy: the derivatives hold at the jumps too.
 *
 * @example
 * ```ts
 * import { remainder, tensor } from '@adjoint/core'
 * remainder(tensor([7, -7, 7, -7]), tensor([3, 3, -3, -3])).toArray() // => [1, 2, -2, -1]
 * ```
 * @throws ArgumentError when whole numbers are divided by 0.
 */
export const remainder: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'remainder',
  dtype: 'number',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const divisor = y[yAt + i * yStep]!
      // The operator is exact, but takes the sign of the dividend.
      const rest = x[xAt + i * xStep]! % divisor
      out[outAt + i * outStep] = rest !== 0 && rest < 0 !== divisor < 0 ? rest + divisor : rest
    }
  },
  derivatives: [1, ({ inputs: [x, y] }) => neg(floorDivide(x!, y!))],
  keeps: 'inputs',
  expectOperands: expectDivisors,
  domains: ['betweenHalves', 'nearOne'],
})
