import { KERNEL_ELEMENTS, runKernel } from '../backend/kernels.ts'
import { runTernary } from '../backend/strided.ts'
import { apply } from '../graph/apply.ts'
import { operands } from '../primitive/elementwise.ts'
import { type LinearPrimitive, NO_ATTRIBUTES, type Op, op } from '../primitive/primitive.ts'
import type { WhereOp } from '../primitive/signatures.ts'
import { broadcastShapes } from '../shape/broadcast.ts'
import { promote } from '../storage/dtype.ts'
import { expectTensor, scalar } from '../tensor/create.ts'
import type { ShapeRule } from '../tensor/node.ts'
import { allocateResult, type Tensor } from '../tensor/tensor.ts'

const result: ShapeRule = ([condition, x, y]) => {
  const values = broadcastShapes('where', x!.shape, y!.shape)
  return { shape: broadcastShapes('where', condition!.shape, values), dtype: promote(x!.dtype, y!.dtype) }
}

const primitive: LinearPrimitive = {
  name: 'where',
  kind: 'linear',
  keeps: 'inputs',
  // The cotangent of an element goes to the branch that was taken, the other one gets exactly 0: no NaN leaks.
  transposeFor: index =>
    index === 0
      ? null
      : (cotangent, { inputs }) => {
          const zero = scalar(0, cotangent.dtype)
          return index === 1 ? where(inputs[0]!, cotangent, zero) : where(inputs[0]!, zero, cotangent)
        },
  batch: 'leading',
  sample: draw => {
    const shape = draw.shape(0, 3)
    return {
      inputs: [
        { shape, dtype: 'bool', below: 2 },
        { shape: draw.broadcastable(shape) },
        { shape: draw.broadcastable(shape) },
      ],
      attributes: NO_ATTRIBUTES,
    }
  },
  result,
  forward: (inputs, attributes) => {
    const [condition, x, y] = inputs
    const output = allocateResult(result(inputs, attributes))
    if (output.size >= KERNEL_ELEMENTS && condition!.dtype === 'bool' && x!.dtype === y!.dtype) {
      if (runKernel('where', x!.dtype, [condition!, x!, y!], output, attributes)) return output
    }
    runTernary(
      (count, c, cAt, cStep, a, aAt, aStep, b, bAt, bStep, out, outAt, outStep) => {
        for (let i = 0; i < count; i++) {
          out[outAt + i * outStep] = c[cAt + i * cStep] !== 0 ? a[aAt + i * aStep]! : b[bAt + i * bStep]!
        }
      },
      [condition!, x!, y!],
      output,
    )
    return output
  },
}

/**
 * Elements of `x` where the condition holds, of `y` elsewhere; all three broadcast. The branch that is not taken gets
 * gradient 0, whatever happens in it.
 *
 * @example
 * ```ts
 * import { greater, sqrt, tensor, where } from '@adjoint/core'
 * const x = tensor([4, -1], { requiresGrad: true })
 * const y = where(greater(x, 0), sqrt(x), x)
 * y.sum().backward()
 * x.grad?.toArray() // => [0.25, 1]
 * ```
 */
export const where: Op<WhereOp> = /* @__PURE__ */ op(primitive, ((
  condition: Tensor,
  x: Tensor | number,
  y: Tensor | number,
) => {
  const [a, b] = operands('where', x, y)
  return apply(primitive, [expectTensor('where', condition), a, b], NO_ATTRIBUTES)
}) as WhereOp)
