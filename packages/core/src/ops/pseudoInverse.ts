import { minimumNorm } from '../backend/pseudoInverse.ts'
import { apply } from '../graph/apply.ts'
import { expectMatrices, mapMatrices, matricesRule, sampleBatch } from '../primitive/matrices.ts'
import { type GeneralPrimitive, type Op, op } from '../primitive/primitive.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, describe } from '../shape/errors.ts'
import type { Shape, Transposed } from '../shape/types.ts'
import type { DType } from '../storage/dtype.ts'
import type { ShapeRule } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { add } from './add.ts'
import { matmul } from './matmul.ts'
import { swapLastAxes } from './permute.ts'
import { sub } from './sub.ts'

/** Settings of {@link pseudoInverse}. */
export interface PseudoInverseOptions {
  /**
   * Singular values up to this share of the largest one count as 0. Default: the larger size of the matrix times the
   * rounding of its dtype.
   */
  readonly rcond?: number
}

const result: ShapeRule = /* @__PURE__ */ matricesRule('pseudoInverse', inputs => [
  inputs[0]!.shape.at(-1)!,
  inputs[0]!.shape.at(-2)!,
])

const primitive: GeneralPrimitive = {
  name: 'pseudoInverse',
  kind: 'general',
  keeps: 'both',
  // G. Golub and V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems whose variables
  // separate", 1973: dP = -P dA P + P Pᵀ dAᵀ (I - A P) + (I - P A) dAᵀ Pᵀ P, while the rank stays.
  vjp: (cotangent, { inputs, output }) => {
    const [a, p, pt, gt] = [inputs[0]!, output, swapLastAxes(output), swapLastAxes(cotangent)]
    const [left, right] = [matmul(gt, matmul(p, pt)), matmul(matmul(pt, p), gt)]
    const outside = add(sub(left, matmul(a, matmul(p, left))), sub(right, matmul(right, matmul(p, a))))
    return sub(outside, matmul(matmul(pt, cotangent), pt))
  },
  jvp: ([tangent], { inputs, output }) => {
    const [a, p, pt, dt] = [inputs[0]!, output, swapLastAxes(output), swapLastAxes(tangent!)]
    const [left, right] = [matmul(matmul(p, pt), dt), matmul(dt, matmul(pt, p))]
    const outside = add(sub(left, matmul(matmul(left, a), p)), sub(right, matmul(p, matmul(a, right))))
    return sub(outside, matmul(matmul(p, tangent!), p))
  },
  batch: 'leading',
  sample: draw => ({
    inputs: [{ shape: [...sampleBatch(draw), draw.integer(0, 4), draw.integer(0, 4)], matrix: 'fullRank' }],
    attributes: { rcond: 1e-6 },
  }),
  result,
  forward: (inputs, attributes) => {
    const [a] = inputs
    const [m, n] = a!.shape.slice(-2) as [number, number]
    return mapMatrices(result(inputs, attributes), inputs, ([matrix], out) => {
      out.set(minimumNorm(matrix!, m, n, attributes.rcond as number, undefined, m))
    })
  },
}

/** The share below which a singular value counts as 0. */
export function rcondOf(name: string, rcond: number | undefined, a: Tensor): number {
  const value = rcond ?? Math.max(...a.shape.slice(-2)) * roundingOf(a.dtype)
  if (typeof value === 'number' && value >= 0 && value < 1) return value
  throw new ArgumentError(name, `rcond is a number from 0 up and below 1, got ${describe(value)}.`)
}

/** The distance from 1 to the next number. */
export function roundingOf(dtype: DType): number {
  return dtype === 'float64' ? Number.EPSILON : 2 ** -23
}

/**
 * The Moore-Penrose inverse, `[..., m, n] -> [..., n, m]`, by singular values: also of matrices without full rank. The
 * gradient holds while the rank stays; where a singular value passes `rcond` the pseudoinverse itself jumps.
 *
 * @example
 * ```ts
 * import { pseudoInverse, tensor } from '@adjoint/core'
 * pseudoInverse(tensor([[1, 1], [1, 1]])).toArray() // => [[0.25, 0.25], [0.25, 0.25]]
 * ```
 * @throws ShapeError for tensors of rank 0 or 1.
 */
export const pseudoInverse: Op<
  <S extends Shape>(a: Tensor<S>, options?: PseudoInverseOptions) => Tensor<Transposed<S>>
> = /* @__PURE__ */ op(primitive, <S extends Shape>(a: Tensor<S>, options: PseudoInverseOptions = {}) => {
  expectOptions('pseudoInverse', options, ['rcond'])
  return pseudoInverseOf(
    expectMatrices('pseudoInverse', a),
    rcondOf('pseudoInverse', options.rcond, a),
  ) as unknown as Tensor<Transposed<S>>
})

/** {@link pseudoInverse} for a checked matrix and share. */
export function pseudoInverseOf(a: Tensor, rcond: number): Tensor {
  return apply(primitive, [a], { rcond })
}
