import { solveTriangle } from '../backend/luDecomposition.ts'
import { apply } from '../graph/apply.ts'
import { expectRows, expectSquare, mapMatrices, matricesRule, sampleBatch } from '../primitive/matrices.ts'
import { type GeneralPrimitive, type Op, op } from '../primitive/primitive.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Attributes, ShapeRule } from '../tensor/node.ts'
import { allocate, type Tensor } from '../tensor/tensor.ts'
import { add } from './add.ts'
import { matmul } from './matmul.ts'
import { neg } from './neg.ts'
import { swapLastAxes } from './permute.ts'
import { reshape } from './reshape.ts'
import { where } from './where.ts'

/** Settings of {@link triangularSolve}. */
export interface TriangularSolveOptions {
  /** Read the upper triangle instead of the lower one. Default false. */
  readonly upper?: boolean
  /** Solve with the transpose of that triangle. Default false. */
  readonly transpose?: boolean
  /** Take the diagonal for ones without reading it. Default false. */
  readonly unitriangular?: boolean
  /** `true` for T X = B, `false` for X T = B. Default true. */
  readonly left?: boolean
}

interface TriangleAttributes extends Attributes {
  readonly lower: boolean
  readonly transposed: boolean
  readonly unit: boolean
  /** The op that the message for a singular matrix names; `triangularSolve` unless given. */
  readonly caller?: string
}

const result: ShapeRule = /* @__PURE__ */ matricesRule('triangularSolve', inputs => {
  const [t, b] = [inputs[0]!, inputs[1]!]
  const [n, columns] = b.shape.slice(-2) as [number, number]
  if (t.shape.at(-1) !== n) {
    throw new ShapeError(
      'triangularSolve',
      `a triangle ${formatShape(t.shape)} does not fit the right side ${formatShape(b.shape)}: ${t.shape.at(-1)} ≠ ${n}.`,
      [t.shape, b.shape],
    )
  }
  return [n, columns]
})

const primitive: GeneralPrimitive = {
  name: 'triangularSolve',
  kind: 'general',
  keeps: 'both',
  // T X = B: dX = T⁻¹ (dB - dT X), so B̄ = T⁻ᵀ X̄ and T̄ = -B̄ Xᵀ, of which only the triangle that is read counts.
  vjp: (cotangent, { inputs, output, attributes }, index) => {
    const triangle = attributes as TriangleAttributes
    const { lower, transposed, unit } = triangle
    const inner = solveWith(inputs[0]!, cotangent, { ...triangle, transposed: !transposed })
    if (index === 1) return inner
    const outer = transposed ? matmul(output, swapLastAxes(inner)) : matmul(inner, swapLastAxes(output))
    return trianglePart(neg(outer), lower, unit)
  },
  jvp: ([dt, db], { inputs, output, attributes }) => {
    const { lower, transposed, unit } = attributes as TriangleAttributes
    let right = db ?? undefined
    if (dt) {
      const part = trianglePart(dt, lower, unit)
      const moved = neg(matmul(transposed ? swapLastAxes(part) : part, output))
      right = right === undefined ? moved : add(right, moved)
    }
    return solveWith(inputs[0]!, right!, attributes as TriangleAttributes)
  },
  batch: 'leading',
  sample: draw => {
    const [n, k] = [draw.integer(0, 4), draw.integer(0, 3)]
    const batch = sampleBatch(draw)
    const attributes: TriangleAttributes = {
      lower: draw.boolean(),
      transposed: draw.boolean(),
      unit: draw.boolean(),
    }
    return {
      inputs: [
        { shape: [...batch, n, n], domain: 'positive' },
        { shape: [...draw.broadcastable(batch), n, k] },
      ],
      attributes,
    }
  },
  result,
  forward: (inputs, attributes) => {
    const [, b] = inputs
    const triangle = attributes as TriangleAttributes
    const [n, columns] = b!.shape.slice(-2) as [number, number]
    return mapMatrices(result(inputs, attributes), inputs, ([matrix, right], out, batch) => {
      for (let i = 0; i < n && !triangle.unit; i++) {
        if (matrix![i * n + i] === 0) {
          throw new ArgumentError(
            triangle.caller ?? 'triangularSolve',
            `the matrix is singular: number ${i} of its diagonal is 0${batch.text()}.`,
          )
        }
      }
      out.set(right!)
      solveTriangle(matrix!, n, out, columns, triangle)
    })
  },
}

