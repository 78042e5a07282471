import { apply } from '../graph/apply.ts'
import { unaryPrimitive } from '../primitive/elementwise.ts'
import { type Op, op } from '../primitive/primitive.ts'
import type { Shape } from '../shape/types.ts'
import { expectNumber, expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { greater } from './greater.ts'

const primitive = /* @__PURE__ */ unaryPrimitive({
  name: 'threshold',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep, attributes) => {
    const limit = attributes.threshold as number
    const value = attributes.value as number
    for (let i = 0; i < count; i++) {
      const found = x[xAt + i * xStep]!
      out[outAt + i * outStep] = found <= limit ? value : found
    }
  },
  derivative: ({ inputs, attributes }) => greater(inputs[0]!, attributes.threshold as number),
  keeps: 'inputs',
  domain: 'betweenHalves',
  sampleAttributes: draw => ({ threshold: draw.integer(-6, 6) / 2, value: draw.integer(-4, 4) }),
})

/**
 * x where it is above a limit, a fixed value elsewhere. `d threshold = [x > limit] dx`
 *
 * NaN stays NaN. Kink policy: the derivative at the limit is 0, whether the function jumps there or bends.
 *
 * @example
 * ```ts
 * import { tensor, threshold } from '@adjoint/core'
 * threshold(tensor([0, 1, 2]), 1, -5).toArray() // => [-5, -5, 2]
 * ```
 * @throws ArgumentError when the limit or the value is no finite number.
 */
export const threshold: Op<<S extends Shape>(x: Tensor<S>, limit: number, value: number) => Tensor<S>> =
  /* @__PURE__ */ op(
    primitive,
    <S extends Shape>(x: Tensor<S>, limit: number, value: number) =>
      apply(primitive, [expectTensor('threshold', x)], {
        threshold: expectNumber('threshold', 'the limit', limit),
        value: expectNumber('threshold', 'value', value),
      }) as Tensor<S>,
  )
