/** The same numbers in other places of memory: what a movement op leaves behind. */

import { allocate, sizeOf, stridesOf, viewOf } from '@adjoint/core/engine'
import type { Tensor } from '@adjoint/core/functional'

/**
 * - `compact`: row-major without gaps;
 * - `permuted`: the first axis runs fastest, as after a transpose;
 * - `flipped`: backward along every axis;
 * - `strided`: with gaps, as every second element of a larger tensor;
 * - `expanded`: one slice repeated along an axis, with stride 0 (so other numbers than the tensor had).
 */
export type Layout = 'compact' | 'permuted' | 'flipped' | 'strided' | 'expanded'

export const LAYOUTS: readonly Layout[] = ['compact', 'permuted', 'flipped', 'strided', 'expanded']

/** The tensor in another layout; a row-major one is expected. */
export function inLayout(x: Tensor, layout: Layout): Tensor {
  const shape = x.shape as readonly number[]
  const rowMajor = stridesOf(shape)
  switch (layout) {
    case 'compact':
      return x
    case 'permuted':
      return laidOut(x, stridesOf([...shape].reverse()).reverse(), 0, x.size)
    case 'flipped': {
      const strides = rowMajor.map(stride => -stride)
      return laidOut(x, strides, Math.max(0, x.size - 1), x.size)
    }
    case 'strided': {
      const wide = stridesOf(shape.map(size => 2 * size)).map(stride => 2 * stride)
      return laidOut(x, wide, 1, 1 + sizeOf(shape.map(size => 2 * size)) * 2)
    }
    case 'expanded': {
      const axis = shape.findIndex(size => size > 1)
      return viewOf(
        x,
        shape,
        rowMajor.map((stride, k) => (k === axis ? 0 : stride)),
        x.offset,
      )
    }
  }
}

/** Writes the elements of a row-major tensor to fresh memory with the given strides. */
function laidOut(x: Tensor, strides: readonly number[], offset: number, length: number): Tensor {
  const memory = allocate([Math.max(1, length)], x.dtype)
  const shape = x.shape as readonly number[]
  const index = new Array<number>(shape.length).fill(0)
  for (let i = 0; i < x.size; i++) {
    const at = index.reduce((sum, position, axis) => sum + position * strides[axis]!, offset)
    memory.storage[memory.offset + at] = x.storage[x.offset + i]!
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < shape[axis]!) break
      index[axis] = 0
    }
  }
  return viewOf(memory, shape, strides, memory.offset + offset)
}
