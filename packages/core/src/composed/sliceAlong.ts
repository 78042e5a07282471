import { sliceRanges } from '../ops/sliceRanges.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** `size` neighbours along one axis, from `start` on. */
export function sliceAlong(x: Tensor, axis: number, start: number, size: number): Tensor {
  return sliceRanges(x, {
    starts: x.shape.map((_, k) => (k === axis && size > 0 ? start : 0)),
    sizes: x.shape.map((all, k) => (k === axis ? size : all)),
    steps: x.shape.map(() => 1),
  })
}
