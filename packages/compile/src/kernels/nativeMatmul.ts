/** The kernel of `matmul` by a native library, where one has been provided: called from the program, on its own memory. */

import { nativeMatrixProduct } from '@adjoint/core/engine'
import type { Tensor } from '@adjoint/core/functional'
import type { Node } from '../graph/node.ts'
import { KERNEL_PARAMETERS, type Kernel } from '../plan/kernel.ts'
import type { Layouts } from '../plan/layout.ts'

/** Multiplications from which on a call out of the program pays, in each matrix. */
const LEAST_PRODUCTS = 32_768

/** The kernel of a product that a native library can do; `undefined` when there is none, or the operands are not for it. */
export function nativeMatmulKernel(node: Node, layouts: Layouts): Kernel | undefined {
  const native = nativeMatrixProduct()
  const { dtype, shape } = node
  const [left, right] = node.inputs as [Node, Node]
  if (native === undefined || (dtype !== 'float32' && dtype !== 'float64')) return undefined
  if (left.dtype !== dtype || right.dtype !== dtype) return undefined
  const [m, n] = [shape[shape.length - 2]!, shape[shape.length - 1]!]
  const k = left.shape[left.shape.length - 1]!
  if (m * n * k < LEAST_PRODUCTS) return undefined
  const batch = shape.slice(0, -2)
  const a = operandOf(left, layouts, batch)
  const b = operandOf(right, layouts, batch)
  if (a === undefined || b === undefined) return undefined
  const batches = batch.reduce((product, size) => product * size, 1)
  const product = native[dtype] as (...operands: readonly unknown[]) => void
  return {
    name: `matmul [${left.shape.join(', ')}] × [${right.shape.join(', ')}] by ${native.name}`,
    reads: [left, right],
    writes: [node],
    units: 1,
    flops: 2 * batches * m * k * n,
    isHosted: true,
    usesThreads: true,
    emit: emission => {
      const run = (step: number): void => {
        const [x, y, out] = [left, right, node].map(each => emission.tensor(each, step)) as [
          Tensor,
          Tensor,
          Tensor,
        ]
        for (let i = 0; i < batches; i++) {
          const xAt = x.offset + a.at(i)
          const yAt = y.offset + b.at(i)
          const target = out.offset + i * m * n
          product(
            a.isTransposed,
            b.isTransposed,
            m,
            n,
            k,
            1,
            x.storage,
            xAt,
            a.distance,
            y.storage,
            yAt,
            b.distance,
            0,
            out.storage,
            target,
            n,
          )
        }
      }
      const index = emission.host(run)
      return emission.module.function(KERNEL_PARAMETERS, 'nothing', (f, { step }) => {
        f.do(emission.callHost(index, step))
      })
    },
  }
}

/** A matrix operand as libraries want it: rows, or columns, in one piece. */
interface Operand {
  readonly isTransposed: boolean
  /** Elements from row to row of what lies in memory. */
  readonly distance: number
  /** Elements from the beginning to the matrix of one batch. */
  readonly at: (batch: number) => number
}

function operandOf(node: Node, layouts: Layouts, batch: readonly number[]): Operand | undefined {
  const { strides } = layouts.of(node)
  const { shape } = node
  const rank = shape.length
  const [rows, columns] = [shape[rank - 2]!, shape[rank - 1]!]
  const [row, column] = [strides[rank - 2]!, strides[rank - 1]!]
  const fits = (inner: number, length: number, outer: number): boolean =>
    (inner === 1 || length === 1) && outer >= length
  const isPlain = fits(column, columns, row)
  if (!isPlain && !fits(row, rows, column)) return undefined
  const steps = batch.map((_, axis) => {
    const own = axis - (batch.length - (rank - 2))
    return own < 0 || shape[own] === 1 ? 0 : strides[own]!
  })
  return {
    isTransposed: !isPlain,
    distance: isPlain ? row : column,
    at: index => {
      let [rest, at] = [index, 0]
      for (let axis = batch.length - 1; axis >= 0; axis--) {
        at += (rest % batch[axis]!) * steps[axis]!
        rest = Math.floor(rest / batch[axis]!)
      }
      return at
    },
  }
}
