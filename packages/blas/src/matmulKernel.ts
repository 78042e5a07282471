/** matmul of tensors as calls of BLAS: strides become distances between rows and transposes, batch axes a loop. */

import { type Kernel, type Strided, stridesOf } from '@adjoint/core/engine'
import type { FloatArray, Products } from './products.ts'

/** Multiplications in one matrix product from which on the library is called, also for each matrix of a batch. */
const LEAST_PRODUCTS = 4096

/** A copy in row-major order pays when each of its elements is used so many times. */
const LEAST_USES = 8

/** The longest distance that fits into a whole number of BLAS. */
const LONGEST = 2 ** 31 - 1

/** How the matrices of an operand lie in memory. */
interface Matrices<A extends FloatArray> {
  readonly storage: A
  readonly offset: number
  /** What lies in memory is the transpose. */
  readonly trans: boolean
  /** Distance between rows of what lies in memory. */
  readonly ld: number
  /** Distance between neighbours along each batch axis of the result, 0 where the same matrix is used again. */
  readonly batchStrides: readonly number[]
}

/** The kernel of `matmul` on tensors of one dtype, for matrices of that many products at least. */
export function matmulKernel<A extends FloatArray>(
  products: Products<A>,
  leastProducts: number = LEAST_PRODUCTS,
): Kernel {
  return (inputs, out) => {
    const x = inputs[0]!
    const y = inputs[1]!
    const batch = out.shape.slice(0, -2)
    let m = out.shape[out.shape.length - 2]!
    const n = out.shape[out.shape.length - 1]!
    const k = x.shape[x.shape.length - 1]!
    if (out.size === 0 || k === 0) return true
    const left = matrices<A>(x, batch, n)
    const right = matrices<A>(y, batch, m)
    if (left === undefined || right === undefined) return false
    // Batch axes of the left operand that continue its rows are rows: one product with the shared right operand.
    while (batch.length > 0 && continuesRows(left, right, m, batch)) m *= batch.pop()!
    if (m * n * k < leastProducts) return false
    const target = out.storage as A
    if (batch.length === 0) {
      multiply(products, m, n, k, left, left.offset, right, right.offset, target, out.offset)
      return true
    }
    forEachOffset(batch, left.batchStrides, right.batchStrides, (leftAt, rightAt, i) => {
      const [from, by, to] = [left.offset + leftAt, right.offset + rightAt, out.offset + i * m * n]
      multiply(products, m, n, k, left, from, right, by, target, to)
    })
    return true
  }
}

/** One product of an [m, k] and a [k, n] matrix into consecutive elements of `c`. */
function multiply<A extends FloatArray>(
  { matrix, vector }: Products<A>,
  m: number,
  n: number,
  k: number,
  left: Matrices<A>,
  leftAt: number,
  right: Matrices<A>,
  rightAt: number,
  c: A,
  cAt: number,
): void {
  const { storage: a, ld: lda, trans: transA } = left
  const { storage: b, ld: ldb, trans: transB } = right
  if (n === 1 && vector !== undefined) {
    const step = transB ? 1 : ldb
    vector(transA, transA ? k : m, transA ? m : k, a, leftAt, lda, b, rightAt, step, c, cAt)
  } else if (m === 1 && vector !== undefined) {
    // The row is a column times the transpose.
    const step = transA ? lda : 1
    vector(!transB, transB ? n : k, transB ? k : n, b, rightAt, ldb, a, leftAt, step, c, cAt)
  } else {
    matrix(transA, transB, m, n, k, 1, a, leftAt, lda, b, rightAt, ldb, 0, c, cAt, n)
  }
}

/** An operand as BLAS takes it, copied when its matrices lie otherwise; `undefined` when a copy would not pay. */
function matrices<A extends FloatArray>(
  x: Strided,
  batch: readonly number[],
  uses: number,
): Matrices<A> | undefined {
  const rank = x.shape.length
  const [rows, columns] = [x.shape[rank - 2]!, x.shape[rank - 1]!]
  let { storage, offset, strides } = x
  let distance = distanceOf(rows, columns, strides)
  if (distance === undefined) {
    if (uses < LEAST_USES) return undefined
    storage = rowMajor(x)
    offset = 0
    strides = stridesOf(x.shape)
    distance = { trans: false, ld: columns }
  }
  if (distance.ld > LONGEST) return undefined
  const skipped = batch.length - (rank - 2)
  const batchStrides = batch.map((_, axis) =>
    axis < skipped || x.shape[axis - skipped] === 1 ? 0 : strides[axis - skipped]!,
  )
  const { trans, ld } = distance
  return { storage: storage as A, offset, trans, ld, batchStrides }
}

/** One of the two axes has neighbours side by side, and the other steps over whole rows of it. */
function distanceOf(
  rows: number,
  columns: number,
  strides: readonly number[],
): { readonly trans: boolean; readonly ld: number } | undefined {
  const rowStride = strides[strides.length - 2]!
  const columnStride = strides[strides.length - 1]!
  // The stride of an axis of one element means nothing.
  if ((columnStride === 1 || columns === 1) && (rows === 1 || rowStride >= columns))
    return { trans: false, ld: rows === 1 ? columns : rowStride }
  if ((rowStride === 1 || rows === 1) && (columns === 1 || columnStride >= rows))
    return { trans: true, ld: columns === 1 ? rows : columnStride }
  return undefined
}

/** Whether the last batch axis goes on where the rows of the left matrix end, with the same right matrix. */
function continuesRows<A extends FloatArray>(
  left: Matrices<A>,
  right: Matrices<A>,
  rows: number,
  batch: readonly number[],
): boolean {
  const axis = batch.length - 1
  if (right.batchStrides[axis] !== 0) return false
  // Rows side by side in the transpose are columns there: distance 1.
  return left.batchStrides[axis] === rows * (left.trans ? 1 : left.ld) && !left.trans
}

/** A copy of the elements in row-major order. */
function rowMajor({ shape, strides, storage, offset, size }: Strided): Strided['storage'] {
  const target = new (storage.constructor as new (length: number) => Strided['storage'])(size)
  const index = new Array<number>(shape.length).fill(0)
  let from = offset
  for (let to = 0; to < size; to++) {
    target[to] = storage[from]!
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!
      if (++index[axis]! < shape[axis]!) break
      from -= shape[axis]! * strides[axis]!
      index[axis] = 0
    }
  }
  return target
}

/** Walks the batch in row-major order, with the distance of both operands from their first matrix. */
function forEachOffset(
  batch: readonly number[],
  leftStrides: readonly number[],
  rightStrides: readonly number[],
  visit: (left: number, right: number, index: number) => void,
): void {
  const count = batch.reduce((product, size) => product * size, 1)
  const index = new Array<number>(batch.length).fill(0)
  let left = 0
  let right = 0
  for (let i = 0; i < count; i++) {
    visit(left, right, i)
    for (let axis = batch.length - 1; axis >= 0; axis--) {
      left += leftStrides[axis]!
      right += rightStrides[axis]!
      if (++index[axis]! < batch[axis]!) break
      left -= batch[axis]! * leftStrides[axis]!
      right -= batch[axis]! * rightStrides[axis]!
      index[axis] = 0
    }
  }
}
