/** The kernel of `matmul`: core's packed product, on rows, columns or batches of the result. */

import {
  type I32,
  i32,
  type MatrixProduct,
  matrixProduct,
  perform,
  productWorkspaceBytes,
} from '@adjoint/core/wasm'
import type { Node } from '../graph/node.ts'
import { BYTES_PER_ELEMENT, type Emission, KERNEL_PARAMETERS, type Kernel } from '../plan/kernel.ts'
import type { Layouts } from '../plan/layout.ts'

/** Rows or columns of one part: the parts of a product are as even as the threads that share them can use. */
const MOST_PARTS = 16

/** Parts are not smaller than this: a part packs operands of its own. */
const LEAST_LENGTH = 32

/** A matrix operand: where its batches, rows and columns lie, in bytes. */
interface Matrices {
  readonly node: Node
  readonly row: number
  readonly column: number
  /** Bytes from batch to batch along each batch axis of the result, 0 where it repeats. */
  readonly batch: readonly number[]
}

/** The kernel of a product of float32 or float64 matrices; `undefined` for other dtypes. */
export function matmulKernel(node: Node, layouts: Layouts): Kernel | undefined {
  const { dtype, shape } = node
  const [left, right] = node.inputs as [Node, Node]
  if (dtype !== 'float32' && dtype !== 'float64') return undefined
  if (left.dtype !== dtype || right.dtype !== dtype) return undefined
  const [m, n] = [shape[shape.length - 2]!, shape[shape.length - 1]!]
  const k = left.shape[left.shape.length - 1]!
  if (k === 0) return undefined
  const batch = shape.slice(0, -2)
  const a = matricesOf(left, layouts, batch)
  const b = matricesOf(right, layouts, batch)
  const batches = batch.reduce((product, size) => product * size, 1)
  // One matrix is divided along its longer side, many are dealt out.
  const along = m >= n ? 'rows' : 'columns'
  const length = along === 'rows' ? m : n
  const part = batches > 1 ? length : Math.max(LEAST_LENGTH, Math.ceil(length / MOST_PARTS))
  const units = batches > 1 ? batches : Math.ceil(length / part)
  return {
    name: `matmul ${shapeText(left.shape)} × ${shapeText(right.shape)}`,
    reads: [left, right],
    writes: [node],
    units,
    workspaceBytes: productWorkspaceBytes({ dtype, relaxed: true }, k, n),
    flops: 2 * batches * m * k * n,
    // About 40 operations in a nanosecond, half as many in float64.
    nanoseconds: (2 * batches * m * k * n) / (dtype === 'float32' ? 40 : 20),
    emit: emission => {
      const product = productFor(emission, dtype)
      const bytes = BYTES_PER_ELEMENT[dtype]
      const row = n * bytes
      return emission.module.function(KERNEL_PARAMETERS, 'nothing', (f, { begin, end, step, workspace }) => {
        const [x, y, z] = [left, right, node].map(each => f.local('i32', emission.address(each, step)))
        const run = (from: readonly [I32, I32, I32], rows: I32 | number, columns: I32 | number): void => {
          const operands = [
            from[0],
            a.row,
            a.column,
            from[1],
            b.row,
            b.column,
            from[2],
            row,
            rows,
            k,
            columns,
            workspace,
          ]
          f.do(
            perform(
              product.function,
              ...operands.map(each => (typeof each === 'number' ? i32.const(each) : each)),
            ),
          )
        }
        if (batches > 1) {
          const index = f.local('i32')
          f.count(index, begin, end, 1, () => {
            const moved = [a, b].map(matrices => {
              let rest: I32 = index
              let at: I32 = matrices === a ? x! : y!
              for (let axis = batch.length - 1; axis >= 0; axis--) {
                const coordinate = axis === 0 ? rest : i32.rem(rest, batch[axis]!)
                if (matrices.batch[axis] !== 0) at = i32.add(at, i32.mul(coordinate, matrices.batch[axis]!))
                rest = axis === 0 ? rest : i32.div(rest, batch[axis]!)
              }
              return at
            })
            run([moved[0]!, moved[1]!, i32.add(z!, i32.mul(index, m * row))], m, n)
          })
          return
        }
        const start = f.local('i32', i32.mul(begin, part))
        const until = f.local('i32', i32.mul(end, part))
        f.if(i32.gt(until, length), () => f.do(until.set(i32.const(length))))
        const count = i32.sub(until, start)
        if (along === 'rows')
          run([i32.add(x!, i32.mul(start, a.row)), y!, i32.add(z!, i32.mul(start, row))], count, n)
        else run([x!, i32.add(y!, i32.mul(start, b.column)), i32.add(z!, i32.mul(start, bytes))], m, count)
      })
    },
  }
}

function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`
}

function matricesOf(node: Node, layouts: Layouts, batch: readonly number[]): Matrices {
  const { strides } = layouts.of(node)
  const bytes = BYTES_PER_ELEMENT[node.dtype]
  const rank = node.shape.length
  return {
    node,
    row: strides[rank - 2]! * bytes,
    column: strides[rank - 1]! * bytes,
    batch: batch.map((_, axis) => {
      const own = axis - (batch.length - (rank - 2))
      return own < 0 || node.shape[own] === 1 ? 0 : strides[own]! * bytes
    }),
  }
}

/** The product function of a program, one for each dtype. */
function productFor({ module, relaxed, shared }: Emission, dtype: 'float32' | 'float64'): MatrixProduct {
  return shared(`matmul ${dtype}`, () => matrixProduct(module, { dtype, relaxed }))
}
