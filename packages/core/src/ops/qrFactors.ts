import { householderQr } from '../backend/householderQr.ts'
import { apply } from '../graph/apply.ts'
import { mapMatrices, matricesRule, matrixAxes, sampleBatch } from '../primitive/matrices.ts'
import { type GeneralPrimitive, NO_ATTRIBUTES, type Op, op } from '../primitive/primitive.ts'
import { ArgumentError } from '../shape/errors.ts'
import type { ShapeRule } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { add } from './add.ts'
import { concat } from './concat.ts'
import { matmul } from './matmul.ts'
import { swapLastAxes } from './permute.ts'
import { sliceRanges } from './sliceRanges.ts'
import { sub } from './sub.ts'
import { trianglePart, triangularSolve } from './triangularSolve.ts'

const result: ShapeRule = /* @__PURE__ */ matricesRule('qr', inputs => {
  const [m, n] = matrixAxes(inputs) as [number, number]
  return [m + n, n]
})

const primitive: GeneralPrimitive = {
  name: 'qrFactors',
  kind: 'general',
  keeps: 'output',
  // J. Townsend, "Differentiating the QR decomposition", 2018. With C = dA R⁻¹ and W = Qᵀ C, which is Ω + an upper triangle
  // for a skew Ω: dQ = Q Ω + (C - Q W), dR = (W - Ω) R. Backward: M = R R̄ᵀ - Q̄ᵀ Q, Ā = (Q̄ + Q copyltu(M)) R⁻ᵀ.
  vjp: (cotangent, { inputs, output }) => {
    const rows = inputs[0]!.shape.at(-2)!
    const [q, r] = [rowsOf(output, 0, rows), swapLastAxes(rowsOf(output, rows))]
    const [gq, gr] = [rowsOf(cotangent, 0, rows), swapLastAxes(rowsOf(cotangent, rows))]
    const m = sub(matmul(r, swapLastAxes(trianglePart(gr, false, false))), matmul(swapLastAxes(gq), q))
    const strict = trianglePart(m, true, true)
    const mirrored = add(trianglePart(m, true, false), swapLastAxes(strict))
    const inner = add(gq, matmul(q, mirrored))
    // X R⁻ᵀ = (R⁻¹ Xᵀ)ᵀ
    return swapLastAxes(solveR(r, swapLastAxes(inner), false))
  },
  jvp: ([tangent], { inputs, output }) => {
    const rows = inputs[0]!.shape.at(-2)!
    const [q, r] = [rowsOf(output, 0, rows), swapLastAxes(rowsOf(output, rows))]
    const c = swapLastAxes(solveR(r, swapLastAxes(tangent!), true))
    const w = matmul(swapLastAxes(q), c)
    const strict = trianglePart(w, true, true)
    const skew = sub(strict, swapLastAxes(strict))
    const dq = add(matmul(q, skew), sub(c, matmul(q, w)))
    const dr = matmul(sub(w, skew), r)
    return concat([dq, swapLastAxes(trianglePart(dr, false, false))], -2)
  },
  batch: 'leading',
  sample: draw => {
    const n = draw.integer(0, 3)
    return {
      inputs: [{ shape: [...sampleBatch(draw), n + draw.integer(0, 2), n], matrix: 'fullRank' }],
      attributes: NO_ATTRIBUTES,
    }
  },
  result,
  forward: (inputs, attributes) => {
    const [a] = inputs
    const [m, n] = a!.shape.slice(-2) as [number, number]
    return mapMatrices(result(inputs, attributes), inputs, ([matrix], out) => {
      const { q, r } = householderQr(matrix!, m, n)
      out.set(q)
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[(m + j) * n + i] = r[i * n + j]!
    })
  },
}

/** R⁻¹ X, or R⁻ᵀ X; a matrix whose columns depend on each other has no derivative of its factors. */
function solveR(r: Tensor, x: Tensor, transpose: boolean): Tensor {
  try {
    return triangularSolve(r, x, { upper: true, transpose })
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error
    throw new ArgumentError(
      'qr',
      `the factors have no derivative where the columns of the matrix depend on each other (${error.message})`,
    )
  }
}

/** Some rows of matrices: from `start` on, as many as `count` says. */
export function rowsOf(x: Tensor, start: number, count: number = x.shape.at(-2)! - start): Tensor {
  const starts = x.shape.map((_, axis) => (axis === x.rank - 2 ? start : 0))
  const sizes = x.shape.map((size, axis) => (axis === x.rank - 2 ? count : size))
  return sliceRanges(x, { starts, sizes, steps: starts.map(() => 1) })
}

/**
 * The thin factors of tall matrices in one tensor, `[..., m, n] -> [..., m + n, n]`: the rows of Q, then the rows of Rᵀ.
 * `qr` is the comfortable form.
 */
export const qrFactors: Op<(a: Tensor) => Tensor> = /* @__PURE__ */ op(primitive, (a: Tensor) =>
  apply(primitive, [a], NO_ATTRIBUTES),
)
