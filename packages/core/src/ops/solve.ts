import { decompose, solveDecomposed, vanishingPivot } from '../backend/luDecomposition.ts'
import { apply } from '../graph/apply.ts'
import {
  type BatchIndex,
  expectRows,
  expectSquare,
  mapMatrices,
  matricesRule,
  sampleBatch,
} from '../primitive/matrices.ts'
import { type GeneralPrimitive, NO_ATTRIBUTES, type Op, op } from '../primitive/primitive.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import type { Shape } from '../shape/types.ts'
import type { ShapeRule } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { matmul } from './matmul.ts'
import { neg } from './neg.ts'
import { swapLastAxes } from './permute.ts'
import { reshape } from './reshape.ts'
import { sub } from './sub.ts'

const result: ShapeRule = /* @__PURE__ */ matricesRule('solve', inputs => {
  const [a, b] = [inputs[0]!, inputs[1]!]
  const [n, columns] = b.shape.slice(-2) as [number, number]
  if (a.shape.at(-1) !== n) {
    throw new ShapeError(
      'solve',
      `a matrix ${formatShape(a.shape)} does not fit the right side ${formatShape(b.shape)}: ${a.shape.at(-1)} ≠ ${n}.` +
        (b.shape.at(-1) === a.shape.at(-1) ? ' Did you mean the transpose of the right side?' : ''),
      [a.shape, b.shape],
    )
  }
  return [n, columns]
})

const primitive: GeneralPrimitive = {
  name: 'solve',
  kind: 'general',
  keeps: 'both',
  // A X = B: dX = A⁻¹ (dB - dA X), so B̄ = A⁻ᵀ X̄ and Ā = -B̄ Xᵀ (M. Giles, "Collected matrix derivative results", 2008).
  vjp: (cotangent, { inputs, output }, index) => {
    const inner = apply(primitive, [swapLastAxes(inputs[0]!), cotangent], NO_ATTRIBUTES)
    return index === 1 ? inner : neg(matmul(inner, swapLastAxes(output)))
  },
  jvp: ([da, db], { inputs, output }) => {
    const moved = da ? matmul(da, output) : undefined
    const right = moved === undefined ? db! : db ? sub(db, moved) : neg(moved)
    return apply(primitive, [inputs[0]!, right], NO_ATTRIBUTES)
  },
  batch: 'leading',
  sample: draw => {
    const [n, k] = [draw.integer(0, 4), draw.integer(0, 3)]
    const batch = sampleBatch(draw)
    const other = draw.broadcastable(batch)
    const [left, right] = draw.boolean() ? [batch, other] : [other, batch]
    return {
      inputs: [{ shape: [...left, n, n], matrix: 'fullRank' }, { shape: [...right, n, k] }],
      attributes: NO_ATTRIBUTES,
    }
  },
  result,
  forward: (inputs, attributes) => {
    const [, b] = inputs
    const [n, columns] = b!.shape.slice(-2) as [number, number]
    return mapMatrices(result(inputs, attributes), inputs, ([matrix, right], out, batch) => {
      out.set(solveRegular('solve', matrix!, n, right!, columns, batch))
    })
  },
}

/** A⁻¹ B for flat matrices; refuses a singular A. */
export function solveRegular(
  name: string,
  matrix: Float64Array,
  n: number,
  right: Float64Array,
  columns: number,
  batch: BatchIndex,
): Float64Array {
  const factors = matrix.slice()
  const { rows } = decompose(factors, n, n)
  const at = vanishingPivot(matrix, factors, rows, n)
  if (at >= 0) {
    throw new ArgumentError(
      name,
      `the matrix is singular to working precision${batch.text()}: pivot ${at} of ${n} is ${factors[at * n + at]}. ` +
        'Try pseudoInverse or leastSquares, or add a small multiple of eye(n).',
    )
  }
  return solveDecomposed(factors, rows, n, right, columns)
}

/** `[..., n, n] × [..., n, k] -> [..., n, k]`, or a vector `[n]` on the right */
export interface SolveOp {
  <S extends Shape>(a: Tensor<S>, b: Tensor<NoInfer<S>>): Tensor<S>
  (a: Tensor, b: Tensor): Tensor
}

/**
 * The X with A X = B, by Gaussian elimination with partial pivoting in float64: `[..., n, n] × [..., n, k] -> [..., n, k]`;
 * axes in front broadcast. A right side of rank 1 is one vector, `[..., n, n] × [n] -> [..., n]`.
 * `dX = A⁻¹ (dB - dA X)`
 *
 * @example
 * ```ts
 * import { solve, tensor } from '@adjoint/core'
 * solve(tensor([[2, 1], [1, 3]]), tensor([3, 5])).toArray() // => [0.8, 1.4]
 * ```
 * @throws ArgumentError for a singular matrix, naming the pivot; ShapeError when the shapes do not fit.
 */
export const solve: Op<SolveOp> = /* @__PURE__ */ op(primitive, ((a: Tensor, b: Tensor) => {
  const matrix = expectSquare('solve', a)
  const right = expectRows('solve', matrix, b)
  if (right.rank >= 2) return apply(primitive, [matrix, right], NO_ATTRIBUTES)
  const column = apply(primitive, [matrix, reshape(right, [right.size, 1])], NO_ATTRIBUTES)
  return reshape(column, column.shape.slice(0, -1))
}) as SolveOp)
