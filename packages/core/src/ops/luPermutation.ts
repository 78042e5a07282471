import { decompose } from '../backend/luDecomposition.ts'
import { runUnrecorded } from '../graph/apply.ts'
import { mapMatrices, matricesRule, sampleBatch } from '../primitive/matrices.ts'
import { NO_ATTRIBUTES, type NonDifferentiablePrimitive, type Op, op } from '../primitive/primitive.ts'
import type { ShapeRule } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'

const result: ShapeRule = /* @__PURE__ */ matricesRule('lu', inputs => {
  const m = inputs[0]!.shape.at(-2)!
  return [m, m]
})

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
  result,
  forward: (inputs, attributes) => {
    const [a] = inputs
    const [m, n] = a!.shape.slice(-2) as [number, number]
    return mapMatrices(result(inputs, attributes), inputs, ([matrix], out) => {
      const { rows } = decompose(matrix!.slice(), m, n)
      for (let i = 0; i < m; i++) out[rows[i]! * m + i] = 1
    })
  },
}

/** The permutation matrix P of the factors A = P L U that partial pivoting finds, `[..., m, n] -> [..., m, m]`. */
export const luPermutation: Op<(a: Tensor) => Tensor> = /* @__PURE__ */ op(primitive, (a: Tensor) =>
  runUnrecorded(primitive, [a], NO_ATTRIBUTES),
)
