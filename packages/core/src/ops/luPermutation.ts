import { decompose } from '../backend/luDecomposition.ts'
import { runUnrecorded } from '../graph/apply.ts'
import { mapMatrices, sampleBatch } from '../primitive/matrices.ts'
import { NO_ATTRIBUTES, type NonDifferentiablePrimitive, type Op, op } from '../primitive/primitive.ts'
import type { Tensor } from '../tensor/tensor.ts'

const primitive: NonDifferentiablePrimitive = {
  name: 'luPermutation',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'an order of rows jumps or stays',
  batch: 'leading',
  sample: draw => ({
    inputs: [{ shape: [...sampleBatch(draw), draw.integer(0, 4), draw.integer(0, 4)] }],
    attributes: NO_ATTRIBUTES,
  }),
  forward: ([a]) => {
    const [m, n] = a!.shape.slice(-2) as [number, number]
    return mapMatrices('lu', [a!], [m, m], ([matrix], out) => {
      const { rows } = decompose(matrix!.slice(), m, n)
      for (let i = 0; i < m; i++) out[rows[i]! * m + i] = 1
    })
  },
}

/** The permutation matrix P of the factors A = P L U that partial pivoting finds, `[..., m, n] -> [..., m, m]`. */
export const luPermutation: Op<(a: Tensor) => Tensor> = /* @__PURE__ */ op(primitive, (a: Tensor) =>
  runUnrecorded(primitive, [a], NO_ATTRIBUTES),
)
