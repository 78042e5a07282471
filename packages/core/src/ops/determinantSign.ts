import { decompose } from '../backend/luDecomposition.ts'
import { runUnrecorded } from '../graph/apply.ts'
import { expectSquare, mapMatrices, matricesRule, sampleSquare } from '../primitive/matrices.ts'
import { NO_ATTRIBUTES, type NonDifferentiablePrimitive, type Op, op } from '../primitive/primitive.ts'
import type { ShapeRule } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'

const result: ShapeRule = /* @__PURE__ */ matricesRule('determinantSign', () => [])

const primitive: NonDifferentiablePrimitive = {
  name: 'determinantSign',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'a sign jumps or stays',
  batch: 'leading',
  sample: /* @__PURE__ */ sampleSquare('fullRank'),
  result,
  forward: (inputs, attributes) => {
    const [a] = inputs
    const n = a!.shape.at(-1)!
    return mapMatrices(result(inputs, attributes), inputs, ([matrix], out) => {
      const factors = matrix!.slice()
      let { sign } = decompose(factors, n, n)
      for (let i = 0; i < n; i++) sign *= Math.sign(factors[i * n + i]!)
      out[0] = sign === 0 ? 0 : sign
    })
  },
}

/**
 * The sign of the determinant, `[..., n, n] -> [...]`: -1, 0 or 1, also where the determinant itself would vanish.
 *
 * @example
 * ```ts
 * import { determinantSign, tensor } from '@adjoint/core'
 * determinantSign(tensor([[0, 1], [1, 0]])).item() // => -1
 * ```
 */
export const determinantSign: Op<(a: Tensor) => Tensor> = /* @__PURE__ */ op(primitive, (a: Tensor) =>
  runUnrecorded(primitive, [expectSquare('determinantSign', a)], NO_ATTRIBUTES),
)
