import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import { div } from './div.ts'
import { equal } from './equal.ts'
import { where } from './where.ts'

/** √(x² + y²). Beyond 2^±500 a square may overflow or lose digits; powers of two keep it in range and change no digit. */
function length(x: number, y: number): number {
  const [a, b] = [Math.abs(x), Math.abs(y)]
  const largest = a === Number.POSITIVE_INFINITY ? a : Math.max(a, b)
  if (b === Number.POSITIVE_INFINITY || largest === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
  const scale = largest > 2 ** 500 ? 2 ** -600 : largest < 2 ** -500 ? 2 ** 600 : 1
  return Math.sqrt((a * scale) ** 2 + (b * scale) ** 2) / scale
}

/**
 * √(x² + y²), the length of the vector (x, y), broadcast; no square overflows on the way. `d hypot = (x dx + y dy) / hypot`
 *
 * Infinite where either operand is, as C has it. Kink policy: both derivatives are 0 at (0, 0).
 *
 * @example
 * ```ts
 * import { hypot, tensor } from '@adjoint/core'
 * hypot(tensor([3, 0]), tensor([4, 0])).toArray() // => [5, 0]
 * hypot(tensor(3e200, { dtype: 'float64' }), 4e200).div(1e200).item() // => 5
 * ```
 */
export const hypot: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'hypot',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      out[outAt + i * outStep] = length(x[xAt + i * xStep]!, y[yAt + i * yStep]!)
    }
  },
  derivatives: [
    ({ inputs, output }) => where(equal(output, 0), 0, div(inputs[0]!, output)),
    ({ inputs, output }) => where(equal(output, 0), 0, div(inputs[1]!, output)),
  ],
  keeps: 'both',
  domains: ['nonzero', 'real'],
})
