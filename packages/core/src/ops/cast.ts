import { KERNEL_ELEMENTS, runKernel } from '../backend/kernels.ts'
import { runUnary } from '../backend/strided.ts'
import { apply, runUnrecorded } from '../graph/apply.ts'
import { type LinearPrimitive, type Op, op } from '../primitive/primitive.ts'
import type { Shape } from '../shape/types.ts'
import { type DType, expectDType, isFloating } from '../storage/dtype.ts'
import { expectTensor } from '../tensor/create.ts'
import { allocate, type Tensor } from '../tensor/tensor.ts'

const primitive: LinearPrimitive = {
  name: 'cast',
  kind: 'linear',
  keeps: 'nothing',
  transposeFor:
    () =>
    (cotangent, { inputs }) =>
      cast(cotangent, inputs[0]!.dtype),
  batch: 'leading',
  sample: draw => ({ inputs: [{ shape: draw.shape(0, 3) }], attributes: { dtype: 'float64' } }),
  result: ([x], attributes) => ({ shape: x!.shape, dtype: attributes.dtype as DType }),
  forward: ([x], attributes) => {
    const dtype = attributes.dtype as DType
    const output = allocate(x!.shape, dtype)
    if (x!.size >= KERNEL_ELEMENTS && runKernel('cast', x!.dtype, [x!], output, attributes)) return output
    runUnary(dtype === 'bool' ? toBool : copy, x!, output, attributes)
    return output
  },
}

const copy: Parameters<typeof runUnary>[0] = (count, x, xAt, xStep, out, outAt, outStep) => {
  for (let i = 0; i < count; i++) out[outAt + i * outStep] = x[xAt + i * xStep]!
}

const toBool: Parameters<typeof runUnary>[0] = (count, x, xAt, xStep, out, outAt, outStep) => {
  for (let i = 0; i < count; i++) out[outAt + i * outStep] = x[xAt + i * xStep] !== 0 ? 1 : 0
}

/**
 * The same values in another dtype; the tensor itself when it has that dtype already. Casting to int32 drops the
 * fraction; int32 and bool results carry no gradient.
 *
 * @example
 * ```ts
 * import { cast, tensor } from '@adjoint/core'
 * cast(tensor([1.7, -1.7]), 'int32').toArray() // => [1, -1]
 * cast(tensor([true, false]), 'float64').toArray() // => [1, 0]
 * ```
 */
export const cast: Op<<S extends Shape>(x: Tensor<S>, dtype: DType) => Tensor<S>> = /* @__PURE__ */ op(
  primitive,
  <S extends Shape>(x: Tensor<S>, dtype: DType) => {
    if (expectTensor('cast', x).dtype === dtype) return x
    expectDType('cast', dtype)
    const attributes = { dtype }
    return (
      isFloating(dtype) ? apply(primitive, [x], attributes) : runUnrecorded(primitive, [x], attributes)
    ) as Tensor<S>
  },
)
