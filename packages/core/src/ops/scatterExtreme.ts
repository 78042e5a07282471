import { apply } from '../graph/apply.ts'
import {
  blocksOf,
  expectPositions,
  listPositions,
  type PositionAttributes,
  pickedShape,
  samplePositions,
  shiftPositions,
} from '../primitive/positions.ts'
import { type Call, type GeneralPrimitive, type Op, op } from '../primitive/primitive.ts'
import { promote } from '../storage/dtype.ts'
import { onesLike, scalar } from '../tensor/create.ts'
import type { ShapeRule } from '../tensor/node.ts'
import { allocateResult, compact, copyElements, type Tensor } from '../tensor/tensor.ts'
import { accumulate } from './accumulate.ts'
import { add } from './add.ts'
import { cast } from './cast.ts'
import { div } from './div.ts'
import { equal } from './equal.ts'
import { greater } from './greater.ts'
import { maximum } from './maximum.ts'
import { pick } from './pick.ts'
import { where } from './where.ts'

interface ExtremeAttributes extends PositionAttributes {
  readonly largest: boolean
  readonly includeSelf: boolean
}

const result: ShapeRule = ([x, positions, source], attributes) => {
  expectPositions('scatterExtreme', positions!, x!.shape, attributes as ExtremeAttributes)
  return { shape: x!.shape, dtype: promote(x!.dtype, source!.dtype) }
}

const primitive: GeneralPrimitive = {
  name: 'scatterExtreme',
  kind: 'general',
  keeps: 'both',
  vjp: (cotangent, call, index) => {
    const { axis, batchAxes } = call.attributes as ExtremeAttributes
    const { self, sources, count } = ties(call)
    const share = div(cotangent, count)
    const zero = scalar(0, cotangent.dtype)
    return index === 0
      ? where(self, share, zero)
      : where(sources, pick(share, call.inputs[1]!, axis, batchAxes), zero)
  },
  jvp: ([tangent, , sourceTangent], call) => {
    const { axis, batchAxes } = call.attributes as ExtremeAttributes
    const { self, sources, count } = ties(call)
    const size = call.output.shape[axis]!
    const own = tangent && where(self, tangent, scalar(0, tangent.dtype))
    const arriving =
      sourceTangent &&
      accumulate(
        where(sources, sourceTangent, scalar(0, sourceTangent.dtype)),
        call.inputs[1]!,
        size,
        axis,
        batchAxes,
      )
    return div(own && arriving ? add(own, arriving) : (own ?? arriving)!, count)
  },
  batch: shiftPositions,
  sample: draw => {
    const { shape, positions, attributes } = samplePositions(draw)
    return {
      inputs: [
        { shape, domain: 'distinct' },
        { shape: positions, dtype: 'int32', below: shape[attributes.axis]! },
        { shape: pickedShape(shape, positions, attributes), domain: 'distinct' },
      ],
      attributes: { ...attributes, largest: draw.boolean(), includeSelf: draw.boolean() },
    }
  },
  result,
  forward: (inputs, attributes) => {
    const [x, positions, source] = inputs
    const output = allocateResult(result(inputs, attributes))
    const place = attributes as ExtremeAttributes
    const { largest, includeSelf } = place
    const { batch, outer, picks, inner } = blocksOf(x!.shape, positions!.shape, place)
    const listed = listPositions('scatterExtreme', positions!, x!.shape, place)
    const values = compact(source!)
    copyElements(x!, output.storage, output.offset)
    const to = output.storage
    const length = x!.shape[place.axis]!
    const isReached = includeSelf ? undefined : new Uint8Array(output.size)
    let from = values.offset
    for (let row = 0; row < batch * outer; row++) {
      const first = listed.offset + Math.floor(row / outer) * picks
      for (let i = first; i < first + picks; i++) {
        const position = listed.storage[i]!
        if (position >= 0) {
          const block = (row * length + position) * inner
          for (let k = 0; k < inner; k++) {
            const value = values.storage[from + k]!
            const record = to[output.offset + block + k]!
            const isFirst = isReached !== undefined && isReached[block + k] === 0
            if (isFirst || Number.isNaN(value) || (largest ? value > record : value < record))
              to[output.offset + block + k] = value
            if (isReached !== undefined) isReached[block + k] = 1
          }
        }
        from += inner
      }
    }
    return output
  },
}

/** Which elements of x, and which sources, equal the result at their place, and how many there are at each place. */
function ties({ inputs: [x, positions, source], output, attributes }: Call): {
  readonly self: Tensor
  readonly sources: Tensor
  readonly count: Tensor
} {
  const { axis, batchAxes, includeSelf } = attributes as ExtremeAttributes
  const size = x!.shape[axis]!
  const number = (values: Tensor): Tensor => cast(values, output.dtype)
  const arrived = accumulate(number(onesLike(source!)), positions!, size, axis, batchAxes)
  // An element that no source reaches is its own result, also when it is NaN.
  const isReached = greater(arrived, 0)
  const own = includeSelf ? equal(x!, output) : scalar(0, 'bool')
  const self = where(isReached, own, scalar(1, 'bool'))
  const sources = equal(source!, pick(output, positions!, axis, batchAxes))
  const equals = add(number(self), accumulate(number(sources), positions!, size, axis, batchAxes))
  // Nothing equals NaN: there nobody gets anything.
  return { self, sources, count: maximum(equals, 1) }
}

/**
 * The largest, or smallest, of an element of `x` and the sources that are sent to its place; shapes as for `overwrite`.
 * Without `includeSelf` an element of `x` counts only where no source arrives. NaN when there is a NaN.
 *
 * Kink policy: equals share the cotangent evenly.
 */
export const scatterExtreme: Op<
  (x: Tensor, positions: Tensor, source: Tensor, largest?: boolean, includeSelf?: boolean) => Tensor
> = /* @__PURE__ */ op(
  primitive,
  (x: Tensor, positions: Tensor, source: Tensor, largest = true, includeSelf = true) =>
    apply(primitive, [x, positions, source], { axis: 0, batchAxes: 0, largest, includeSelf }),
)
