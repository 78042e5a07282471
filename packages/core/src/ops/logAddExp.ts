import { binary } from '../primitive/elementwise.ts'
import type { Call, Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { equal } from './equal.ts'
import { mul } from './mul.ts'
import { sigmoid } from './sigmoid.ts'
import { sub } from './sub.ts'
import { where } from './where.ts'

/**
 * The share of one operand in a sum of powers with the natural logarithm `scale` of the base: σ(scale (own - other)).
 * Two infinities are as far apart as two equals; beside a result of -∞ no finite step changes anything.
 */
export function shareOf(own: Tensor, other: Tensor, output: Tensor, scale: number): Tensor {
  const isTie = mul(equal(own, other), equal(own, Number.POSITIVE_INFINITY))
  const distance = where(isTie, 0, sub(own, other))
  return where(
    equal(output, Number.NEGATIVE_INFINITY),
    0,
    sigmoid(scale === 1 ? distance : mul(distance, scale)),
  )
}

/** The derivatives of log_b(b^x + b^y), where `scale` is log b. */
export function shares(scale: number): readonly [(call: Call) => Tensor, (call: Call) => Tensor] {
  return [
    ({ inputs: [x, y], output }) => shareOf(x!, y!, output, scale),
    ({ inputs: [x, y], output }) => shareOf(y!, x!, output, scale),
  ]
}

/**
 * log(e^x + e^y), broadcast, without overflow: max(x, y) + log(1 + e^-|x - y|).
 * `d logAddExp = σ(x - y) dx + σ(y - x) dy`
 *
 * Kink policy: where both operands are -∞, so is the result, and the gradient is 0; two operands of ∞ share in halves.
 *
 * @example
 * ```ts
 * import { logAddExp, tensor } from '@adjoint/core'
 * logAddExp(tensor([0, 1000, -Infinity]), tensor([0, 1000, 3])).toArray() // => [0.6931, 1000.6932, 3]
 * ```
 */
export const logAddExp: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'logAddExp',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const [left, right] = [x[xAt + i * xStep]!, y[yAt + i * yStep]!]
      // Equal infinities have no difference.
      const distance = left === right ? 0 : Math.abs(left - right)
      out[outAt + i * outStep] = Math.max(left, right) + Math.log1p(Math.exp(-distance))
    }
  },
  derivatives: /* @__PURE__ */ shares(1),
  keeps: 'both',
  domains: ['real', 'real'],
})
