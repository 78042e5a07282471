import { runUnary, type UnaryLoop } from '../backend/strided.ts'
import { runUnrecorded } from '../graph/apply.ts'
import { NO_ATTRIBUTES, type NonDifferentiablePrimitive, type Op, op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { DTypeError } from '../shape/errors.ts'
import { isFloating } from '../storage/dtype.ts'
import { expectTensor } from '../tensor/create.ts'
import type { ShapeRule } from '../tensor/node.ts'
import { allocateResult, type Tensor } from '../tensor/tensor.ts'

const complement: UnaryLoop = (count, x, xAt, xStep, out, outAt, outStep) => {
  for (let i = 0; i < count; i++) out[outAt + i * outStep] = ~x[xAt + i * xStep]!
}

const negate: UnaryLoop = (count, x, xAt, xStep, out, outAt, outStep) => {
  for (let i = 0; i < count; i++) out[outAt + i * outStep] = x[xAt + i * xStep] === 0 ? 1 : 0
}

const result: ShapeRule = ([x]) => {
  if (isFloating(x!.dtype)) {
    throw new DTypeError(
      'bitwiseNot',
      `works on the bits of int32 and bool tensors, got ${x!.dtype}; cast to int32 or bool first.`,
      [x!.dtype],
    )
  }
  return { shape: x!.shape, dtype: x!.dtype }
}

const primitive: NonDifferentiablePrimitive = {
  name: 'bitwiseNot',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'bits are no real numbers',
  batch: 'leading',
  sample: draw => ({
    inputs: [{ shape: draw.shape(0, 3), below: 9, dtype: 'int32' }],
    attributes: NO_ATTRIBUTES,
  }),
  result,
  forward: (inputs, attributes) => {
    const [x] = inputs
    const output = allocateResult(result(inputs, attributes))
    runUnary(x!.dtype === 'bool' ? negate : complement, x!, output, NO_ATTRIBUTES)
    return output
  },
}

/**
 * Every bit turned over: `~x`, which is -x - 1, for int32; the other truth value for bool.
 *
 * @example
 * ```ts
 * import { bitwiseNot, tensor } from '@adjoint/core'
 * bitwiseNot(tensor([0, 5], { dtype: 'int32' })).toArray() // => [-1, -6]
 * ```
 * @throws DTypeError for floating tensors.
 */
export const bitwiseNot: Op<UnaryOp> = /* @__PURE__ */ op(primitive, ((x: Tensor) =>
  runUnrecorded(primitive, [expectTensor('bitwiseNot', x)], NO_ATTRIBUTES)) as UnaryOp)
