/** What the ops share that return elements together with their positions. */

import { gather } from '../ops/gather.ts'
import { permute } from '../ops/permute.ts'
import { reshape } from '../ops/reshape.ts'
import { countAlong, reducedShape } from '../primitive/reduction.ts'
import type { ReductionOptions, Selection } from '../primitive/signatures.ts'
import { reducedAxes } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** The groups of a reduction as lines along one axis of a tensor. */
export interface Lines {
  readonly lines: Tensor
  readonly axis: number
  /** The shape of the result of the reduction. */
  readonly shape: readonly number[]
}

/** Sees the groups of a reduction as lines: along the axis where it is one, along a last axis of their own otherwise. */
export function linesOf(
  op: string,
  x: Tensor,
  axis: number | readonly number[] | undefined,
  options: ReductionOptions | undefined,
): Lines {
  const axes = reducedAxes(op, axis, expectTensor(op, x).rank)
  const shape = reducedShape(x.shape, axes, options?.keepDims ?? false)
  if (axes.length === 1) return { lines: x, axis: axes[0]!, shape }
  const kept = x.shape.map((_, k) => k).filter(k => !axes.includes(k))
  const joined = [...kept.map(k => x.shape[k]!), countAlong(x.shape, axes)]
  return { lines: reshape(permute(x, [...kept, ...axes]), joined), axis: kept.length, shape }
}

/** The elements of lines at one position each, which come with the axis of the lines kept. */
export function select({ lines, axis, shape }: Lines, indices: Tensor): Selection {
  return {
    values: reshape(gather(lines, axis, indices), shape),
    indices: reshape(indices, shape),
  }
}
