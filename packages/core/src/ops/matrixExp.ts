import { matrixExponential } from '../backend/matrixExponential.ts'
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
import { swapLastAxes } from './permute.ts'

const result: ShapeRule = /* @__PURE__ */ matricesRule('matrixExp', matrixAxes)

/**
 * The inputs are A and directions E₁ ... E_k; the result is the k-th derivative of exp along all of them, which is linear
 * and symmetric in the directions. ⟨G, Dᵏexp(A)[E₁ ... E_k]⟩ is a trace of products in every cyclic order, from which
 * follows that its gradient for E₁ is Dᵏexp(Aᵀ)[G, E₂ᵀ ... E_kᵀ], and for A Dᵏ⁺¹exp(Aᵀ)[G, E₁ᵀ ... E_kᵀ].
 */
const primitive: GeneralPrimitive = /* @__PURE__ */ derivedAlong(
  {
    name: 'matrixExp',
    kind: 'general',
    keeps: 'inputs',
    batch: 'leading',
    sample: /* @__PURE__ */ sampleDirections(3),
    result,
    forward: (inputs, attributes) => {
      const n = inputs[0]!.shape.at(-1)!
      return mapMatrices(result(inputs, attributes), inputs, ([matrix, ...directions], out) => {
        out.set(matrixExponential(matrix!, directions, n))
      })
    },
  },
  along,
  add,
  swapLastAxes,
)

function along(inputs: readonly Tensor[]): Tensor {
  return apply(primitive, inputs, NO_ATTRIBUTES)
}

/**
 * The exponential of square matrices, I + A + A²/2 + ..., `[..., n, n] -> [..., n, n]`, by scaling and squaring with Padé
 * approximants (N. Higham, "The scaling and squaring method for the matrix exponential revisited", 2005). The derivative
 * along E is ∫ e^(sA) E e^((1-s)A) ds over s from 0 to 1; it is computed by the same method, in every order.
 *
 * @example
 * ```ts
 * import { matrixExp, tensor } from '@adjoint/core'
 * matrixExp(tensor([[0, 1], [0, 0]])).toArray() // => [[1, 1], [0, 1]]
 * ```
 * @throws ShapeError when the matrices are not square.
 */
export const matrixExp: Op<UnaryOp> = /* @__PURE__ */ op(
  primitive,
  <S extends Shape>(a: Tensor<S>) => along([expectSquare('matrixExp', a)]) as unknown as Tensor<S>,
)
