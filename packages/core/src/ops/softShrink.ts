import { apply } from '../graph/apply.ts'
import { unaryPrimitive } from '../primitive/elementwise.ts'
import { type Op, op } from '../primitive/primitive.ts'
import { ArgumentError } from '../shape/errors.ts'
import type { Shape } from '../shape/types.ts'
import { expectNumber, expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { abs } from './abs.ts'
import { greater } from './greater.ts'

const primitive = /* @__PURE__ */ unaryPrimitive({
  name: 'softShrink',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep, attributes) => {
    const lambda = attributes.lambda as number
    for (let i = 0; i < count; i++) {
      const value = x[xAt + i * xStep]!
      out[outAt + i * outStep] = Math.abs(value) <= lambda ? 0 : value - Math.sign(value) * lambda
    }
  },
  derivative: ({ inputs, attributes }) => greater(abs(inputs[0]!), attributes.lambda as number),
  keeps: 'inputs',
  domain: 'betweenHalves',
  sampleAttributes: draw => ({ lambda: draw.integer(0, 8) / 2 }),
})

/**
 * x moved toward 0 by lambda, and 0 where |x| does not exceed it: the proximal map of lambda |x|. `d softShrink = [|x| > lambda] dx`
 *
 * NaN stays NaN. Kink policy: the derivative at ±lambda is 0.
 *
 * @example
 * ```ts
 * import { softShrink, tensor } from '@adjoint/core'
 * softShrink(tensor([-2, -0.5, 0.25, 2])).toArray() // => [-1.5, 0, 0, 1.5]
 * ```
 * @throws ArgumentError unless lambda is a finite number from 0 up.
 */
export const softShrink: Op<<S extends Shape>(x: Tensor<S>, lambda?: number) => Tensor<S>> =
  /* @__PURE__ */ op(primitive, <S extends Shape>(x: Tensor<S>, lambda = 0.5) => {
    if (expectNumber('softShrink', 'lambda', lambda) < 0)
      throw new ArgumentError('softShrink', `lambda must be from 0 up, got ${lambda}.`)
    return apply(primitive, [expectTensor('softShrink', x)], { lambda }) as Tensor<S>
  })
