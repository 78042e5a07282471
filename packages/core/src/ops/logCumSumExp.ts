import { apply } from '../graph/apply.ts'
import { type LineAttributes, type LineLoop, runLines, sampleLines } from '../primitive/alongAxis.ts'
import { type GeneralPrimitive, type Op, op } from '../primitive/primitive.ts'
import { shiftAxes } from '../primitive/reduction.ts'
import type { AlongAxisOp } from '../primitive/signatures.ts'
import { lineAxes } from '../shape/shape.ts'
import { toFloating } from '../storage/dtype.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { cast } from './cast.ts'
import { equal } from './equal.ts'
import { recur, shifted } from './linearRecurrence.ts'
import { mul } from './mul.ts'
import { neg } from './neg.ts'
import { notEqual } from './notEqual.ts'
import { sigmoid } from './sigmoid.ts'
import { sub } from './sub.ts'
import { where } from './where.ts'

/** Keeps the sum of e^(x - largest so far), scaled anew when a larger element comes. */
const loop: LineLoop = (count, x, xAt, xStep, out, outAt, outStep) => {
  let largest = Number.NEGATIVE_INFINITY
  let total = 0
  for (let i = 0; i < count; i++) {
    const value = x[xAt + i * xStep]!
    if (value <= largest) {
      // Equal infinities have no difference.
      total += value === largest ? 1 : Math.exp(value - largest)
    } else {
      total = largest === Number.NEGATIVE_INFINITY ? 1 : total * Math.exp(largest - value) + 1
      largest = value
    }
    out[outAt + i * outStep] = Number.isFinite(largest) ? largest + Math.log(total) : largest + total * 0
  }
}

/**
 * Each result is y[i] = log(e^y[i-1] + e^x[i]); the two parts of the sum, both within 0 and 1, are its derivatives with
 * respect to y[i-1] and x[i].
 */
function partsOf(x: Tensor, output: Tensor, axes: readonly number[]): { before: Tensor; here: Tensor } {
  const previous = shifted(output, axes, 1, Number.NEGATIVE_INFINITY)
  const isFirst = equal(previous, Number.NEGATIVE_INFINITY)
  const ahead = sub(x, where(isFirst, 0, previous))
  return {
    before: where(isFirst, 0, sigmoid(neg(ahead))),
    here: where(isFirst, cast(notEqual(x, Number.NEGATIVE_INFINITY), output.dtype), sigmoid(ahead)),
  }
}

const primitive: GeneralPrimitive = {
  name: 'logCumSumExp',
  kind: 'general',
  keeps: 'both',
  vjp: (cotangent, { inputs: [x], output, attributes }) => {
    const { axes } = attributes as LineAttributes
    const { before, here } = partsOf(x!, output, axes)
    return mul(here, recur(shifted(before, axes, -1, 0), cotangent, axes, true))
  },
  jvp: ([tangent], { inputs: [x], output, attributes }) => {
    const { axes } = attributes as LineAttributes
    const { before, here } = partsOf(x!, output, axes)
    return recur(before, mul(here, tangent!), axes, false)
  },
  batch: shiftAxes,
  sample: draw => sampleLines(draw),
  result: ([x]) => ({ shape: x!.shape, dtype: toFloating(x!.dtype) }),
  forward: ([x], attributes) =>
    runLines('logCumSumExp', x!, attributes as LineAttributes, toFloating(x!.dtype), loop),
}

/**
 * The logarithms of the sums of e^x so far along an axis (the last one by default), without overflow:
 * `out[i] = log(e^x[0] + ... + e^x[i])`. -infinity where all elements so far are -infinity; the gradient is 0 there.
 *
 * @example
 * ```ts
 * import { logCumSumExp, tensor } from '@adjoint/core'
 * logCumSumExp(tensor([-Infinity, 0, 0])).toArray() // => [-Infinity, 0, 0.6931]
 * logCumSumExp(tensor([1000, -1000])).toArray() // => [1000, 1000]
 * ```
 * @throws AxisError for an axis outside of the rank.
 */
export const logCumSumExp: Op<AlongAxisOp> = /* @__PURE__ */ op(primitive, ((x: Tensor, axis = -1) =>
  apply(primitive, [expectTensor('logCumSumExp', x)], {
    axes: lineAxes('logCumSumExp', axis, x.rank),
  })) as AlongAxisOp)
