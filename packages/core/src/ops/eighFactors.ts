import { symmetricEigen } from '../backend/symmetricEigen.ts'
import { apply } from '../graph/apply.ts'
import { mapMatrices, matricesRule, sampleSquare } from '../primitive/matrices.ts'
import { type GeneralPrimitive, NO_ATTRIBUTES, type Op, op } from '../primitive/primitive.ts'
import type { ShapeRule } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { add } from './add.ts'
import { symmetricPart } from './cholesky.ts'
import { concat } from './concat.ts'
import { diagonal } from './diagonal.ts'
import { matmul } from './matmul.ts'
import { mul } from './mul.ts'
import { swapLastAxes } from './permute.ts'
import { rowsOf } from './qrFactors.ts'
import { reshape } from './reshape.ts'
import { spectralQuotient } from './spectralQuotient.ts'

const result: ShapeRule = /* @__PURE__ */ matricesRule('eigh', inputs => {
  const n = inputs[0]!.shape.at(-1)!
  return [n + 1, n]
})

const primitive: GeneralPrimitive = {
  name: 'eighFactors',
  kind: 'general',
  keeps: 'output',
  // With P = Vᵀ dA V: dw = diag P, dV = V (P / (w_j - w_i)); Ā = sym(V (diag w̄ + (Vᵀ V̄) / (w_j - w_i)) Vᵀ)
  // (M. Giles, "Collected matrix derivative results", 2008, 3.1).
  vjp: (cotangent, { output }) => {
    const { vectors, values } = eighParts(output)
    const given = eighParts(cotangent)
    const turned = matmul(swapLastAxes(vectors), given.vectors)
    const mixed = spectralQuotient(turned, asRow(values), { by: 'difference', refuseFor: 'eigh' })
    const straight = mul(vectors, asRow(given.values))
    const inner = add(straight, matmul(vectors, mixed))
    return symmetricPart(matmul(inner, swapLastAxes(vectors)))
  },
  jvp: ([tangent], { output }) => {
    const { vectors, values } = eighParts(output)
    const turned = matmul(matmul(swapLastAxes(vectors), symmetricPart(tangent!)), vectors)
    const dv = matmul(vectors, spectralQuotient(turned, asRow(values), { by: 'difference' }))
    return concat([dv, asRow(diagonal(turned))], -2)
  },
  batch: 'leading',
  sample: /* @__PURE__ */ sampleSquare('symmetric'),
  result,
  forward: (inputs, attributes) => {
    const [a] = inputs
    const n = a!.shape.at(-1)!
    return mapMatrices(result(inputs, attributes), inputs, ([matrix], out) => {
      const { values, vectors } = symmetricEigen(matrix!, n)
      for (let k = 0; k < n; k++) for (let i = 0; i < n; i++) out[i * n + k] = vectors[k * n + i]!
      out.set(values, n * n)
    })
  },
}

/** A vector as a row that broadcasts over the rows of matrices. */
export function asRow(w: Tensor): Tensor {
  return reshape(w, [...w.shape.slice(0, -1), 1, w.shape.at(-1)!])
}

/** The parts of the packed result. */
export function eighParts(packed: Tensor): { readonly vectors: Tensor; readonly values: Tensor } {
  const n = packed.shape.at(-1)!
  const last = rowsOf(packed, n, 1)
  return { vectors: rowsOf(packed, 0, n), values: reshape(last, [...packed.shape.slice(0, -2), n]) }
}

/**
 * Eigenvectors, as columns, and below them the eigenvalues of (A + Aᵀ)/2, `[..., n, n] -> [..., n + 1, n]`. `eigh` is the
 * comfortable form.
 */
export const eighFactors: Op<(a: Tensor) => Tensor> = /* @__PURE__ */ op(primitive, (a: Tensor) =>
  apply(primitive, [a], NO_ATTRIBUTES),
)
