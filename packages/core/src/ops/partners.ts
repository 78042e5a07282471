import { largestOf } from '../backend/blocks.ts'
import { runUnrecorded } from '../graph/apply.ts'
import { type NonDifferentiablePrimitive, type Op, op } from '../primitive/primitive.ts'
import { sizeOf } from '../shape/shape.ts'
import type { Attributes } from '../tensor/node.ts'
import { allocate, compact, type Tensor } from '../tensor/tensor.ts'

/** How far apart partners are among the equals. */
interface PartnersAttributes extends Attributes {
  readonly distance: number
  readonly batchAxes: number
}

const primitive: NonDifferentiablePrimitive = {
  name: 'partners',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'a position is a whole number',
  batch: attributes => ({ ...attributes, batchAxes: (attributes as PartnersAttributes).batchAxes + 1 }),
  sample: draw => {
    const shape = draw.shape(0, 3)
    const attributes: PartnersAttributes = {
      distance: draw.integer(1, 3),
      batchAxes: draw.integer(0, shape.length),
    }
    return { inputs: [{ shape, dtype: 'int32', below: 4 }], attributes }
  },
  result: ([x]) => ({ shape: x!.shape, dtype: 'int32' }),
  forward: ([positions], attributes) => {
    const { distance, batchAxes } = attributes as PartnersAttributes
    const listed = compact(positions!)
    const output = allocate(positions!.shape, 'int32')
    const batches = sizeOf(positions!.shape.slice(0, batchAxes))
    const picks = sizeOf(positions!.shape.slice(batchAxes))
    const { storage, offset } = listed
    // Of the equals at each position: how many came so far, and which of them waits for the one `distance` later.
    const room = 1 + largestOf(storage, offset, listed.size)
    const [counts, waiting] = [new Int32Array(room), new Int32Array(room)]
    for (let batch = 0; batch < batches; batch++) {
      if (batch > 0) counts.fill(0)
      const [from, to] = [offset + batch * picks, output.offset + batch * picks]
      for (let i = 0; i < picks; i++) {
        output.storage[to + i] = -1
        const position = storage[from + i]!
        if (position < 0) continue
        const turn = counts[position]! % (2 * distance)
        if (turn === 0) waiting[position] = i
        else if (turn === distance) output.storage[to + waiting[position]!] = i
        counts[position]!++
      }
    }
    return output
  },
}

/**
 * One round of a tournament among equal positions: of those that are equal, number 0, 2d, 4d, ... finds where number d,
 * 3d, 5d, ... stands, in row-major order after the first `batchAxes` axes; all others, and those without a partner, find -1.
 */
export const partners: Op<(positions: Tensor, distance?: number, batchAxes?: number) => Tensor> =
  /* @__PURE__ */ op(primitive, (positions: Tensor, distance = 1, batchAxes = 0) =>
    runUnrecorded(primitive, [positions], { distance, batchAxes }),
  )
