import { KERNEL_PRODUCTS, runKernel } from '../backend/kernels.ts'
import { matrixProduct } from '../backend/matrixProduct.ts'
import { apply } from '../graph/apply.ts'
import { resultDType } from '../primitive/elementwise.ts'
import { type BilinearPrimitive, NO_ATTRIBUTES, type Op, op } from '../primitive/primitive.ts'
import { broadcastStrides, tryBroadcast } from '../shape/broadcast.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { sizeOf } from '../shape/shape.ts'
import type { Dim, MatrixProductCheck, MatrixProductResult, Shape } from '../shape/types.ts'
import { type DType, promote } from '../storage/dtype.ts'
import { expectTensor } from '../tensor/create.ts'
import type { ShapeRule } from '../tensor/node.ts'
import { allocate, allocateResult, type Tensor } from '../tensor/tensor.ts'
import { swapLastAxes } from './permute.ts'
import { reshape } from './reshape.ts'

const result: ShapeRule = ([x, y]) => {
  const [m, k] = x!.shape.slice(-2) as [number, number]
  const [inner, n] = y!.shape.slice(-2) as [number, number]
  const batch = tryBroadcast(x!.shape.slice(0, -2), y!.shape.slice(0, -2))
  if (k !== inner || batch === undefined)
    throw new ShapeError('matmul', mistake(x!, y!), [x!.shape, y!.shape])
  return { shape: [...batch, m, n], dtype: productDType(x!, y!) }
}

function productDType(x: Tensor, y: Tensor): DType {
  return resultDType('number', promote(x.dtype, y.dtype))
}

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
  result,
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
 * `d(A B) = dA B + A dB`, so dA = dC Bᵀ and dB = Aᵀ dC.
 *
 * Small float32 products are added up in float64 and rounded once. From 4096 multiplications on (m k n), a kernel adds up in
 * float32, in blocks of 256, like any BLAS: an element is off by at most `γ Σ |a| |b|`, `γ = c u / (1 - c u)`, `u = 2⁻²⁴`,
 * `c = min(k, 256) + ⌈k / 256⌉ + 1`. Cast to float64 where that matters.
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
  if (x.rank === 2 && y.rank === 2 && k === inner) {
    const output = allocate([m, n], productDType(x, y))
    if (m * k * n >= KERNEL_PRODUCTS && multipliedByKernel(x, y, output)) return output
    matrixProduct(m, k, n, x, x.offset, y, y.offset, output, output.offset)
    return output
  }
  const output = allocateResult(result([x, y], NO_ATTRIBUTES))
  const batch = output.shape.slice(0, -2)
  if (output.size * k >= KERNEL_PRODUCTS && multipliedByKernel(x, y, output)) return output
  const leftStrides = broadcastStrides(x.shape.slice(0, -2), x.strides.slice(0, -2), batch)
  const rightStrides = broadcastStrides(y.shape.slice(0, -2), y.strides.slice(0, -2), batch)
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

/** Kernels are for operands of one dtype. */
function multipliedByKernel(x: Tensor, y: Tensor, output: Tensor): boolean {
  return x.dtype === y.dtype && runKernel('matmul', x.dtype, [x, y], output, NO_ATTRIBUTES)
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
