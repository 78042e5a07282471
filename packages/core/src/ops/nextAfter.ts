import { nextFloat32, nextFloat64 } from '../backend/neighbour.ts'
import type { BinaryLoop } from '../backend/strided.ts'
import { runUnrecorded } from '../graph/apply.ts'
import { elementwiseResult, mapBinary, operands } from '../primitive/elementwise.ts'
import { NO_ATTRIBUTES, type NonDifferentiablePrimitive, type Op, op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import type { Tensor } from '../tensor/tensor.ts'

const loop: BinaryLoop = (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
  const isSingle = out instanceof Float32Array
  for (let i = 0; i < count; i++) {
    const [from, to] = [x[xAt + i * xStep]!, y[yAt + i * yStep]!]
    // An int32 operand beside float32 is the float32 number that it is rounded to.
    out[outAt + i * outStep] = isSingle
      ? nextFloat32(Math.fround(from), Math.fround(to))
      : nextFloat64(from, to)
  }
}

const primitive: NonDifferentiablePrimitive = {
  name: 'nextAfter',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'a step to the next number of a dtype is about rounding, not about the number',
  batch: 'leading',
  sample: draw => {
    const shape = draw.shape(0, 3)
    return { inputs: [{ shape }, { shape: draw.broadcastable(shape) }], attributes: NO_ATTRIBUTES }
  },
  result: /* @__PURE__ */ elementwiseResult('nextAfter', 'floating'),
  forward: ([x, y], attributes) => mapBinary('nextAfter', 'floating', loop, x!, y!, attributes),
}

/**
 * The number of the dtype of the result that lies next to x on the way to y, broadcast; y where they are equal. It is the
 * size of one rounding error, as a function.
 *
 * @example
 * ```ts
 * import { nextAfter, tensor } from '@adjoint/core'
 * nextAfter(tensor([1]), 2).sub(1).item() === 2 ** -23 // => true
 * nextAfter(tensor([1], { dtype: 'float64' }), 2).sub(1).item() === 2 ** -52 // => true
 * ```
 */
export const nextAfter: Op<BinaryOp> = /* @__PURE__ */ op(primitive, ((
  x: Tensor | number,
  y: Tensor | number,
) => runUnrecorded(primitive, operands('nextAfter', x, y), NO_ATTRIBUTES)) as BinaryOp)
