/** Matrix products of tensors in WebAssembly: operands into the kernels' memory, product, result out of it. */

import { broadcastStrides } from '../../shape/broadcast.ts'
import type { TypedArray } from '../../storage/dtype.ts'
import { ModuleBuilder } from '../../wasm/assembler.ts'
import { type MatrixProduct, matrixProduct } from '../../wasm/matrixProduct.ts'
import type { Kernel } from '../kernels.ts'
import type { Strided } from '../strided.ts'
import { instantiate } from './instance.ts'
import { copyRange, memoryOf, rangeOf, roundUp } from './memory.ts'

/** The dtypes that have vectors. */
export type VectorDType = 'float32' | 'float64'

/** Elements of the right operand that are multiplied at a time, of the left one, and of the result. */
const MOST_RIGHT = 2 ** 21
const MOST_LEFT = 2 ** 20
const MOST_INNER = 4096

/** `(a, aRow, aColumn, b, bRow, bColumn, c, cRow, m, k, n, workspace)` */
type ProductFunction = (...operands: number[]) => void

/** A product in the kernels' memory: plain, or added to what is there. */
export interface ProductInstance {
  readonly run: ProductFunction
  readonly workspaceBytes: MatrixProduct['workspaceBytes']
}

const instances: { [key: string]: ProductInstance | undefined } = {}

/**
 * The product of a dtype in the kernels' memory; bit by bit the same on every machine, so without relaxed SIMD. `undefined`
 * where the engine has no vectors.
 */
export function productOf(dtype: VectorDType, accumulate: boolean): ProductInstance | undefined {
  const key = `${dtype} ${accumulate}`
  const known = instances[key]
  if (known !== undefined) return known
  const module = new ModuleBuilder()
  module.importMemory('kernels', 'memory', { initial: 1 })
  const product = matrixProduct(module, { dtype, accumulate })
  module.export('run', product.function)
  const run = instantiate<ProductFunction>(module.toBytes())
  if (run === undefined) return undefined
  const made: ProductInstance = { run, workspaceBytes: product.workspaceBytes }
  instances[key] = made
  return made
}

/** A matrix in a typed array: element (i, j) at `at + i row + j column`. */
export interface Matrix {
  readonly storage: TypedArray
  readonly at: number
  readonly row: number
  readonly column: number
}

/** The kernel of matmul for a dtype. */
export function matmulKernel(dtype: VectorDType): Kernel {
  return ([x, y], out) => multiplyTensors(dtype, x!, y!, out)
}

function multiplyTensors(dtype: VectorDType, x: Strided, y: Strided, out: Strided): boolean {
  const rank = out.shape.length
  const [m, n] = [out.shape[rank - 2]!, out.shape[rank - 1]!]
  const k = x.shape[x.shape.length - 1]!
  const left = { ...lastAxes(x), storage: x.storage }
  const right = { ...lastAxes(y), storage: y.storage }
  if (rank === 2) {
    const a = { ...left, at: x.offset }
    return multiply(dtype, m, k, n, a, { ...right, at: y.offset }, out.storage, out.offset)
  }
  const batch = out.shape.slice(0, -2)
  const steps = [x, y].map(z => broadcastStrides(z.shape.slice(0, -2), z.strides.slice(0, -2), batch))
  const whole = multiplyBatch(dtype, m, k, n, x, y, out, batch, steps)
  if (whole !== undefined) return whole
  let isDone = true
  eachOf(batch, steps as [readonly number[], readonly number[]], (i, xAt, yAt) => {
    const [a, b] = [
      { ...left, at: x.offset + xAt },
      { ...right, at: y.offset + yAt },
    ]
    // The first one decides: what is refused is refused before anything is written.
    isDone &&= multiply(dtype, m, k, n, a, b, out.storage, out.offset + i * m * n)
  })
  return isDone
}

function lastAxes({ strides }: Strided): { readonly row: number; readonly column: number } {
  return { row: strides[strides.length - 2]!, column: strides[strides.length - 1]! }
}

