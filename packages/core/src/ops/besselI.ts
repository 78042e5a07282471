import { modifiedBessel } from '../backend/bessel.ts'
import { apply } from '../graph/apply.ts'
import { unaryPrimitive } from '../primitive/elementwise.ts'
import { type Op, op } from '../primitive/primitive.ts'
import { ArgumentError, describe } from '../shape/errors.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { add } from './add.ts'
import { mul } from './mul.ts'

const primitive = /* @__PURE__ */ unaryPrimitive({
  name: 'besselI',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep, attributes) => {
    const order = attributes.order as number
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = modifiedBessel(order, x[xAt + i * xStep]!)
  },
  derivative: ({ inputs: [x], attributes }) => {
    const order = attributes.order as number
    if (order === 0) return ofOrder(x!, 1)
    return mul(add(ofOrder(x!, order - 1), ofOrder(x!, order + 1)), 0.5)
  },
  keeps: 'inputs',
  domain: 'real',
  sampleAttributes: draw => ({ order: draw.integer(0, 3) }),
})

/** The series takes about as many steps as the order is large. */
const LARGEST_ORDER = 1_000_000

/** The derivatives need orders a little above the largest one. */
function ofOrder(x: Tensor, order: number): Tensor {
  return apply(primitive, [x], { order })
}

/**
 * The modified Bessel function of the first kind Iₙ(x), for a whole order n from 0 to a million. `d Iₙ = (Iₙ₋₁ + Iₙ₊₁)/2 dx`, and
 * `d I₀ = I₁ dx`.
 *
 * By its ascending series (DLMF 10.25.2), for large x by the asymptotic one (DLMF 10.40.1).
 *
 * @example
 * ```ts
 * import { besselI, tensor } from '@adjoint/core'
 * besselI(tensor([0, 2], { dtype: 'float64' }), 2).toArray() // => [0, 0.6889484476987382]
 * ```
 * @throws ArgumentError when the order is no whole number from 0 to a million.
 */
export const besselI: Op<<S extends Shape>(x: Tensor<S>, order: number) => Tensor<S>> = /* @__PURE__ */ op(
  primitive,
  <S extends Shape>(x: Tensor<S>, order: number) => {
    if (!Number.isInteger(order) || order < 0 || order > LARGEST_ORDER)
      throw new ArgumentError(
        'besselI',
        `the order must be a whole number from 0 to ${LARGEST_ORDER}, got ${describe(order)}.`,
      )
    return ofOrder(expectTensor('besselI', x), order) as Tensor<S>
  },
)
