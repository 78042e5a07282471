import { decomposeInOrder } from '../backend/luDecomposition.ts'
import { apply } from '../graph/apply.ts'
import { mapMatrices, matricesRule, matrixAxes, sampleSquare } from '../primitive/matrices.ts'
import { type GeneralPrimitive, NO_ATTRIBUTES, type Op, op } from '../primitive/primitive.ts'
import { eye } from '../tensor/create.ts'
import type { ShapeRule } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { add } from './add.ts'
import { concat } from './concat.ts'
import { matmul } from './matmul.ts'
import { swapLastAxes } from './permute.ts'
import { rowsOf } from './qrFactors.ts'
import { sub } from './sub.ts'
import { type TriangularSolveOptions, trianglePart, triangularSolveFor } from './triangularSolve.ts'

/** Both triangles of the packed factors, solved with from the left: L⁻¹ or U⁻¹, or its transpose. */
const LOWER = { unitriangular: true }
const UPPER = { upper: true }
const UPPER_TRANSPOSED = { upper: true, transpose: true }
const LOWER_TRANSPOSED = { unitriangular: true, transpose: true }

const result: ShapeRule = /* @__PURE__ */ matricesRule('lu', matrixAxes)

const primitive: GeneralPrimitive = {
  name: 'luFactors',
  kind: 'general',
  keeps: 'output',
  // Of the square part, with W = L⁻¹ dA U⁻¹: dL = L tril(W, -1), dU = triu(W) U
  // (F. de Hoog, R. Anderssen and M. Lukas, "Differentiation of matrix functionals using triangular factorization", 2011).
  // Rows B below it give rows M = B U⁻¹ of L with dM = (dB - M dU) U⁻¹, and columns B beside it columns N = L⁻¹ B of U with
  // dN = L⁻¹ (dB - dL N).
  vjp: (cotangent, { output }) => {
    const { head, below, beside } = partsOf(output)
    const given = partsOf(cotangent)
    let packed = given.head
    const belowBar = below && solveRight(head, given.below!, UPPER_TRANSPOSED)
    if (below) packed = sub(packed, trianglePart(matmul(swapLastAxes(below), belowBar!), false, false))
    const besideBar = beside && solveLeft(head, given.beside!, LOWER_TRANSPOSED)
    if (beside) packed = sub(packed, trianglePart(matmul(besideBar!, swapLastAxes(beside)), true, true))
    const fromLower = matmul(swapLastAxes(lowerOf(head)), trianglePart(packed, true, true))
    const fromUpper = matmul(
      trianglePart(packed, false, false),
      swapLastAxes(trianglePart(head, false, false)),
    )
    const inner = add(trianglePart(fromLower, true, true), trianglePart(fromUpper, false, false))
    const headBar = solveRight(head, solveLeft(head, inner, LOWER_TRANSPOSED), UPPER_TRANSPOSED)
    return joined({ head: headBar, below: belowBar, beside: besideBar })
  },
  jvp: ([tangent], { output }) => {
    const { head, below, beside } = partsOf(output)
    const moved = partsOf(tangent!)
    const w = solveRight(head, solveLeft(head, moved.head, LOWER), UPPER)
    const dl = matmul(lowerOf(head), trianglePart(w, true, true))
    const du = matmul(trianglePart(w, false, false), trianglePart(head, false, false))
    return joined({
      head: add(dl, du),
      below: below && solveRight(head, sub(moved.below!, matmul(below, du)), UPPER),
      beside: beside && solveLeft(head, sub(moved.beside!, matmul(dl, beside)), LOWER),
    })
  },
  batch: 'leading',
  sample: /* @__PURE__ */ sampleSquare('positiveDefinite'),
  result,
  forward: (inputs, attributes) => {
    const [a] = inputs
    const [m, n] = a!.shape.slice(-2) as [number, number]
    return mapMatrices(result(inputs, attributes), inputs, ([matrix], out) => {
      out.set(matrix!)
      decomposeInOrder(out, m, n)
    })
  },
}

/** A matrix [..., m, n] as the square of its first rows and columns, and what lies below it or beside it. */
interface Parts {
  readonly head: Tensor
  /** Where m > n. */
  readonly below: Tensor | undefined
  /** Where n > m. */
  readonly beside: Tensor | undefined
}

function partsOf(x: Tensor): Parts {
  const [m, n] = x.shape.slice(-2) as [number, number]
  if (m > n) return { head: rowsOf(x, 0, n), below: rowsOf(x, n), beside: undefined }
  if (m === n) return { head: x, below: undefined, beside: undefined }
  const columns = swapLastAxes(x)
  return {
    head: swapLastAxes(rowsOf(columns, 0, m)),
    below: undefined,
    beside: swapLastAxes(rowsOf(columns, m)),
  }
}

function joined({ head, below, beside }: Parts): Tensor {
  if (below) return concat([head, below], -2)
  return beside ? concat([head, beside], -1) : head
}

function solveLeft(packed: Tensor, b: Tensor, triangle: TriangularSolveOptions): Tensor {
  return triangularSolveFor('lu', packed, b, triangle)
}

function solveRight(packed: Tensor, b: Tensor, triangle: TriangularSolveOptions): Tensor {
  return triangularSolveFor('lu', packed, b, { ...triangle, left: false })
}

/** L, with its diagonal of ones. */
function lowerOf(packed: Tensor): Tensor {
  return add(trianglePart(packed, true, true), eye(packed.shape.at(-1)!, undefined, { dtype: packed.dtype }))
}

/**
 * The factors of matrices whose rows are in a good order for elimination already, `[..., m, n] -> [..., m, n]`: U on and above
 * the diagonal, below it L, whose ones are not stored. `lu` is the comfortable form.
 */
export const luFactors: Op<(a: Tensor) => Tensor> = /* @__PURE__ */ op(primitive, (a: Tensor) =>
  apply(primitive, [a], NO_ATTRIBUTES),
)