/** Calls `run` with the number of each index of the batch and how far it is from the first in both operands. */
function eachOf(
  batch: readonly number[],
  [xSteps, ySteps]: readonly [readonly number[], readonly number[]],
  run: (number: number, xAt: number, yAt: number) => void,
): void {
  const index = batch.map(() => 0)
  const count = batch.reduce((product, size) => product * size, 1)
  let [xAt, yAt] = [0, 0]
  for (let i = 0; i < count; i++) {
    run(i, xAt, yAt)
    for (let axis = batch.length - 1; axis >= 0; axis--) {
      xAt += xSteps[axis]!
      yAt += ySteps[axis]!
      if (++index[axis]! < batch[axis]!) break
      index[axis] = 0
      xAt -= batch[axis]! * xSteps[axis]!
      yAt -= batch[axis]! * ySteps[axis]!
    }
  }
}

/** The whole batch with one copy of each operand, `undefined` when they are too large or too sparse for that. */
function multiplyBatch(
  dtype: VectorDType,
  m: number,
  k: number,
  n: number,
  x: Strided,
  y: Strided,
  out: Strided,
  batch: readonly number[],
  steps: readonly (readonly number[])[],
): boolean | undefined {
  const [a, b] = [rangeOf(x), rangeOf(y)]
  if (a.count > 2 * x.size || b.count > 2 * y.size) return undefined
  if (a.count > MOST_LEFT || b.count > MOST_RIGHT || out.size > MOST_LEFT) return undefined
  const product = productOf(dtype, false)
  if (product === undefined) return false
  const bytes = dtype === 'float32' ? 4 : 8
  const [bAt, cAt] = [roundUp(a.count), roundUp(a.count) + roundUp(b.count)]
  const workspace = (cAt + roundUp(out.size)) * bytes
  const shared = memoryOf(workspace + product.workspaceBytes(m, k, n))
  if (shared === undefined) return false
  const numbers = shared[dtype]
  copyRange(x.storage, a.from, a.count, numbers, 0)
  copyRange(y.storage, b.from, b.count, numbers, bAt)
  const [left, right] = [lastAxes(x), lastAxes(y)]
  const { run } = product
  const xOrigin = x.offset - a.from
  const yOrigin = bAt + y.offset - b.from
  eachOf(batch, steps as [readonly number[], readonly number[]], (i, xAt, yAt) => {
    run(
      (xOrigin + xAt) * bytes,
      left.row * bytes,
      left.column * bytes,
      (yOrigin + yAt) * bytes,
      right.row * bytes,
      right.column * bytes,
      (cAt + i * m * n) * bytes,
      n * bytes,
      m,
      k,
      n,
      workspace,
    )
  })
  copyRange(numbers, cAt, out.size, out.storage, out.offset)
  return true
}

/**
 * Writes `[m, k] × [k, n]` to `out` in row-major order from `outAt` on, block by block. False when there is no memory, and
 * then nothing has been written.
 */
