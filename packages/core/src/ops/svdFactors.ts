import { singularValues } from '../backend/singularValues.ts'
import { apply } from '../graph/apply.ts'
import { mapMatrices, matricesRule, matrixAxes, sampleBatch } from '../primitive/matrices.ts'
import { type GeneralPrimitive, NO_ATTRIBUTES, type Op, op } from '../primitive/primitive.ts'
import type { ShapeRule } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { add } from './add.ts'
import { concat } from './concat.ts'
import { diagonal } from './diagonal.ts'
import { asRow } from './eighFactors.ts'
import { matmul } from './matmul.ts'
import { mul } from './mul.ts'
import { swapLastAxes } from './permute.ts'
import { rowsOf } from './qrFactors.ts'
import { reshape } from './reshape.ts'
import { type SpectralQuotientAttributes, spectralQuotient } from './spectralQuotient.ts'
import { sub } from './sub.ts'

const result: ShapeRule = /* @__PURE__ */ matricesRule('svd', inputs => {
  const [m, n] = matrixAxes(inputs) as [number, number]
  return [m + n + 1, Math.min(m, n)]
})

const primitive: GeneralPrimitive = {
  name: 'svdFactors',
  kind: 'general',
  keeps: 'output',
  // J. Townsend, "Differentiating the singular value decomposition", 2016, with sums and differences of singular values
  // apart. P = Uᵀ dA V, E = (P + Pᵀ) / (s_j - s_i), H = (P - Pᵀ) / (s_j + s_i): ds = diag P,
  // dU = U (E + H)/2 + (I - U Uᵀ) dA V S⁻¹, dV = V (E - H)/2 + (I - V Vᵀ) dAᵀ U S⁻¹.
  vjp: (cotangent, { inputs, output }) => {
    const [m, n] = inputs[0]!.shape.slice(-2) as [number, number]
    const { u, v, s } = svdParts(output, m, n)
    const given = svdParts(cotangent, m, n)
    const [x, y] = [matmul(swapLastAxes(u), given.u), matmul(swapLastAxes(v), given.v)]
    // By differences, X + Y less its transpose; divided first, so that a 0 in both stays 0.
    const e = spectralQuotient(add(x, y), asRow(s), by('difference'))
    const w = sub(x, y)
    const h = spectralQuotient(sub(w, swapLastAxes(w)), asRow(s), by('sum'))
    const rotations = mul(add(add(e, swapLastAxes(e)), h), 0.5)
    const vt = swapLastAxes(v)
    let result = matmul(add(mul(u, asRow(given.s)), matmul(u, rotations)), vt)
    if (m > n) {
      const outside = sub(given.u, matmul(u, x))
      result = add(result, matmul(spectralQuotient(outside, asRow(s), by('column')), vt))
    }
    if (n > m) {
      const outside = sub(given.v, matmul(v, y))
      result = add(result, matmul(u, swapLastAxes(spectralQuotient(outside, asRow(s), by('column')))))
    }
    return result
  },
  jvp: ([tangent], { inputs, output }) => {
    const [m, n] = inputs[0]!.shape.slice(-2) as [number, number]
    const { u, v, s } = svdParts(output, m, n)
    const av = matmul(tangent!, v)
    const p = matmul(swapLastAxes(u), av)
    const pt = swapLastAxes(p)
    const e = spectralQuotient(add(p, pt), asRow(s), { by: 'difference' })
    const h = spectralQuotient(sub(p, pt), asRow(s), { by: 'sum' })
    let du = mul(matmul(u, add(e, h)), 0.5)
    let dv = mul(matmul(v, sub(e, h)), 0.5)
    if (m > n) du = add(du, spectralQuotient(sub(av, matmul(u, p)), asRow(s), { by: 'column' }))
    if (n > m) {
      const au = matmul(swapLastAxes(tangent!), u)
      dv = add(dv, spectralQuotient(sub(au, matmul(v, pt)), asRow(s), { by: 'column' }))
    }
    return concat([du, dv, asRow(diagonal(p))], -2)
  },
  batch: 'leading',
  sample: draw => ({
    inputs: [{ shape: [...sampleBatch(draw), draw.integer(0, 4), draw.integer(0, 4)], matrix: 'fullRank' }],
    attributes: NO_ATTRIBUTES,
  }),
  result,
  forward: (inputs, attributes) => {
    const [a] = inputs
    const [m, n] = a!.shape.slice(-2) as [number, number]
    const count = Math.min(m, n)
    return mapMatrices(result(inputs, attributes), inputs, ([matrix], out) => {
      const { left, values, right } = singularValues(matrix!, m, n)
      for (let k = 0; k < count; k++) {
        for (let i = 0; i < m; i++) out[i * count + k] = left[k * m + i]!
        for (let i = 0; i < n; i++) out[(m + i) * count + k] = right[k * n + i]!
      }
      out.set(values, (m + n) * count)
    })
  },
}

function by(divisor: SpectralQuotientAttributes['by']): SpectralQuotientAttributes {
  return { by: divisor, refuseFor: 'svd' }
}

/** The parts of the packed result. */
export function svdParts(
  packed: Tensor,
  m: number,
  n: number,
): { readonly u: Tensor; readonly v: Tensor; readonly s: Tensor } {
  const values = rowsOf(packed, m + n, 1)
  return {
    u: rowsOf(packed, 0, m),
    v: rowsOf(packed, m, n),
    s: reshape(values, [...packed.shape.slice(0, -2), packed.shape.at(-1)!]),
  }
}

/**
 * The thin singular value decomposition in one tensor, `[..., m, n] -> [..., m + n + 1, k]`: the rows of U, those of V, and the
 * singular values. `svd` is the comfortable form.
 */
export const svdFactors: Op<(a: Tensor) => Tensor> = /* @__PURE__ */ op(primitive, (a: Tensor) =>
  apply(primitive, [a], NO_ATTRIBUTES),
)
