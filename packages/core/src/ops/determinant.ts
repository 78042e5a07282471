import { decompose, determinantOf } from '../backend/luDecomposition.ts'
import { apply } from '../graph/apply.ts'
import { expectSquare, mapMatrices, matricesRule, sampleSquare } from '../primitive/matrices.ts'
import { type GeneralPrimitive, NO_ATTRIBUTES, type Op, op } from '../primitive/primitive.ts'
import type { ShapeRule } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { cofactor } from './cofactor.ts'
import { mul } from './mul.ts'
import { reshape } from './reshape.ts'
import { sum } from './sum.ts'

const result: ShapeRule = /* @__PURE__ */ matricesRule('determinant', () => [])

const primitive: GeneralPrimitive = {
  name: 'determinant',
  kind: 'general',
  keeps: 'inputs',
  vjp: (cotangent, { inputs }) =>
    mul(reshape(cotangent, [...(cotangent.shape as readonly number[]), 1, 1]), cofactor(inputs[0]!)),
  jvp: ([tangent], { inputs }) => sum(mul(tangent!, cofactor(inputs[0]!)), [-2, -1]),
  batch: 'leading',
  sample: /* @__PURE__ */ sampleSquare(),
  result,
  forward: (inputs, attributes) => {
    const [a] = inputs
    const n = a!.shape.at(-1)!
    return mapMatrices(result(inputs, attributes), inputs, ([matrix], out) => {
      const factors = matrix!.slice()
      const { sign } = decompose(factors, n, n)
      out[0] = determinantOf(factors, sign, n)
    })
  },
}

/**
 * The determinant of square matrices, `[..., n, n] -> [...]`; 1 for n = 0. `d det = Σ cof(A) dA`, with the matrix of cofactors,
 * so that the gradient, of every order, is right for singular matrices too.
 *
 * @example
 * ```ts
 * import { determinant, grad, tensor } from '@adjoint/core'
 * determinant(tensor([[1, 2], [3, 4]])).item() // => -2
 * grad(determinant)(tensor([[1, 2], [2, 4]])).toArray() // => [[4, -2], [-2, 1]]
 * ```
 * @throws ShapeError when the matrices are not square.
 */
export const determinant: Op<(a: Tensor) => Tensor> = /* @__PURE__ */ op(primitive, (a: Tensor) =>
  apply(primitive, [expectSquare('determinant', a)], NO_ATTRIBUTES),
)
