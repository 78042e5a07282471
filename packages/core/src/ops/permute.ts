import { apply } from '../graph/apply.ts'
import { movement } from '../primitive/movement.ts'
import { type Op, op } from '../primitive/primitive.ts'
import { ArgumentError, AxisError, describe, formatShape } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import type { Permuted, Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import { type Tensor, viewOf } from '../tensor/tensor.ts'

const primitive = /* @__PURE__ */ movement({
  name: 'permute',
  shape: (from, attributes) => (attributes.order as readonly number[]).map(axis => from[axis]!),
  move: (x, attributes) => {
    const order = attributes.order as readonly number[]
    const shape = new Array<number>(order.length)
    const strides = new Array<number>(order.length)
    for (let axis = 0; axis < order.length; axis++) {
      shape[axis] = x.shape[order[axis]!]!
      strides[axis] = x.strides[order[axis]!]!
    }
    return viewOf(x, shape, strides, x.offset)
  },
  transpose: (cotangent, { attributes }) => permute(cotangent, invert(attributes.order as readonly number[])),
  batch: attributes => ({ order: [0, ...(attributes.order as readonly number[]).map(axis => axis + 1)] }),
  sample: draw => {
    const shape = draw.shape(0, 3)
    const order = shape.map((_, axis) => axis)
    if (draw.boolean()) order.reverse()
    else order.push(...order.splice(0, 1))
    return { inputs: [{ shape }], attributes: { order } }
  },
})

/** `[a, b, c]`, order `[2, 0, 1]` `-> [c, a, b]` */
export type PermuteOp = <S extends Shape, const Order extends readonly number[]>(
  x: Tensor<S>,
  order: Order,
) => Tensor<Permuted<S, Order>>

/**
 * The axes in another order: axis `order[i]` of `x` becomes axis i. A view.
 *
 * @example
 * ```ts
 * import { permute, zeros } from '@adjoint/core'
 * permute(zeros([2, 3, 4]), [2, 0, 1]).shape // => [4, 2, 3]
 * ```
 * @throws AxisError when `order` does not name every axis once.
 */
export const permute: Op<PermuteOp> = /* @__PURE__ */ op(
  primitive,
  <S extends Shape, const Order extends readonly number[]>(x: Tensor<S>, order: Order) => {
    if (!Array.isArray(order))
      throw new ArgumentError('permute', `takes an array of axes such as [1, 0], got ${describe(order)}.`)
    const { rank } = expectTensor('permute', x)
    const axes = order.map(axis => normalizeAxis('permute', axis, rank))
    if (axes.length !== rank || new Set(axes).size !== rank) {
      throw new AxisError(
        'permute',
        axes.length,
        x.rank,
        `[${order.join(', ')}] does not name every axis of ${formatShape(x.shape)} once.`,
      )
    }
    return apply(primitive, [x], { order: axes }) as unknown as Tensor<Permuted<S, Order>>
  },
)

function invert(order: readonly number[]): number[] {
  const inverse = new Array<number>(order.length)
  for (let i = 0; i < order.length; i++) inverse[order[i]!] = i
  return inverse
}

const SWAPPED = [
  { order: [] },
  { order: [0] },
  { order: [1, 0] },
  { order: [0, 2, 1] },
  { order: [0, 1, 3, 2] },
]

/** The last two axes exchanged; the tensor has at least two. */
export function swapLastAxes(x: Tensor): Tensor {
  const known = SWAPPED[x.rank]
  if (known !== undefined) return apply(primitive, [x], known)
  const order = x.shape.map((_, axis) => axis)
  return apply(primitive, [x], { order: [...order.slice(0, -2), x.rank - 1, x.rank - 2] })
}