/** The triangle of matrices, zeros elsewhere; without the diagonal when it is `strict`. What is dropped may be NaN. */
export function trianglePart(x: Tensor, lower: boolean, strict: boolean): Tensor {
  const [rows, columns] = x.shape.slice(-2) as [number, number]
  const mask = allocate([rows, columns], 'bool')
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const isInside = i === j ? !strict : lower === i > j
      if (isInside) mask.storage[mask.offset + i * columns + j] = 1
    }
  }
  return where(mask, x, 0)
}

function solveWith(t: Tensor, b: Tensor, triangle: TriangleAttributes): Tensor {
  return apply(primitive, [t, b], triangle)
}

/** {@link triangularSolve} for matrices inside of a rule: the message for a singular one names the op that needs it. */
export function triangularSolveFor(
  caller: string,
  t: Tensor,
  b: Tensor,
  { upper = false, transpose = false, unitriangular = false, left = true }: TriangularSolveOptions,
): Tensor {
  const triangle = { lower: !upper, transposed: transpose !== !left, unit: unitriangular, caller }
  return left ? solveWith(t, b, triangle) : swapLastAxes(solveWith(t, swapLastAxes(b), triangle))
}

/**
 * The X with T X = B for a triangular matrix T, `[..., n, n] × [..., n, k] -> [..., n, k]`; axes in front broadcast. A
 * vector `[n]` on the right stays one. The other triangle of the matrix is not read, and its gradient is 0.
 * `dX = T⁻¹ (dB - dT X)`
 *
 * @example
 * ```ts
 * import { tensor, triangularSolve } from '@adjoint/core'
 * const t = tensor([[2, 0], [1, 4]])
 * triangularSolve(t, tensor([2, 9])).toArray() // => [1, 2]
 * triangularSolve(t, tensor([4, 8]), { transpose: true }).toArray() // => [1, 2]
 * ```
 * @throws ArgumentError naming the number of the diagonal that is 0; ShapeError when the shapes do not fit.
 */
export const triangularSolve: Op<
  <S extends Shape>(t: Tensor, b: Tensor<S>, options?: TriangularSolveOptions) => Tensor<S>
> = /* @__PURE__ */ op(
  primitive,
  <S extends Shape>(t: Tensor, b: Tensor<S>, options: TriangularSolveOptions = {}) => {
    expectOptions('triangularSolve', options, ['upper', 'transpose', 'unitriangular', 'left'])
    const { upper = false, transpose = false, unitriangular = false, left = true } = options
    const matrix = expectSquare('triangularSolve', t)
    const right = expectTensor('triangularSolve', b) as Tensor
    const triangle = { lower: !upper, transposed: transpose !== !left, unit: unitriangular }
    if (right.rank === 0) {
      throw new ShapeError('triangularSolve', 'the right side is a vector or matrices, got a 0-d tensor.', [
        matrix.shape,
        right.shape,
      ])
    }
    if (right.rank === 1) {
      expectRows('triangularSolve', matrix, right)
      // X T = B for one row is Tᵀ Xᵀ = Bᵀ, and a vector is its own transpose.
      const column = solveWith(matrix, reshape(right, [right.size, 1]), triangle)
      return reshape(column, column.shape.slice(0, -1)) as unknown as Tensor<S>
    }
    if (left) return solveWith(matrix, right, triangle) as unknown as Tensor<S>
    return swapLastAxes(solveWith(matrix, swapLastAxes(right), triangle)) as unknown as Tensor<S>
  },
)
