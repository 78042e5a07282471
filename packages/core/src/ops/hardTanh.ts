import { apply } from '../graph/apply.ts'
import { unaryPrimitive } from '../primitive/elementwise.ts'
import { type Op, op } from '../primitive/primitive.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type ClipBounds, expectBounds, holding } from './clip.ts'
import { greater } from './greater.ts'
import { less } from './less.ts'
import { mul } from './mul.ts'

const primitive = /* @__PURE__ */ unaryPrimitive({
  name: 'hardTanh',
  dtype: 'number',
  loop: (count, x, xAt, xStep, out, outAt, outStep, attributes) => {
    const low = attributes.low as number
    const high = attributes.high as number
    for (let i = 0; i < count; i++) {
      out[outAt + i * outStep] = Math.min(Math.max(x[xAt + i * xStep]!, low), high)
    }
  },
  derivative: ({ inputs: [x], attributes }) =>
    mul(greater(x!, attributes.low as number), less(x!, attributes.high as number)),
  keeps: 'inputs',
  domain: 'betweenHalves',
  sampleAttributes: draw => ({ low: draw.integer(-6, -1) / 2, high: draw.integer(0, 6) / 2 }),
})

/**
 * x, but at least `low` (-1) and at most `high` (1): straight pieces instead of tanh. NaN stays NaN.
 * `d hardTanh = [low < x < high] dx`
 *
 * Kink policy: the derivative at the bounds is 0, the slope of least norm; that of `clip` is 1.
 *
 * @example
 * ```ts
 * import { hardTanh, tensor } from '@adjoint/core'
 * hardTanh(tensor([-3, 0.5, 3])).toArray() // => [-1, 0.5, 1]
 * hardTanh(tensor([-3, 0.5, 3]), { high: 2 }).toArray() // => [-1, 0.5, 2]
 * ```
 * @throws ArgumentError when `low` is above `high`.
 */
export const hardTanh: Op<<S extends Shape>(x: Tensor<S>, bounds?: ClipBounds) => Tensor<S>> =
  /* @__PURE__ */ op(primitive, <S extends Shape>(x: Tensor<S>, bounds: ClipBounds = {}) => {
    const range = expectBounds('hardTanh', bounds, -1, 1)
    return apply(primitive, [holding(expectTensor('hardTanh', x), range)], { ...range }) as Tensor<S>
  })
