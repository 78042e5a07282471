import { poissonQuantile as kernel } from '../backend/incompleteGamma.ts'
import { type BinaryLoop, runBinary } from '../backend/strided.ts'
import { runUnrecorded } from '../graph/apply.ts'
import { NO_ATTRIBUTES, type NonDifferentiablePrimitive, type Op, op } from '../primitive/primitive.ts'
import { broadcastShapes } from '../shape/broadcast.ts'
import { ArgumentError } from '../shape/errors.ts'
import type { ShapeRule } from '../tensor/node.ts'
import { allocateResult, type Tensor } from '../tensor/tensor.ts'

/** Ten standard deviations above this rate still are int32 numbers. */
const HIGHEST_RATE = 2 ** 31 - 1e6

const loop: BinaryLoop = (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
  for (let i = 0; i < count; i++) {
    const rate = x[xAt + i * xStep]!
    if (!(rate >= 0 && rate <= HIGHEST_RATE)) {
      throw new ArgumentError('poisson', `a rate lies between 0 and ${HIGHEST_RATE}, got ${rate}.`)
    }
    out[outAt + i * outStep] = kernel(rate, y[yAt + i * yStep]!)
  }
}

const result: ShapeRule = ([rate, u]) => ({
  shape: broadcastShapes('poisson', rate!.shape, u!.shape),
  dtype: 'int32',
})

const primitive: NonDifferentiablePrimitive = {
  name: 'poissonQuantile',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'a count jumps from one whole number to the next as the rate grows',
  batch: 'leading',
  sample: draw => {
    const shape = draw.shape(0, 3)
    return {
      inputs: [
        { shape: draw.broadcastable(shape), domain: 'positive' },
        { shape, domain: 'probability' },
      ],
      attributes: NO_ATTRIBUTES,
    }
  },
  result,
  forward: (inputs, attributes) => {
    const [rate, u] = inputs
    const output = allocateResult(result(inputs, attributes))
    runBinary(loop, rate!, u!, output, NO_ATTRIBUTES)
    return output
  },
}

/**
 * The smallest k with P(N <= k) >= u for a Poisson variable N of this rate. Broadcasts; of dtype int32.
 *
 * @throws ArgumentError for a rate that is negative, no number, or too large for int32.
 */
export const poissonQuantile: Op<(rate: Tensor, u: Tensor) => Tensor> = /* @__PURE__ */ op(
  primitive,
  (rate: Tensor, u: Tensor) => runUnrecorded(primitive, [rate, u], NO_ATTRIBUTES),
)
