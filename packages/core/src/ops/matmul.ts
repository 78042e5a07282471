import { matrixProduct } from '../backend/matrixProduct.ts'
import { apply } from '../graph/apply.ts'
import { type BilinearPrimitive, NO_ATTRIBUTES, type Op, op } from '../primitive/primitive.ts'
import { broadcastStrides, tryBroadcast } from '../shape/broadcast.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { sizeOf } from '../shape/shape.ts'
import type { Dim, MatrixProductCheck, MatrixProductResult, Shape } from '../shape/types.ts'
import { promote } from '../storage/dtype.ts'
import { expectTensor } from '../tensor/create.ts'
import { allocate, type Tensor } from '../tensor/tensor.ts'
import { swapLastAxes } from './permute.ts'
import { reshape } from './reshape.ts'

const primitive: BilinearPrimitive = {
  name: 'matmul',
  kind: 'bilinear',
  keeps: 'inputs',
  adjoints: {
    // C = A B: dA = dC Bᵀ, dB = Aᵀ dC. The engine sums over batch axes that were repeated.
    left: (cotangent, { inputs }) => matmul(cotangent, swapLastAxes(inputs[1]!)),
    right: (cotangent, { inputs: [x, y] }) =>
      y!.rank === 2 && x!.rank > 2
        ? matmul(swapLastAxes(asRows(x!)), asRows(cotangent)) // one sum over all rows, not one matrix for each batch
        : matmul(swapLastAxes(x!), cotangent),
  },
  batch: 'leading',
  sample: draw => {
    const batch = draw.shape(0, 2)
    const [m, k, n] = [draw.integer(0, 3), draw.integer(0, 4), draw.integer(1, 3)]
    const other = draw.broadcastable(batch)
    const [left, right] = draw.boolean() ? [batch, other] : [other, batch]
    return { inputs: [{ shape: [...left, m, k] }, { shape: [...right, k, n] }], attributes: NO_ATTRIBUTES }
  },
  forward: inputs => product(inputs[0]!, inputs[1]!),
}

/** The matrix product, see {@link matmul}. */
export interface MatmulOp {
  <M extends Dim, K extends Dim, N extends Dim>(
    left: Tensor<readonly [M, K]>,
    right: Tensor<readonly [NoInfer<K>, N]>,
  ): Tensor<[M, N]>
  <L extends Shape, R extends Shape>(
    left: Tensor<L>,
    right: Tensor<R> & MatrixProductCheck<L, R>,
  ): Tensor<MatrixProductResult<L, R>>
}

/**
 * The matrix product. `[m, k] × [k, n] -> [m, n]`; further axes in front broadcast. A vector `[k]` on the left is a row,
 * on the right a column, and its axis is gone from the result: `[m, k] × [k] -> [m]`, `[k] × [k] -> []`.
 *
 * `d(A B) = dA B + A dB`, so dA = dC Bᵀ and dB = Aᵀ dC. Float32 products are added up in float64.
 *
 * @example
 * ```ts
 * import { matmul, tensor } from '@adjoint/core'
 * matmul(tensor([[1, 2], [3, 4]]), tensor([[1], [10]])).toArray() // => [[21], [43]]
 * ```
 * @throws ShapeError when the inner sizes differ, the batch axes do not broadcast, or an operand is 0-d.
 */
export const matmul: Op<MatmulOp> = /* @__PURE__ */ op(primitive, ((left: Tensor, right: Tensor) => {
  const x = expectTensor('matmul', left)
  const y = expectTensor('matmul', right)
  if (x.rank >= 2 && y.rank >= 2) return apply(primitive, [x, y], NO_ATTRIBUTES)
  if (x.rank === 0 || y.rank === 0 || x.shape[x.rank - 1] !== y.shape[Math.max(0, y.rank - 2)]) {
    throw new ShapeError('matmul', mistake(x, y), [x.shape, y.shape])
  }
  const rows = x.rank === 1 ? reshape(x, [1, x.size]) : x
  const columns = y.rank === 1 ? reshape(y, [y.size, 1]) : y
  const result = apply(primitive, [rows, columns], NO_ATTRIBUTES)
  const batch = result.shape.slice(0, -2)
  const last = result.shape.slice(-2)
  return reshape(result, [...batch, ...(x.rank === 1 ? [] : [last[0]!]), ...(y.rank === 1 ? [] : [last[1]!])])
}) as MatmulOp)

function product(x: Tensor, y: Tensor): Tensor {
  const [m, k] = [x.shape[x.rank - 2]!, x.shape[x.rank - 1]!]
  const [inner, n] = [y.shape[y.rank - 2]!, y.shape[y.rank - 1]!]
  const dtype = promote(x.dtype, y.dtype)
  const type = dtype === 'bool' ? 'int32' : dtype
  if (x.rank === 2 && y.rank === 2 && k === inner) {
    const output = allocate([m, n], type)
    matrixProduct(m, k, n, x, x.offset, y, y.offset, output, output.offset)
    return output
  }
  const [leftBatch, rightBatch] = [x.shape.slice(0, -2), y.shape.slice(0, -2)]
  const batch = tryBroadcast(leftBatch, rightBatch)
  if (k !== inner || batch === undefined) throw new ShapeError('matmul', mistake(x, y), [x.shape, y.shape])
  const output = allocate([...batch, m, n], type)
  const leftStrides = broadcastStrides(leftBatch, x.strides.slice(0, -2), batch)
  const rightStrides = broadcastStrides(rightBatch, y.strides.slice(0, -2), batch)
  const index = new Array<number>(batch.length).fill(0)
  const products = output.size === 0 ? 0 : output.size / (m * n)
  for (let i = 0; i < products; i++) {
    let left = x.offset
    let right = y.offset
    for (let axis = 0; axis < index.length; axis++) {
      left += index[axis]! * leftStrides[axis]!
      right += index[axis]! * rightStrides[axis]!
    }
    matrixProduct(m, k, n, x, left, y, right, output, output.offset + i * m * n)
    for (let axis = index.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < batch[axis]!) break
      index[axis] = 0
    }
  }
  return output
}

/** `[..., m, k]` as a matrix of all rows. */
function asRows(x: Tensor): Tensor {
  const shape = x.shape as readonly number[]
  return reshape(x, [sizeOf(shape.slice(0, -1)), shape[shape.length - 1]!])
}

/** What is wrong, and which transposition would mend it. */
function mistake(x: Tensor, y: Tensor): string {
  const operands = `${formatShape(x.shape)} × ${formatShape(y.shape)}`
  if (x.rank === 0 || y.rank === 0) return `0-d operand, ${operands}; multiply by a number with mul.`
  const k = x.shape[x.rank - 1]!
  const inner = y.shape[Math.max(0, y.rank - 2)]!
  if (k === inner)
    return `batch axes do not broadcast, ${operands}; aligned at the right they must be equal or 1.`
  const difference = `inner sizes differ, ${operands} (${k} ≠ ${inner}).`
  if (y.rank >= 2 && k === y.shape[y.rank - 1]) return `${difference} Did you mean right.transpose()?`
  if (x.rank >= 2 && inner === x.shape[x.rank - 2]) return `${difference} Did you mean left.transpose()?`
  return `${difference} The last axis of the left operand must be as long as the first matrix axis of the right one.`
}
