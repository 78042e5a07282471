import { copyInto } from '../backend/strided.ts'
import { apply } from '../graph/apply.ts'
import { movement } from '../primitive/movement.ts'
import { type Op, op } from '../primitive/primitive.ts'
import { ArgumentError } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import { allocate, type Tensor, viewOf } from '../tensor/tensor.ts'
import { reshape } from './reshape.ts'

const primitive = /* @__PURE__ */ movement({
  name: 'roll',
  shape: from => from,
  move: (x, attributes) => {
    const output = allocate(x.shape, x.dtype)
    copyRolled(x, output, attributes.shifts as readonly number[], 0)
    return output
  },
  transpose: (cotangent, { attributes }) => {
    const shifts = (attributes.shifts as readonly number[]).map(shift => 0 - shift)
    return roll(
      cotangent,
      shifts,
      shifts.map((_, axis) => axis),
    )
  },
  batch: attributes => ({ shifts: [0, ...(attributes.shifts as readonly number[])] }),
  sample: draw => {
    const shape = draw.shape(0, 3)
    const shifts = shape.map(size => draw.integer(0, Math.max(0, size - 1)))
    return { inputs: [{ shape }], attributes: { shifts } }
  },
})

/** `[...s] -> [...s]` */
export type RollOp = <S extends Shape>(
  x: Tensor<S>,
  shifts: number | readonly number[],
  axes?: number | readonly number[],
) => Tensor<S>

/**
 * Every element moved by a number of places along some axes; what leaves at one end comes in at the other. Without `axes`
 * the tensor is rolled as one row of elements. An axis that is named twice rolls by both shifts.
 *
 * @example
 * ```ts
 * import { arange, roll } from '@adjoint/core'
 * roll(arange(5), 2).toArray() // => [3, 4, 0, 1, 2]
 * roll(arange(4).reshape([2, 2]), [1, 1], [0, 1]).toArray() // => [[3, 2], [1, 0]]
 * ```
 * @throws ArgumentError when there is not one whole shift for each axis; AxisError for an axis outside of the rank.
 */
export const roll: Op<RollOp> = /* @__PURE__ */ op(primitive, ((
  x: Tensor,
  shifts: number | readonly number[],
  axes?: number | readonly number[],
): Tensor => {
  const { shape, rank, size } = expectTensor('roll', x)
  const amounts = typeof shifts === 'number' ? [shifts] : shifts
  const along = typeof axes === 'number' ? [axes] : axes
  const fits =
    Array.isArray(amounts) && amounts.every(Number.isInteger) && (along === undefined || Array.isArray(along))
  if (!fits || amounts.length !== (along === undefined ? 1 : along.length)) {
    throw new ArgumentError(
      'roll',
      `needs one whole number for each axis, got shifts ${JSON.stringify(shifts)} and axes ${JSON.stringify(axes) ?? 'none'}; ` +
        'without axes one shift rolls all elements as one row.',
    )
  }
  if (along === undefined) return reshape(roll(reshape(x, [size]), amounts, [0]), shape)
  const places = new Array<number>(rank).fill(0)
  amounts.forEach((amount, i) => {
    const axis = normalizeAxis('roll', along[i]!, rank)
    const length = Math.max(1, shape[axis]!)
    places[axis] = (((places[axis]! + amount) % length) + length) % length
  })
  return apply(primitive, [x], { shifts: places })
}) as RollOp)

/** Copies axis by axis: along each, the part that stays in order and the part that comes in at the front. */
function copyRolled(from: Tensor, to: Tensor, shifts: readonly number[], first: number): void {
  let axis = first
  while (axis < shifts.length && shifts[axis] === 0) axis++
  if (axis === shifts.length) {
    copyInto(from, to)
    return
  }
  const shift = shifts[axis]!
  const rest = from.shape[axis]! - shift
  copyRolled(part(from, axis, 0, rest), part(to, axis, shift, rest), shifts, axis + 1)
  copyRolled(part(from, axis, rest, shift), part(to, axis, 0, shift), shifts, axis + 1)
}

function part(x: Tensor, axis: number, start: number, length: number): Tensor {
  const shape = x.shape.map((size, k) => (k === axis ? length : size))
  return viewOf(x, shape, x.strides, x.offset + start * x.strides[axis]!)
}
