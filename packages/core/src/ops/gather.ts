import { apply } from '../graph/apply.ts'
import { type LinearPrimitive, type Op, op } from '../primitive/primitive.ts'
import type { Draw } from '../primitive/sample.ts'
import { ArgumentError, DTypeError, formatShape, ShapeError } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor, zerosLike } from '../tensor/create.ts'
import type { ShapeRule } from '../tensor/node.ts'
import { allocateResult, compact, type Tensor } from '../tensor/tensor.ts'
import { scatterAdd } from './scatterAdd.ts'

const result: ShapeRule = ([x, indices], attributes) => {
  expectIndices('gather', x!, indices!, attributes.axis as number)
  return { shape: indices!.shape, dtype: x!.dtype }
}

const primitive: LinearPrimitive = {
  name: 'gather',
  kind: 'linear',
  keeps: 'inputs',
  transposeFor: index =>
    index === 0
      ? (cotangent, { inputs: [x, indices], attributes }) =>
          scatterAdd(zerosLike(x!), attributes.axis as number, indices!, cotangent)
      : null,
  batch: attributes => ({ axis: (attributes.axis as number) + 1 }),
  sample: draw => {
    const { shape, indices, axis } = sampleIndices(draw)
    return {
      inputs: [{ shape }, { shape: indices, dtype: 'int32', below: shape[axis]! }],
      attributes: { axis },
    }
  },
  result,
  forward: (inputs, attributes) => {
    const [x, indices] = inputs
    const output = allocateResult(result(inputs, attributes))
    forEachIndex('gather', x!, indices!, attributes.axis as number, (at, from) => {
      output.storage[output.offset + at] = x!.storage[x!.offset + from]!
    })
    return output
  },
}

/**
 * Elements of `x` picked along an axis: `out[i][j] = x[indices[i][j]][j]` for axis 0. The indices have the rank of `x` and
 * at most its sizes on the other axes; negative ones count from the end. Picked twice, an element gets both gradients.
 *
 * @example
 * ```ts
 * import { gather, tensor } from '@adjoint/core'
 * const logits = tensor([[1, 2, 3], [4, 5, 6]])
 * gather(logits, 1, tensor([[2], [0]], { dtype: 'int32' })).toArray() // => [[3], [4]]
 * ```
 * @throws ArgumentError for an index out of range; DTypeError for indices that are not int32; ShapeError for other ranks.
 */
export const gather: Op<<S extends Shape>(x: Tensor, axis: number, indices: Tensor<S>) => Tensor<S>> =
  /* @__PURE__ */ op(
    primitive,
    <S extends Shape>(x: Tensor, axis: number, indices: Tensor<S>) =>
      apply(primitive, [expectTensor('gather', x), expectTensor('gather', indices)], {
        axis: normalizeAxis('gather', axis, x.rank),
      }) as Tensor<S>,
  )

/** Shapes for the laws: a tensor that is not empty along an axis, and indices along that axis. */
export function sampleIndices(draw: Draw): { shape: number[]; indices: number[]; axis: number } {
  const shape = draw.shape(1, 3)
  const axis = draw.integer(0, shape.length - 1)
  shape[axis] = Math.max(1, shape[axis]!)
  return { shape, axis, indices: shape.map((size, k) => (k === axis ? draw.integer(0, 4) : size)) }
}

/** Checks dtype, rank and sizes of indices into `x`. */
export function expectIndices(name: string, x: Tensor, indices: Tensor, axis: number): void {
  if (indices.dtype !== 'int32') {
    throw new DTypeError(
      name,
      `indices must be int32, got ${indices.dtype}; make them with { dtype: 'int32' } or cast('int32').`,
      [x.dtype, indices.dtype],
    )
  }
  const fits = indices.rank === x.rank && indices.shape.every((size, k) => k === axis || size <= x.shape[k]!)
  if (!fits) {
    throw new ShapeError(
      name,
      `indices of shape ${formatShape(indices.shape)} do not fit ${formatShape(x.shape)} along axis ${axis}; ` +
        'the rank must be the same and no other size larger.',
      [x.shape, indices.shape],
    )
  }
}

/** Calls `visit(position in indices, row-major; position in the memory of x)` for every index. */
export function forEachIndex(
  name: string,
  x: Tensor,
  indices: Tensor,
  axis: number,
  visit: (at: number, target: number) => void,
): void {
  const length = x.shape[axis]!
  const last = indices.rank - 1
  const picks = compact(indices)
  if (indices.size === 0) return
  const rowLength = indices.shape[last]!
  const step = axis === last ? 0 : x.strides[last]!
  const stride = x.strides[axis]!
  const position = new Array<number>(last).fill(0)
  let row = 0
  for (let start = 0; start < indices.size; start += rowLength) {
    for (let i = 0; i < rowLength; i++) {
      const pick = picks.storage[picks.offset + start + i]!
      const wrapped = pick < 0 ? pick + length : pick
      if (wrapped < 0 || wrapped >= length) {
        throw new ArgumentError(
          name,
          `index ${pick} at [${[...position, i].join(', ')}] is outside of axis ${axis} of ${formatShape(x.shape)}.`,
        )
      }
      visit(start + i, row + wrapped * stride + i * step)
    }
    for (let k = last - 1; k >= 0; k--) {
      if (k !== axis) row += x.strides[k]!
      if (++position[k]! < indices.shape[k]!) break
      if (k !== axis) row -= x.strides[k]! * indices.shape[k]!
      position[k] = 0
    }
  }
}
