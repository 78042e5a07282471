import { insertionPlace } from '../backend/sorting.ts'
import { runUnrecorded } from '../graph/apply.ts'
import { type NonDifferentiablePrimitive, type Op, op } from '../primitive/primitive.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, describe, formatShape, ShapeError } from '../shape/errors.ts'
import { sameShape } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { isFloating } from '../storage/dtype.ts'
import { expectTensor, toTensor } from '../tensor/create.ts'
import type { Attributes, ShapeRule } from '../tensor/node.ts'
import { allocateResult, compact, type Tensor } from '../tensor/tensor.ts'
import { reshape } from './reshape.ts'

/** Settings of {@link searchSorted}. */
export interface SearchSortedOptions {
  /** `left` (default): before equal elements; `right`: behind them. */
  readonly side?: 'left' | 'right'
}

interface SearchAttributes extends Attributes {
  readonly right: boolean
}

const result: ShapeRule = ([sorted, values]) => {
  const rows = sorted!.shape.slice(0, -1)
  if (sorted!.rank === 0 || !sameShape(rows, values!.shape.slice(0, -1))) {
    throw new ShapeError(
      'searchSorted',
      `sorted ${formatShape(sorted!.shape)} and values ${formatShape(values!.shape)} must agree in all axes but the last; sorted may also be one line for all values.`,
      [sorted!.shape, values!.shape],
    )
  }
  return { shape: values!.shape, dtype: 'int32' }
}

const primitive: NonDifferentiablePrimitive = {
  name: 'searchSorted',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'an index is a whole number',
  batch: attributes => attributes,
  sample: draw => {
    const rows = draw.shape(0, 2)
    const sizes = draw.shape(2, 2)
    return {
      inputs: sizes.map(size => ({ shape: [...rows, size], domain: 'distinct' as const })),
      attributes: { right: draw.boolean() },
    }
  },
  result,
  forward: (inputs, attributes) => {
    const { right } = attributes as SearchAttributes
    const [sorted, values] = inputs
    const output = allocateResult(result(inputs, attributes))
    const [lines, wanted] = [compact(sorted!), compact(values!)]
    const [length, each] = [sorted!.shape.at(-1)!, values!.shape.at(-1)!]
    for (let i = 0; i < output.size; i++) {
      const at = lines.offset + Math.floor(i / each) * length
      const value = wanted.storage[wanted.offset + i]!
      output.storage[output.offset + i] = insertionPlace(length, lines.storage, at, 1, value, right)
    }
    return output
  },
}

/** `[..., n]` and `[..., m] -> [..., m]` int32; `[n]` and `[...s] -> [...s]`. */
export type SearchSortedOp = {
  <S extends Shape>(sorted: Tensor, values: Tensor<S>, options?: SearchSortedOptions): Tensor<S>
  (sorted: Tensor, values: number, options?: SearchSortedOptions): Tensor<[]>
}

/**
 * Where values would have to be inserted into ascending lines (along the last axis) to keep them sorted, as int32 positions
 * from 0 to the length of the line. One line serves values of any shape; otherwise all axes but the last agree. NaN counts
 * as the greatest number. Whether the lines are sorted is not checked.
 *
 * @example
 * ```ts
 * import { searchSorted, tensor } from '@adjoint/core'
 * const edges = tensor([1, 3, 5])
 * searchSorted(edges, tensor([0, 3, 9])).toArray() // => [0, 1, 3]
 * searchSorted(edges, 3, { side: 'right' }).toArray() // => 2
 * ```
 * @throws ShapeError when the shapes do not fit.
 */
export const searchSorted: Op<SearchSortedOp> = /* @__PURE__ */ op(primitive, ((
  sorted: Tensor,
  values: Tensor | number,
  options: SearchSortedOptions = {},
) => {
  expectOptions('searchSorted', options, ['side'])
  const { side = 'left' } = options
  if (side !== 'left' && side !== 'right')
    throw new ArgumentError('searchSorted', `side is 'left' or 'right', got ${describe(side)}.`)
  const { dtype } = expectTensor('searchSorted', sorted)
  const wanted = toTensor('searchSorted', values, isFloating(dtype) ? dtype : 'float64')
  const isShared = sorted.rank === 1 && wanted.rank !== 1
  const flat = isShared ? reshape(wanted, [wanted.size]) : wanted
  const found = runUnrecorded(primitive, [sorted, flat], { right: side === 'right' })
  return isShared ? reshape(found, wanted.shape as readonly number[]) : found
}) as SearchSortedOp)
