import { sortingScratch, sortPositions } from '../backend/sorting.ts'
import { runUnrecorded } from '../graph/apply.ts'
import { type LineAttributes, runLines, sampleLines } from '../primitive/alongAxis.ts'
import { type NonDifferentiablePrimitive, type Op, op } from '../primitive/primitive.ts'
import { shiftAxes } from '../primitive/reduction.ts'
import { expectOptions } from '../shape/arguments.ts'
import { lineAxes } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Settings of `sort` and `argsort`. */
export interface SortOptions {
  /** From the largest to the smallest. Default false. */
  readonly descending?: boolean
}

interface SortAttributes extends LineAttributes {
  readonly descending: boolean
}

const primitive: NonDifferentiablePrimitive = {
  name: 'argsort',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'an index is a whole number',
  batch: shiftAxes,
  sample: draw => {
    const { inputs, attributes } = sampleLines(draw, 'distinct')
    return { inputs, attributes: { ...attributes, descending: draw.boolean() } }
  },
  result: ([x]) => ({ shape: x!.shape, dtype: 'int32' }),
  forward: ([x], attributes) => {
    const lines = attributes as SortAttributes
    const { axes, descending } = lines
    const scratch = sortingScratch(axes.length === 0 ? 1 : x!.shape[axes[0]!]!)
    return runLines('argsort', x!, lines, 'int32', (count, data, xAt, xStep, out, outAt, outStep) =>
      sortPositions(count, data, xAt, xStep, out, outAt, outStep, descending, scratch),
    )
  },
}

/** `[...s] -> [...s]` int32, along one axis; the last one unless told otherwise. */
export type ArgsortOp = <S extends Shape>(x: Tensor<S>, axis?: number, options?: SortOptions) => Tensor<S>

/**
 * The positions of the elements along an axis in sorted order, as int32: `gather(x, axis, argsort(x, axis))` is sorted.
 * Equal elements keep their order, in both directions. NaN counts as the greatest number: it comes last, or first when
 * descending.
 *
 * @example
 * ```ts
 * import { argsort, tensor } from '@adjoint/core'
 * argsort(tensor([30, 10, 20])).toArray() // => [1, 2, 0]
 * argsort(tensor([1, 2, 2]), 0, { descending: true }).toArray() // => [1, 2, 0]
 * ```
 * @throws AxisError for an axis outside of the rank.
 */
export const argsort: Op<ArgsortOp> = /* @__PURE__ */ op(
  primitive,
  <S extends Shape>(x: Tensor<S>, axis = -1, options: SortOptions = {}) => {
    expectOptions('argsort', options, ['descending'])
    return runUnrecorded(primitive, [expectTensor('argsort', x)], {
      axes: lineAxes('argsort', axis, x.rank),
      descending: options.descending ?? false,
    }) as Tensor<S>
  },
)
