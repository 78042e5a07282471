import { apply } from '../graph/apply.ts'
import { type LinearPrimitive, type Op, op } from '../primitive/primitive.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { normalizeAxis, sameShape } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { promote } from '../storage/dtype.ts'
import { expectTensor } from '../tensor/create.ts'
import type { ShapeRule } from '../tensor/node.ts'
import { allocateResult, compact, copyElements, type Tensor } from '../tensor/tensor.ts'
import { expectIndices, forEachIndex, gather, sampleIndices } from './gather.ts'

const result: ShapeRule = ([x, indices, source], attributes) => {
  expectIndices('scatterAdd', x!, indices!, attributes.axis as number)
  if (!sameShape(source!.shape, indices!.shape)) {
    throw new ShapeError(
      'scatterAdd',
      `the source ${formatShape(source!.shape)} and the indices ${formatShape(indices!.shape)} must have one shape.`,
      [source!.shape, indices!.shape],
    )
  }
  return { shape: x!.shape, dtype: promote(x!.dtype, source!.dtype) }
}

const primitive: LinearPrimitive = {
  name: 'scatterAdd',
  kind: 'linear',
  keeps: 'inputs',
  transposeFor: index => {
    if (index === 1) return null
    if (index === 0) return cotangent => cotangent
    return (cotangent, { inputs, attributes }) => gather(cotangent, attributes.axis as number, inputs[1]!)
  },
  batch: attributes => ({ axis: (attributes.axis as number) + 1 }),
  sample: draw => {
    const { shape, indices, axis } = sampleIndices(draw)
    const inputs = [
      { shape },
      { shape: indices, dtype: 'int32' as const, below: shape[axis]! },
      { shape: indices },
    ]
    return { inputs, attributes: { axis } }
  },
  result,
  forward: (inputs, attributes) => {
    const [x, indices, source] = inputs
    const axis = attributes.axis as number
    const output = allocateResult(result(inputs, attributes))
    copyElements(x!, output.storage, output.offset)
    const values = compact(source!)
    forEachIndex('scatterAdd', output, indices!, axis, (at, target) => {
      output.storage[output.offset + target]! += values.storage[values.offset + at]!
    })
    return output
  },
}

/**
 * A copy of `x` with elements of `source` added: `out[indices[i][j]][j] += source[i][j]` for axis 0. Several elements may
 * go to one place; they are added in row-major order, so the result is the same on every run.
 *
 * @example
 * ```ts
 * import { scatterAdd, tensor, zeros } from '@adjoint/core'
 * const indices = tensor([0, 2, 0], { dtype: 'int32' })
 * scatterAdd(zeros([3]), 0, indices, tensor([1, 2, 3])).toArray() // => [4, 0, 2]
 * ```
 * @throws ArgumentError for an index out of range; DTypeError for indices that are not int32; ShapeError for other shapes.
 */
export const scatterAdd: Op<
  <S extends Shape>(x: Tensor<S>, axis: number, indices: Tensor, source: Tensor) => Tensor<S>
> = /* @__PURE__ */ op(
  primitive,
  <S extends Shape>(x: Tensor<S>, axis: number, indices: Tensor, source: Tensor) =>
    apply(
      primitive,
      [x, indices, source].map(value => expectTensor('scatterAdd', value)),
      { axis: normalizeAxis('scatterAdd', axis, x.rank) },
    ) as Tensor<S>,
)
