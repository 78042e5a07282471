import { cofactors } from '../backend/cofactors.ts'
import { apply } from '../graph/apply.ts'
import {
  derivedAlong,
  expectSquare,
  mapMatrices,
  matricesRule,
  matrixAxes,
  sampleDirections,
} from '../primitive/matrices.ts'
import { type GeneralPrimitive, NO_ATTRIBUTES, type Op, op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import type { Shape } from '../shape/types.ts'
import type { ShapeRule } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { add } from './add.ts'

const result: ShapeRule = /* @__PURE__ */ matricesRule('cofactor', matrixAxes)

/**
 * The inputs are A and directions E₁ ... E_k; the result is the k-th derivative of the cofactors along all of them. It is
 * linear and symmetric in the directions, and ⟨G, Dᵏcof(A)[E₁ ... E_k]⟩ = Dᵏ⁺¹det(A)[G, E₁ ... E_k] is symmetric in G too:
 * so every derivative of this primitive is this primitive again.
 */
const primitive: GeneralPrimitive = /* @__PURE__ */ derivedAlong(
  {
    name: 'cofactor',
    kind: 'general',
    keeps: 'inputs',
    batch: 'leading',
    sample: /* @__PURE__ */ sampleDirections(4),
    result,
    forward: (inputs, attributes) => {
      const n = inputs[0]!.shape.at(-1)!
      return mapMatrices(result(inputs, attributes), inputs, ([matrix, ...directions], out) => {
        out.set(cofactors(matrix!, directions, n))
      })
    },
  },
  along,
  add,
)

function along(inputs: readonly Tensor[]): Tensor {
  return apply(primitive, inputs, NO_ATTRIBUTES)
}

/**
 * The matrix of cofactors, `[..., n, n] -> [..., n, n]`: the gradient of the determinant, det(A) A⁻ᵀ for a regular matrix. It
 * is computed without a division where pivots are small, so that it is right for singular matrices too, and so are its
 * derivatives of every order. The adjugate is its transpose.
 *
 * @example
 * ```ts
 * import { cofactor, tensor } from '@adjoint/core'
 * cofactor(tensor([[1, 2], [2, 4]])).toArray() // => [[4, -2], [-2, 1]]
 * ```
 * @throws ShapeError when the matrices are not square.
 */
export const cofactor: Op<UnaryOp> = /* @__PURE__ */ op(
  primitive,
  <S extends Shape>(a: Tensor<S>) => along([expectSquare('cofactor', a)]) as unknown as Tensor<S>,
)
