import { minimumNorm } from '../backend/pseudoInverse.ts'
import { apply } from '../graph/apply.ts'
import { expectMatrices, expectRows, mapMatrices, matricesRule, sampleBatch } from '../primitive/matrices.ts'
import { type GeneralPrimitive, type Op, op } from '../primitive/primitive.ts'
import { expectOptions } from '../shape/arguments.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import type { ShapeRule } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { add } from './add.ts'
import { matmul } from './matmul.ts'
import { swapLastAxes } from './permute.ts'
import { type PseudoInverseOptions, pseudoInverseOf, rcondOf } from './pseudoInverse.ts'
import { reshape } from './reshape.ts'
import { sub } from './sub.ts'

const result: ShapeRule = /* @__PURE__ */ matricesRule('leastSquares', inputs => {
  const [a, b] = [inputs[0]!, inputs[1]!]
  const [m, n] = a.shape.slice(-2) as [number, number]
  const [rows, columns] = b.shape.slice(-2) as [number, number]
  if (m !== rows) {
    throw new ShapeError(
      'leastSquares',
      `a matrix ${formatShape(a.shape)} does not fit the right side ${formatShape(b.shape)}: ${m} ≠ ${rows} rows.`,
      [a.shape, b.shape],
    )
  }
  return [n, columns]
})

const primitive: GeneralPrimitive = {
  name: 'leastSquares',
  kind: 'general',
  keeps: 'both',
  // X = P B with the pseudoinverse P: the rule of Golub and Pereyra (see pseudoInverse), applied to B from the right.
  // With R = B - A X: dX = P (dB - dA X) + P Pᵀ dAᵀ R + (I - P A) dAᵀ Pᵀ X.
  vjp: (cotangent, { inputs, output, attributes }, index) => {
    const [a, b] = [inputs[0]!, inputs[1]!]
    const p = pseudoInverseOf(a, attributes.rcond as number)
    const pt = swapLastAxes(p)
    const gb = matmul(pt, cotangent)
    if (index === 1) return gb
    const rest = sub(b, matmul(a, output))
    const outside = sub(cotangent, matmul(swapLastAxes(a), gb))
    return add(
      sub(matmul(rest, swapLastAxes(matmul(p, gb))), matmul(gb, swapLastAxes(output))),
      matmul(matmul(pt, output), swapLastAxes(outside)),
    )
  },
  jvp: ([da, db], { inputs, output, attributes }) => {
    const [a, b] = [inputs[0]!, inputs[1]!]
    const p = pseudoInverseOf(a, attributes.rcond as number)
    const straight = db ? matmul(p, db) : undefined
    if (!da) return straight!
    const [pt, dt] = [swapLastAxes(p), swapLastAxes(da)]
    const rest = sub(b, matmul(a, output))
    const inner = matmul(dt, matmul(pt, output))
    const outside = sub(inner, matmul(p, matmul(a, inner)))
    const moved = add(sub(matmul(p, matmul(pt, matmul(dt, rest))), matmul(p, matmul(da, output))), outside)
    return straight === undefined ? moved : add(straight, moved)
  },
  batch: 'leading',
  sample: draw => {
    const [m, n, k] = [draw.integer(0, 4), draw.integer(0, 4), draw.integer(0, 2)]
    const batch = sampleBatch(draw)
    return {
      inputs: [
        { shape: [...batch, m, n], matrix: 'fullRank' },
        { shape: [...draw.broadcastable(batch), m, k] },
      ],
      attributes: { rcond: 1e-6 },
    }
  },
  result,
  forward: (inputs, attributes) => {
    const [a, b] = inputs
    const [m, n] = a!.shape.slice(-2) as [number, number]
    const columns = b!.shape.at(-1)!
    return mapMatrices(result(inputs, attributes), inputs, ([matrix, right], out) => {
      out.set(minimumNorm(matrix!, m, n, attributes.rcond as number, right!, columns))
    })
  },
}

/**
 * The X that makes ‖A X - B‖ smallest, and of those the one of least norm: `[..., m, n] × [..., m, k] -> [..., n, k]`; axes in
 * front broadcast. A right side of rank 1 is one vector, `[m] -> [n]`. By singular values, so also for matrices without
 * full rank; the gradient holds while the rank stays.
 *
 * @example
 * ```ts
 * import { leastSquares, tensor } from '@adjoint/core'
 * const a = tensor([[1, 0], [1, 1], [1, 2]])
 * leastSquares(a, tensor([1, 3, 5])).toArray() // => [1, 2]
 * ```
 * @throws ShapeError when the numbers of rows differ.
 */
export const leastSquares: Op<(a: Tensor, b: Tensor, options?: PseudoInverseOptions) => Tensor> =
  /* @__PURE__ */ op(primitive, (a: Tensor, b: Tensor, options: PseudoInverseOptions = {}) => {
    expectOptions('leastSquares', options, ['rcond'])
    const matrix = expectMatrices('leastSquares', a)
    const right = expectRows('leastSquares', matrix, b)
    const attributes = { rcond: rcondOf('leastSquares', options.rcond, matrix) }
    if (right.rank >= 2) return apply(primitive, [matrix, right], attributes)
    const column = apply(primitive, [matrix, reshape(right, [right.size, 1])], attributes)
    return reshape(column, column.shape.slice(0, -1))
  })
