import { decompose } from '../backend/luDecomposition.ts'
import { apply } from '../graph/apply.ts'
import { expectSquare, mapMatrices, matricesRule, sampleSquare } from '../primitive/matrices.ts'
import { type GeneralPrimitive, NO_ATTRIBUTES, type Op, op } from '../primitive/primitive.ts'
import type { ShapeRule } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { inverseFor } from './inverse.ts'
import { mul } from './mul.ts'
import { swapLastAxes } from './permute.ts'
import { reshape } from './reshape.ts'
import { sum } from './sum.ts'

const result: ShapeRule = /* @__PURE__ */ matricesRule('logAbsDeterminant', () => [])

const primitive: GeneralPrimitive = {
  name: 'logAbsDeterminant',
  kind: 'general',
  keeps: 'inputs',
  // d ln|det A| = tr(A⁻¹ dA)
  vjp: (cotangent, { inputs }) =>
    mul(
      reshape(cotangent, [...(cotangent.shape as readonly number[]), 1, 1]),
      swapLastAxes(inverseFor('logAbsDeterminant', inputs[0]!)),
    ),
  jvp: ([tangent], { inputs }) =>
    sum(mul(tangent!, swapLastAxes(inverseFor('logAbsDeterminant', inputs[0]!))), [-2, -1]),
  batch: 'leading',
  sample: /* @__PURE__ */ sampleSquare('fullRank'),
  result,
  forward: (inputs, attributes) => {
    const [a] = inputs
    const n = a!.shape.at(-1)!
    return mapMatrices(result(inputs, attributes), inputs, ([matrix], out) => {
      const factors = matrix!.slice()
      decompose(factors, n, n)
      let total = 0
      for (let i = 0; i < n; i++) total += Math.log(Math.abs(factors[i * n + i]!))
      out[0] = total
    })
  },
}

/**
 * The logarithm of the size of the determinant, `[..., n, n] -> [...]`, where the determinant itself may be too large or too
 * small for a number; -Infinity for a singular matrix. `d ln|det A| = tr(A⁻¹ dA)`
 *
 * @example
 * ```ts
 * import { eye, logAbsDeterminant, mul } from '@adjoint/core'
 * logAbsDeterminant(mul(eye(300), -0.01)).item() // => -1381.551
 * ```
 * @throws ArgumentError when the gradient is asked for at a singular matrix, where it is infinite.
 */
export const logAbsDeterminant: Op<(a: Tensor) => Tensor> = /* @__PURE__ */ op(primitive, (a: Tensor) =>
  apply(primitive, [expectSquare('logAbsDeterminant', a)], NO_ATTRIBUTES),
)
