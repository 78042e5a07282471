import { forEachRow } from '../backend/strided.ts'
import { apply } from '../graph/apply.ts'
import { type LinearPrimitive, type Op, op } from '../primitive/primitive.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import type { Resized } from '../shape/types.ts'
import { promote } from '../storage/dtype.ts'
import { expectTensor } from '../tensor/create.ts'
import type { ShapeRule } from '../tensor/node.ts'
import { allocateResult, type Tensor } from '../tensor/tensor.ts'
import { sliceRanges } from './sliceRanges.ts'

const result: ShapeRule = (inputs, attributes) => {
  const axis = attributes.axis as number
  const first = inputs[0]!
  let total = 0
  let dtype = first.dtype
  for (const x of inputs) {
    const fits = x.rank === first.rank && x.shape.every((size, k) => k === axis || size === first.shape[k])
    if (!fits) {
      throw new ShapeError(
        'concat',
        `cannot join ${formatShape(first.shape)} and ${formatShape(x.shape)} along axis ${axis}; all other sizes must be equal.`,
        [first.shape, x.shape],
      )
    }
    total += x.shape[axis]!
    dtype = promote(dtype, x.dtype)
  }
  return { shape: first.shape.map((size, k) => (k === axis ? total : size)), dtype }
}

const primitive: LinearPrimitive = {
  name: 'concat',
  kind: 'linear',
  keeps: 'nothing',
  transposeFor:
    index =>
    (cotangent, { inputs, attributes }) => {
      const axis = attributes.axis as number
      const starts = cotangent.shape.map(() => 0)
      starts[axis] = startsOf(inputs, axis)[index]!
      return sliceRanges(cotangent, { starts, sizes: inputs[index]!.shape, steps: starts.map(() => 1) })
    },
  batch: attributes => ({ axis: (attributes.axis as number) + 1 }),
  sample: draw => {
    const shape = draw.shape(1, 3)
    const axis = draw.integer(0, shape.length - 1)
    const inputs = Array.from({ length: draw.integer(1, 3) }, () => ({
      shape: shape.map((size, k) => (k === axis ? draw.integer(0, 3) : size)),
    }))
    return { inputs, attributes: { axis } }
  },
  result,
  forward: (inputs, attributes) => {
    const axis = attributes.axis as number
    const output = allocateResult(result(inputs, attributes))
    let start = output.offset
    for (const x of inputs) {
      forEachRow(x.shape, [x.strides, output.strides], [x.offset, start], (count, at, step) => {
        for (let i = 0; i < count; i++)
          output.storage[at[1]! + i * step[1]!] = x.storage[at[0]! + i * step[0]!]!
      })
      start += x.shape[axis]! * output.strides[axis]!
    }
    return output
  },
}

/** Where the inputs of a call start in its result: found once for all of them, so that many inputs cost no more each. */
const knownStarts = /* @__PURE__ */ new WeakMap<
  readonly Tensor[],
  { readonly axis: number; readonly starts: readonly number[] }
>()

function startsOf(inputs: readonly Tensor[], axis: number): readonly number[] {
  const known = knownStarts.get(inputs)
  if (known?.axis === axis) return known.starts
  let next = 0
  const starts = inputs.map(x => {
    next += x.shape[axis]!
    return next - x.shape[axis]!
  })
  knownStarts.set(inputs, { axis, starts })
  return starts
}

/** Tensors of one rank `-> ` a tensor of that rank */
export type ConcatOp = <const T extends readonly Tensor[]>(
  tensors: T,
  axis?: number,
) => Tensor<RankOf<T[number]>>

/** The rank of a tensor type, as a shape of unknown sizes. */
type RankOf<T extends Tensor> = T extends Tensor<infer S> ? Resized<S> : never

/**
 * Tensors one after the other along an axis; all other sizes must agree.
 *
 * @example
 * ```ts
 * import { concat, tensor } from '@adjoint/core'
 * concat([tensor([[1, 2]]), tensor([[3, 4], [5, 6]])], 0).toArray() // => [[1, 2], [3, 4], [5, 6]]
 * ```
 * @throws ShapeError when other sizes differ; ArgumentError for no tensors; AxisError for 0-d tensors.
 */
export const concat: Op<ConcatOp> = /* @__PURE__ */ op(
  primitive,
  <const T extends readonly Tensor[]>(tensors: T, axis = 0): Tensor<RankOf<T[number]>> => {
    if (!Array.isArray(tensors))
      throw new ArgumentError('concat', 'takes an array of tensors: concat([a, b], axis).')
    if (tensors.length === 0) throw new ArgumentError('concat', 'needs at least one tensor.')
    return apply(
      primitive,
      tensors.map(x => expectTensor('concat', x)),
      { axis: normalizeAxis('concat', axis, tensors[0]!.rank) },
    ) as unknown as Tensor<RankOf<T[number]>>
  },
)
