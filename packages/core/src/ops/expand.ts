import { apply } from '../graph/apply.ts'
import { movement } from '../primitive/movement.ts'
import { type Op, op } from '../primitive/primitive.ts'
import { broadcastStrides, repeatedAxes, tryBroadcast } from '../shape/broadcast.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { expectShapeArgument, sameShape } from '../shape/shape.ts'
import type { Plain } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Attributes } from '../tensor/node.ts'
import { type Tensor, viewOf } from '../tensor/tensor.ts'
import { reshape } from './reshape.ts'
import { sum } from './sum.ts'

/** The shape to fill; the first `batchAxes` axes, none unless given, stay in front of the new ones. */
interface Expansion extends Attributes {
  readonly shape: readonly number[]
  readonly batchAxes?: number
}

const primitive = /* @__PURE__ */ movement({
  name: 'expand',
  shape: (_, attributes) => (attributes as Expansion).shape,
  move: (x, attributes) => {
    const { shape, batchAxes } = attributes as Expansion
    const from = batchAxes === undefined ? x.shape : insertAfter(batchAxes, x.shape, shape.length, 1)
    const strides = batchAxes === undefined ? x.strides : insertAfter(batchAxes, x.strides, shape.length, 0)
    return viewOf(x, shape, broadcastStrides(from, strides, shape), x.offset)
  },
  transpose: (cotangent, { inputs, attributes }) => {
    const { shape, batchAxes } = attributes as Expansion
    const from = inputs[0]!.shape as readonly number[]
    if (batchAxes === undefined) return sumTo(cotangent, from)
    return reshape(sumTo(cotangent, insertAfter(batchAxes, from, shape.length, 1)), from)
  },
  batch: (attributes, batchSize) => {
    const { shape, batchAxes = 0 } = attributes as Expansion
    return { shape: [batchSize, ...shape], batchAxes: batchAxes + 1 }
  },
  sample: draw => {
    const shape = draw.shape(0, 3)
    return { inputs: [{ shape: draw.broadcastable(shape) }], attributes: { shape } }
  },
})

/** One entry for each of `rank` axes: new ones with the given value come after the first `batchAxes`. */
function insertAfter(
  batchAxes: number,
  entries: readonly number[],
  rank: number,
  value: number,
): readonly number[] {
  const added = new Array<number>(rank - entries.length).fill(value)
  return [...entries.slice(0, batchAxes), ...added, ...entries.slice(batchAxes)]
}

/** `[...any] -> shape` */
export type ExpandOp = <const S extends readonly number[]>(x: Tensor, shape: S) => Tensor<Plain<S>>

/**
 * The tensor repeated along axes of size 1, and along new axes in front, to fill a shape. A view: nothing is copied.
 *
 * @example
 * ```ts
 * import { expand, tensor } from '@adjoint/core'
 * expand(tensor([1, 2]), [3, 2]).toArray() // => [[1, 2], [1, 2], [1, 2]]
 * ```
 * @throws ShapeError when the shape of the tensor does not broadcast to `shape`.
 */
export const expand: Op<ExpandOp> = /* @__PURE__ */ op(
  primitive,
  <const S extends readonly number[]>(x: Tensor, shape: S) => {
    expectShapeArgument('expand', shape)
    const common = tryBroadcast(expectTensor('expand', x).shape, shape)
    if (common === undefined || !sameShape(common, shape)) {
      throw new ShapeError(
        'expand',
        `${formatShape(x.shape)} does not repeat to ${formatShape(shape)}; aligned at the right, sizes must be equal or 1.`,
        [x.shape, shape],
      )
    }
    return apply(primitive, [x], { shape: [...shape] }) as unknown as Tensor<Plain<S>>
  },
)

/** The transpose of {@link expand}: sums over the axes along which `shape` was repeated to the shape of `x`. */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  if (sameShape(x.shape, shape)) return x
  const axes = repeatedAxes(shape, x.shape)
  const keepDims = x.rank === shape.length
  // The axes are known to be right: `sum` would check them again.
  const total = apply(sum.primitive, [x], { axes, keepDims })
  return keepDims || axes.length === x.rank - shape.length ? total : reshape(total, shape)
}
