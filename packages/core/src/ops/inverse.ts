import { identityMatrix } from '../backend/luDecomposition.ts'
import { apply } from '../graph/apply.ts'
import { expectSquare, mapMatrices, matricesRule, matrixAxes, sampleSquare } from '../primitive/matrices.ts'
import { type GeneralPrimitive, NO_ATTRIBUTES, type Op, op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import type { Shape } from '../shape/types.ts'
import type { ShapeRule } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { matmul } from './matmul.ts'
import { neg } from './neg.ts'
import { swapLastAxes } from './permute.ts'
import { solveRegular } from './solve.ts'

const result: ShapeRule = /* @__PURE__ */ matricesRule('inverse', matrixAxes)

const primitive: GeneralPrimitive = {
  name: 'inverse',
  kind: 'general',
  keeps: 'output',
  // d(A⁻¹) = -A⁻¹ dA A⁻¹
  vjp: (cotangent, { output }) => {
    const y = swapLastAxes(output)
    return neg(matmul(matmul(y, cotangent), y))
  },
  jvp: ([tangent], { output }) => neg(matmul(matmul(output, tangent!), output)),
  batch: 'leading',
  sample: /* @__PURE__ */ sampleSquare('fullRank'),
  result,
  forward: (inputs, attributes) => {
    const [a] = inputs
    const n = a!.shape.at(-1)!
    const name = (attributes.caller as string | undefined) ?? 'inverse'
    return mapMatrices(result(inputs, attributes), inputs, ([matrix], out, batch) => {
      out.set(solveRegular(name, matrix!, n, identityMatrix(n), n, batch))
    })
  },
}

/**
 * The inverse of square matrices, `[..., n, n] -> [..., n, n]`. `d(A⁻¹) = -A⁻¹ dA A⁻¹`. To multiply with an inverse, `solve`
 * is faster and loses less.
 *
 * @example
 * ```ts
 * import { inverse, tensor } from '@adjoint/core'
 * inverse(tensor([[2, 0], [0, 4]])).toArray() // => [[0.5, 0], [0, 0.25]]
 * ```
 * @throws ArgumentError for a singular matrix, naming the pivot; ShapeError when the matrices are not square.
 */
export const inverse: Op<UnaryOp> = /* @__PURE__ */ op(
  primitive,
  <S extends Shape>(a: Tensor<S>) =>
    apply(primitive, [expectSquare('inverse', a)], NO_ATTRIBUTES) as unknown as Tensor<S>,
)

/** {@link inverse} inside of a rule: the message for a singular matrix names the op that needs it. */
export function inverseFor(caller: string, a: Tensor): Tensor {
  return apply(primitive, [a], { caller })
}
