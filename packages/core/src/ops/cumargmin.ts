import { runUnrecorded } from '../graph/apply.ts'
import { type LineAttributes, type LineLoop, runLines, sampleLines } from '../primitive/alongAxis.ts'
import { type NonDifferentiablePrimitive, type Op, op } from '../primitive/primitive.ts'
import { shiftAxes } from '../primitive/reduction.ts'
import type { AlongAxisOp } from '../primitive/signatures.ts'
import { lineAxes } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** A NaN is not given up again but for the next NaN. */
const positions: LineLoop = (count, x, xAt, xStep, out, outAt, outStep) => {
  let best = 0
  for (let i = 0; i < count; i++) {
    const value = x[xAt + i * xStep]!
    const record = x[xAt + best * xStep]!
    if (value <= record || Number.isNaN(value)) best = i
    out[outAt + i * outStep] = best
  }
}

const primitive: NonDifferentiablePrimitive = {
  name: 'cumargmin',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'an index is a whole number',
  batch: shiftAxes,
  sample: draw => sampleLines(draw, 'distinct'),
  forward: ([x], attributes) => runLines(x!, (attributes as LineAttributes).axes, 'int32', positions),
}

/**
 * Where the smallest element so far is, for every element along an axis (the last one by default), as int32; the last one of
 * equals, as in PyTorch. NaN wins.
 *
 * @throws AxisError for an axis outside of the rank.
 */
export const cumargmin: Op<AlongAxisOp> = /* @__PURE__ */ op(primitive, ((x: Tensor, axis = -1) =>
  runUnrecorded(primitive, [expectTensor('cumargmin', x)], {
    axes: lineAxes('cumargmin', axis, x.rank),
  })) as AlongAxisOp)
