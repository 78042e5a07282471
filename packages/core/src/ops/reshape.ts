import { apply } from '../graph/apply.ts'
import { movement } from '../primitive/movement.ts'
import { type Op, op } from '../primitive/primitive.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { expectShapeArgument, reshapedStrides, sizeOf, stridesOf } from '../shape/shape.ts'
import type { Reshaped, Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import { compact, type Tensor, viewOf } from '../tensor/tensor.ts'

const primitive = /* @__PURE__ */ movement({
  name: 'reshape',
  shape: (_, attributes) => attributes.shape as readonly number[],
  move: (x, attributes) => {
    const shape = attributes.shape as readonly number[]
    const strides = x.contiguous ? stridesOf(shape) : reshapedStrides(x.shape, x.strides, shape)
    if (strides !== undefined) return viewOf(x, shape, strides, x.offset)
    const source = compact(x)
    return viewOf(source, shape, stridesOf(shape), source.offset)
  },
  transpose: (cotangent, { inputs }) => reshape(cotangent, inputs[0]!.shape as readonly number[]),
  batch: (attributes, batchSize) => ({ shape: [batchSize, ...(attributes.shape as readonly number[])] }),
  sample: draw => {
    const shape = draw.shape(0, 3)
    return { inputs: [{ shape }], attributes: { shape: draw.boolean() ? [sizeOf(shape)] : [1, ...shape] } }
  },
})

/** `[...any] -> shape`, where one size may be -1: the one that follows from the others. */
export type ReshapeOp = <const S extends readonly number[]>(x: Tensor, shape: S) => Tensor<Reshaped<S>>

/**
 * The same elements, in the same row-major order, in another shape. A view where strides can say so: always for
 * elements that lie in that order, and where only axes of size 1 come or go.
 *
 * @example
 * ```ts
 * import { arange, reshape } from '@adjoint/core'
 * reshape(arange(6), [2, -1]).toArray() // => [[0, 1, 2], [3, 4, 5]]
 * ```
 * @throws ShapeError when the number of elements would change, or -1 is not determined.
 */
export const reshape: Op<ReshapeOp> = /* @__PURE__ */ op(
  primitive,
  <const S extends readonly number[]>(x: Tensor, shape: S) =>
    apply(primitive, [x], { shape: resolveShape(expectTensor('reshape', x), shape) }) as unknown as Tensor<
      Reshaped<S>
    >,
)

function resolveShape(x: Tensor<Shape>, shape: readonly number[]): readonly number[] {
  if (!Array.isArray(shape)) expectShapeArgument('reshape', shape)
  if (isShapeOfSize(shape, x.size)) return shape.slice()
  const known = shape.filter(size => size !== -1)
  const rest = sizeOf(known)
  const open = shape.length - known.length
  const inferred = open === 1 && rest > 0 ? x.size / rest : 0
  const resolved = shape.map(size => (size === -1 ? inferred : size))
  const valid = open <= 1 && resolved.every(size => Number.isInteger(size) && size >= 0)
  if (!valid || sizeOf(resolved) !== x.size || (open === 1 && rest === 0)) {
    throw new ShapeError(
      'reshape',
      `cannot view ${formatShape(x.shape)} (${x.size} elements) as ${formatShape(shape)}; ` +
        'the number of elements must stay, and at most one size may be -1.',
      [x.shape, shape],
    )
  }
  return resolved
}

function isShapeOfSize(shape: readonly number[], size: number): boolean {
  let product = 1
  for (let axis = 0; axis < shape.length; axis++) {
    const length = shape[axis]!
    if (!(length >= 0) || !Number.isInteger(length)) return false
    product *= length
  }
  return product === size
}
