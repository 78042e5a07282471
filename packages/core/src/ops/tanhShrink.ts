import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { square } from './square.ts'
import { tanh } from './tanh.ts'

/** Levels of the continued fraction that reach full precision for |x| below 1. */
const LEVELS = [19, 17, 15, 13, 11, 9, 7, 5, 3]

/** x - tanh x without cancellation: tanh x = x / (1 + c) with c = x² / (3 + x² / (5 + ...)), by J. H. Lambert. */
function shrunk(x: number): number {
  if (Math.abs(x) >= 1) return x - Math.tanh(x)
  let rest = 0
  for (const level of LEVELS) rest = (x * x) / (level + rest)
  return (x * rest) / (1 + rest)
}

/**
 * x - tanh x, with all digits near 0, where it is x³ / 3. `d tanhShrink = tanh² x dx`
 *
 * @example
 * ```ts
 * import { tanhShrink, tensor } from '@adjoint/core'
 * tanhShrink(tensor([-20, 0, 1, 20])).toArray() // => [-19, 0, 0.2384, 19]
 * ```
 */
export const tanhShrink: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'tanhShrink',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = shrunk(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs }) => square(tanh(inputs[0]!)),
  keeps: 'inputs',
  domain: 'real',
})
