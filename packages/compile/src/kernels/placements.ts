/** Kernels that move pieces of an operand: `roll`, `placeDiagonal`. */

import { type DiagonalPlace, sliceRanges, stridesOf } from '@adjoint/core/engine'
import { Node } from '../graph/node.ts'
import type { Kernel } from '../plan/kernel.ts'
import type { Layouts } from '../plan/layout.ts'
import { movesKernel, type Piece } from './moves.ts'

/** `roll`: along each axis the part that stays in order, and the part that comes in at the front. */
export function rollKernel(node: Node, layouts: Layouts): Kernel {
  const [x] = node.inputs as [Node]
  const shifts = node.attributes.shifts as readonly number[]
  const strides = stridesOf(node.shape)
  const pieces: Piece[] = []
  const add = (axis: number, starts: readonly number[], sizes: readonly number[], offset: number): void => {
    if (axis === shifts.length) {
      if (sizes.includes(0)) return
      const ranges = { starts, sizes, steps: sizes.map(() => 1) }
      pieces.push({ from: Node.call(sliceRanges.primitive, [x], ranges), offset, strides })
      return
    }
    const [shift, size] = [shifts[axis]!, node.shape[axis]!]
    add(axis + 1, [...starts, 0], [...sizes, size - shift], offset + shift * strides[axis]!)
    if (shift > 0) add(axis + 1, [...starts, size - shift], [...sizes, shift], offset)
  }
  add(0, [], [], 0)
  return movesKernel(node, pieces, false, layouts)
}

/** `placeDiagonal`: zeros, and the operand along a diagonal. */
export function placeDiagonalKernel(node: Node, layouts: Layouts): Kernel {
  const [from] = node.inputs as [Node]
  const { offset, axes } = node.attributes as unknown as DiagonalPlace
  const strides = stridesOf(node.shape)
  const [row, column] = axes.map(axis => strides[axis]!) as [number, number]
  const others = strides.filter((_, axis) => !axes.includes(axis))
  const start = offset >= 0 ? offset * column : -offset * row
  const pieces = from.size === 0 ? [] : [{ from, offset: start, strides: [...others, row + column] }]
  return movesKernel(node, pieces, true, layouts)
}
