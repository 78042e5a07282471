import { choleskyFactor } from '../backend/choleskyFactor.ts'
import { apply } from '../graph/apply.ts'
import { expectSquare, mapMatrices, matricesRule, matrixAxes, sampleSquare } from '../primitive/matrices.ts'
import { type GeneralPrimitive, NO_ATTRIBUTES, type Op, op } from '../primitive/primitive.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError } from '../shape/errors.ts'
import type { Shape } from '../shape/types.ts'
import type { ShapeRule } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { add } from './add.ts'
import { matmul } from './matmul.ts'
import { mul } from './mul.ts'
import { swapLastAxes } from './permute.ts'
import { trianglePart, triangularSolve } from './triangularSolve.ts'

/** Settings of {@link cholesky}. */
export interface CholeskyOptions {
  /** Return the upper factor U with Uᵀ U = A instead of the lower one. Default false. */
  readonly upper?: boolean
}

const result: ShapeRule = /* @__PURE__ */ matricesRule('cholesky', matrixAxes)

const primitive: GeneralPrimitive = {
  name: 'cholesky',
  kind: 'general',
  keeps: 'output',
  // dL = L Φ(L⁻¹ dA L⁻ᵀ), where Φ takes the lower triangle with half the diagonal; Ā = sym(L⁻ᵀ Φ(Lᵀ L̄) L⁻¹)
  // (I. Murray, "Differentiation of the Cholesky decomposition", 2016).
  vjp: (cotangent, { output }) => {
    const inner = halved(matmul(swapLastAxes(output), cotangent))
    return symmetricPart(divided(output, divided(output, inner, true), true))
  },
  jvp: ([tangent], { output }) =>
    matmul(output, halved(divided(output, divided(output, symmetricPart(tangent!), false), false))),
  batch: 'leading',
  sample: /* @__PURE__ */ sampleSquare('positiveDefinite'),
  result,
  forward: (inputs, attributes) => {
    const [a] = inputs
    const n = a!.shape.at(-1)!
    return mapMatrices(result(inputs, attributes), inputs, ([matrix], out, batch) => {
      const bad = choleskyFactor(matrix!, n, out)
      if (bad === undefined) return
      throw new ArgumentError(
        'cholesky',
        `the matrix is not positive definite${batch.text()}: pivot ${bad.index} of ${n} is ${bad.value}. ` +
          'Add a small multiple of eye(n), or use eigh.',
      )
    })
  },
}

/** Solves with the factor, or its transpose, from the left; the result is transposed, ready for the other side. */
function divided(factor: Tensor, x: Tensor, transpose: boolean): Tensor {
  return swapLastAxes(triangularSolve(factor, x, { transpose }))
}

/** Half of the sum with the transpose. */
export function symmetricPart(x: Tensor): Tensor {
  return mul(add(x, swapLastAxes(x)), 0.5)
}

/** The lower triangle, with half the diagonal. */
function halved(x: Tensor): Tensor {
  return mul(add(trianglePart(x, true, false), trianglePart(x, true, true)), 0.5)
}

/**
 * The lower triangular L with L Lᵀ = (A + Aᵀ)/2, `[..., n, n] -> [..., n, n]`. Both triangles are read, so that the value,
 * its gradient and a difference quotient agree for every matrix; for symmetric ones L Lᵀ = A.
 * `dL = L Φ(L⁻¹ dA L⁻ᵀ)`, where Φ takes the lower triangle with half the diagonal.
 *
 * @example
 * ```ts
 * import { cholesky, tensor } from '@adjoint/core'
 * cholesky(tensor([[4, 2], [2, 10]])).toArray() // => [[2, 0], [1, 3]]
 * ```
 * @throws ArgumentError for a matrix that is not positive definite, naming the pivot.
 */
export const cholesky: Op<<S extends Shape>(a: Tensor<S>, options?: CholeskyOptions) => Tensor<S>> =
  /* @__PURE__ */ op(primitive, <S extends Shape>(a: Tensor<S>, options: CholeskyOptions = {}) => {
    expectOptions('cholesky', options, ['upper'])
    const lower = apply(primitive, [expectSquare('cholesky', a)], NO_ATTRIBUTES)
    return (options.upper ? swapLastAxes(lower) : lower) as unknown as Tensor<S>
  })
