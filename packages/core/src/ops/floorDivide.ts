import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import { ArgumentError } from '../shape/errors.ts'
import { isFloating } from '../storage/dtype.ts'
import { compact, type Tensor } from '../tensor/tensor.ts'

/** Whole numbers have no infinity to answer a division by 0 with. */
export function expectDivisors(op: string, x: Tensor, y: Tensor): void {
  if (isFloating(x.dtype) || isFloating(y.dtype) || x.size === 0) return
  const { storage, offset, size } = compact(y)
  for (let i = 0; i < size; i++) {
    if (storage[offset + i] !== 0) continue
    throw new ArgumentError(
      op,
      `an element of the ${y.dtype} divisor is 0; cast to float32 or float64 for infinities and NaN, or mask the zeros first.`,
    )
  }
}

/** ⌊x / y⌋, from the exact remainder: the rounding of x / y can move it over a whole number. */
function quotient(x: number, y: number): number {
  if (y === 0) return x / y
  const rest = x % y
  const below = rest !== 0 && rest < 0 !== y < 0 ? 1 : 0
  const whole = Math.round((x - rest) / y) - below
  // A quotient of 0 keeps the sign of x / y.
  return whole === 0 ? 0 * (x / y) : whole
}

/**
 * x / y rounded down to a whole number, broadcast: ⌊x / y⌋, so that `x = y floorDivide(x, y) + remainder(x, y)`.
 * Piecewise constant: the derivatives are 0 everywhere, also at the jumps. x / y itself where a floating y is 0.
 *
 * @example
 * ```ts
 * import { floorDivide, tensor } from '@adjoint/core'
 * floorDivide(tensor([7, -7, 7, -7]), tensor([2, 2, -2, -2])).toArray() // => [3, -4, -4, 3]
 * ```
 * @throws ArgumentError when whole numbers are divided by 0.
 */
export const floorDivide: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'floorDivide',
  dtype: 'number',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      out[outAt + i * outStep] = quotient(x[xAt + i * xStep]!, y[yAt + i * yStep]!)
    }
  },
  derivatives: [0, 0],
  keeps: 'nothing',
  expectOperands: expectDivisors,
  domains: ['betweenHalves', 'nearOne'],
})
