import { type BinaryLoop, runBinary } from '../backend/strided.ts'
import { runUnrecorded } from '../graph/apply.ts'
import { NO_ATTRIBUTES, type NonDifferentiablePrimitive, type Op, op } from '../primitive/primitive.ts'
import { broadcastShapes } from '../shape/broadcast.ts'
import { ArgumentError } from '../shape/errors.ts'
import type { ShapeRule } from '../tensor/node.ts'
import { allocateResult, type Tensor } from '../tensor/tensor.ts'

const loop: BinaryLoop = (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
  for (let i = 0; i < count; i++) {
    const probability = x[xAt + i * xStep]!
    if (!(probability >= 0 && probability <= 1)) {
      throw new ArgumentError('bernoulli', `a probability lies between 0 and 1, got ${probability}.`)
    }
    out[outAt + i * outStep] = y[yAt + i * yStep]! < probability ? 1 : 0
  }
}

const result: ShapeRule = ([probability, u]) => ({
  shape: broadcastShapes('bernoulli', probability!.shape, u!.shape),
  dtype: 'bool',
})

const primitive: NonDifferentiablePrimitive = {
  name: 'bernoulliQuantile',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'a draw of true or false jumps; weigh its outcomes by their probabilities, or use gumbelSoftmax',
  batch: 'leading',
  sample: draw => {
    const shape = draw.shape(0, 3)
    return {
      inputs: [
        { shape: draw.broadcastable(shape), domain: 'probability' },
        { shape, domain: 'probability' },
      ],
      attributes: NO_ATTRIBUTES,
    }
  },
  result,
  forward: (inputs, attributes) => {
    const [probability, u] = inputs
    const output = allocateResult(result(inputs, attributes))
    runBinary(loop, probability!, u!, output, NO_ATTRIBUTES)
    return output
  },
}

/**
 * Whether u is below a probability: true with that probability when u is uniform in [0, 1). Broadcasts; of dtype bool.
 *
 * @throws ArgumentError for a probability outside of [0, 1].
 */
export const bernoulliQuantile: Op<(probability: Tensor, u: Tensor) => Tensor> = /* @__PURE__ */ op(
  primitive,
  (probability: Tensor, u: Tensor) => runUnrecorded(primitive, [probability, u], NO_ATTRIBUTES),
)
