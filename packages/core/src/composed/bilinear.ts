import { add } from '../ops/add.ts'
import { matmul } from '../ops/matmul.ts'
import { permute } from '../ops/permute.ts'
import { reshape } from '../ops/reshape.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { sameShape, sizeOf } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { seenAs } from './affine.ts'

/**
 * A form that is linear in each of two inputs, y_o = Σ_ij x1_i W_oij x2_j + b_o. `[..., in1]` and `[..., in2]` with the same
 * axes in front, and a weight `[out, in1, in2]`, give `[..., out]`.
 *
 * @example
 * ```ts
 * import { bilinear, tensor } from '@adjoint/core'
 * const weight = tensor([[[1, 0], [0, 1]], [[0, 1], [0, 0]]])
 * bilinear(tensor([[1, 2]]), tensor([[3, 4]]), weight).toArray() // => [[11, 4]]
 * ```
 * @throws ShapeError when the shapes do not fit.
 */
export function bilinear(x1: Tensor, x2: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  const shapes = [x1, x2, weight].map(x => expectTensor('bilinear', x).shape)
  const [left, right, form] = shapes as [readonly number[], readonly number[], readonly number[]]
  const [outputs, first, second] = form as [number, number, number]
  const front = left.slice(0, -1)
  const fits =
    form.length === 3 &&
    left.at(-1) === first &&
    right.at(-1) === second &&
    sameShape(front, right.slice(0, -1))
  if (!fits) {
    throw new ShapeError(
      'bilinear',
      `takes [..., in1], [..., in2] and a weight [out, in1, in2], got ${shapes.map(formatShape).join(', ')}; the axes in front must be the same.`,
      shapes,
    )
  }
  const rows = sizeOf(front)
  // First x1 with the whole weight, as one product of matrices; then each row of that with its x2.
  const flat = reshape(permute(weight, [1, 0, 2]), [first, outputs * second])
  const partial = reshape(matmul(reshape(x1, [rows, first]), flat), [rows, outputs, second])
  const y = reshape(matmul(partial, reshape(x2, [rows, second, 1])), [...front, outputs])
  return bias === null ? y : add(y, seenAs('bilinear', 'bias', bias, [outputs], [outputs]))
}
