import { decomposeInOrder } from '../backend/luDecomposition.ts'
import { apply } from '../graph/apply.ts'
import { mapMatrices, sampleBatch } from '../primitive/matrices.ts'
import { type GeneralPrimitive, NO_ATTRIBUTES, type Op, op } from '../primitive/primitive.ts'
import { eye } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { add } from './add.ts'
import { matmul } from './matmul.ts'
import { swapLastAxes } from './permute.ts'
import { trianglePart, triangularSolve } from './triangularSolve.ts'

/** Both triangles of the packed factors, solved with from the left: L⁻¹ or U⁻¹, or its transpose. */
const LOWER = { unitriangular: true }
const UPPER_TRANSPOSED = { upper: true, transpose: true }
const LOWER_TRANSPOSED = { unitriangular: true, transpose: true }

const primitive: GeneralPrimitive = {
  name: 'luFactors',
  kind: 'general',
  keeps: 'output',
  // With W = L⁻¹ dA U⁻¹: dL = L tril(W, -1), dU = triu(W) U
  // (F. de Hoog, R. Anderssen and M. Lukas, "Differentiation of matrix functionals using triangular factorization", 2011).
  vjp: (cotangent, { output }) => {
    const fromLower = matmul(swapLastAxes(lowerOf(output)), trianglePart(cotangent, true, true))
    const fromUpper = matmul(
      trianglePart(cotangent, false, false),
      swapLastAxes(trianglePart(output, false, false)),
    )
    const inner = add(trianglePart(fromLower, true, true), trianglePart(fromUpper, false, false))
    const left = triangularSolve(output, inner, LOWER_TRANSPOSED)
    // X U⁻ᵀ = (U⁻¹ Xᵀ)ᵀ
    return swapLastAxes(triangularSolve(output, swapLastAxes(left), { upper: true }))
  },
  jvp: ([tangent], { output }) => {
    const left = triangularSolve(output, tangent!, LOWER)
    const w = swapLastAxes(triangularSolve(output, swapLastAxes(left), UPPER_TRANSPOSED))
    const dl = matmul(lowerOf(output), trianglePart(w, true, true))
    const du = matmul(trianglePart(w, false, false), trianglePart(output, false, false))
    return add(dl, du)
  },
  batch: 'leading',
  sample: draw => {
    const n = draw.integer(0, 4)
    return {
      inputs: [{ shape: [...sampleBatch(draw), n, n], matrix: 'positiveDefinite' }],
      attributes: NO_ATTRIBUTES,
    }
  },
  forward: ([a]) => {
    const n = a!.shape.at(-1)!
    return mapMatrices('lu', [a!], [n, n], ([matrix], out) => {
      out.set(matrix!)
      decomposeInOrder(out, n)
    })
  },
}

/** L, with its diagonal of ones. */
function lowerOf(packed: Tensor): Tensor {
  return add(trianglePart(packed, true, true), eye(packed.shape.at(-1)!, undefined, { dtype: packed.dtype }))
}

/**
 * The factors of square matrices whose rows are in a good order for elimination already, `[..., n, n] -> [..., n, n]`: U on
 * and above the diagonal, below it L, whose ones are not stored. `lu` is the comfortable form.
 */
export const luFactors: Op<(a: Tensor) => Tensor> = /* @__PURE__ */ op(primitive, (a: Tensor) =>
  apply(primitive, [a], NO_ATTRIBUTES),
)