export function multiply(
  dtype: VectorDType,
  m: number,
  k: number,
  n: number,
  a: Matrix,
  b: Matrix,
  out: TypedArray,
  outAt: number,
): boolean {
  if (m === 0 || n === 0) return true
  const inner = Math.max(1, Math.min(k, MOST_INNER))
  const columns = Math.min(n, Math.floor(MOST_RIGHT / inner))
  const rows = Math.min(m, Math.max(1, Math.floor(MOST_LEFT / Math.max(inner, columns))))
  const plain = productOf(dtype, false)
  const adding = inner < k ? productOf(dtype, true) : plain
  if (plain === undefined || adding === undefined) return false
  const bytes = dtype === 'float32' ? 4 : 8
  const [aIsDense, bIsDense] = [isDense(rows, inner, a), isDense(inner, columns, b)]
  const aRoom = roundUp(aIsDense ? reach(rows, inner, a) : rows * inner)
  const bRoom = roundUp(bIsDense ? reach(inner, columns, b) : inner * columns)
  const cAt = aRoom + bRoom
  const workspace = (cAt + roundUp(rows * columns)) * bytes
  const shared = memoryOf(workspace + plain.workspaceBytes(rows, inner, columns))
  if (shared === undefined) return false
  const numbers = shared[dtype]
  for (let column = 0; column < n; column += columns) {
    const width = Math.min(columns, n - column)
    // The sums over parts of k are added up in the result itself.
    for (let depth = 0; depth === 0 || depth < k; depth += inner) {
      const length = Math.min(inner, k - depth)
      const right = stage(
        numbers,
        aRoom,
        bIsDense,
        length,
        width,
        b,
        b.at + depth * b.row + column * b.column,
      )
      for (let row = 0; row < m; row += rows) {
        const height = Math.min(rows, m - row)
        const left = stage(numbers, 0, aIsDense, height, length, a, a.at + row * a.row + depth * a.column)
        const target = outAt + row * n + column
        if (depth > 0) moveRows(out, target, n, numbers, cAt, width, height, width)
        const { run } = depth > 0 ? adding : plain
        run(
          left.at * bytes,
          left.row * bytes,
          left.column * bytes,
          right.at * bytes,
          right.row * bytes,
          right.column * bytes,
          cAt * bytes,
          width * bytes,
          height,
          length,
          width,
          workspace,
        )
        moveRows(numbers, cAt, width, out, target, n, height, width)
      }
    }
  }
  return true
}

/** Elements from the first to the last of a block of a matrix in memory. */
function reach(rows: number, columns: number, { row, column }: Matrix): number {
  return (rows - 1) * Math.abs(row) + (columns - 1) * Math.abs(column) + 1
}

/** Whether a block is copied with what lies between its elements: where that is little. */
function isDense(rows: number, columns: number, matrix: Matrix): boolean {
  return 4 * reach(rows, columns, matrix) <= 5 * rows * columns
}

/** Copies a block of a matrix into memory, and says where and with which strides it is there. */
function stage(
  to: TypedArray,
  toAt: number,
  isWhole: boolean,
  rows: number,
  columns: number,
  matrix: Matrix,
  at: number,
): { readonly at: number; readonly row: number; readonly column: number } {
  const { storage, row, column } = matrix
  if (rows === 0 || columns === 0) return { at: toAt, row, column }
  if (isWhole) {
    const before = Math.max(0, -row * (rows - 1)) + Math.max(0, -column * (columns - 1))
    copyRange(storage, at - before, reach(rows, columns, matrix), to, toAt)
    return { at: toAt + before, row, column }
  }
  if (Math.abs(column) <= Math.abs(row)) {
    gather(storage, at, row, column, rows, columns, to, toAt)
    return { at: toAt, row: columns, column: 1 }
  }
  gather(storage, at, column, row, columns, rows, to, toAt)
  return { at: toAt, row: 1, column: rows }
}

/** Copies lines that are `far` apart, and their elements `near` apart, one after the other. */
function gather(
  from: TypedArray,
  at: number,
  far: number,
  near: number,
  lines: number,
  length: number,
  to: TypedArray,
  toAt: number,
): void {
  if (near === 1) {
    moveRows(from, at, far, to, toAt, length, lines, length)
    return
  }
  for (let line = 0; line < lines; line++) {
    let source = at + line * far
    const target = toAt + line * length
    for (let i = 0; i < length; i++) {
      to[target + i] = from[source]!
      source += near
    }
  }
}

/** Copies rows of one array that are `fromRow` apart to rows of another that are `toRow` apart. */
function moveRows(
  from: TypedArray,
  fromAt: number,
  fromRow: number,
  to: TypedArray,
  toAt: number,
  toRow: number,
  rows: number,
  columns: number,
): void {
  if (fromRow === columns && toRow === columns) {
    copyRange(from, fromAt, rows * columns, to, toAt)
    return
  }
  for (let row = 0; row < rows; row++)
    copyRange(from, fromAt + row * fromRow, columns, to, toAt + row * toRow)
}
