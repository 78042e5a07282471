import { runUnrecorded } from '../graph/apply.ts'
import { mapMatrices, matricesRule, sampleSquare } from '../primitive/matrices.ts'
import { NO_ATTRIBUTES, type NonDifferentiablePrimitive, type Op, op } from '../primitive/primitive.ts'
import type { ShapeRule } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'

const result: ShapeRule = /* @__PURE__ */ matricesRule('reflectionSigns', inputs => [
  1,
  inputs[0]!.shape.at(-1)!,
])

const primitive: NonDifferentiablePrimitive = {
  name: 'reflectionSigns',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'a sign jumps or stays',
  batch: 'leading',
  sample: /* @__PURE__ */ sampleSquare(),
  result,
  forward: (inputs, attributes) => {
    const [q] = inputs
    const n = q!.shape.at(-1)!
    return mapMatrices(result(inputs, attributes), inputs, ([matrix], out) => {
      const a = matrix!.slice()
      for (let k = 0; k < n; k++) {
        out[k] = a[k * n + k]! < 0 ? -1 : 1
        const pivot = a[k * n + k]! + out[k]!
        for (let i = k + 1; i < n; i++) {
          const factor = a[i * n + k]! / pivot
          for (let j = k + 1; j < n; j++) a[i * n + j]! -= factor * a[k * n + j]!
        }
      }
    })
  },
}

/**
 * Signs that, added to the diagonal of matrices, let elimination find pivots of at least 1 in size without an exchange of
 * rows, `[..., n, n] -> [..., 1, n]`: G. Ballard et al., "Reconstructing Householder vectors from tall-skinny QR", 2014.
 */
export const reflectionSigns: Op<(q: Tensor) => Tensor> = /* @__PURE__ */ op(primitive, (q: Tensor) =>
  runUnrecorded(primitive, [q], NO_ATTRIBUTES),
)
