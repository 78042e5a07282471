import { largestOf } from '../backend/blocks.ts'
import { runUnrecorded } from '../graph/apply.ts'
import { type NonDifferentiablePrimitive, type Op, op } from '../primitive/primitive.ts'
import { sizeOf } from '../shape/shape.ts'
import type { Attributes } from '../tensor/node.ts'
import { allocate, compact, type Tensor } from '../tensor/tensor.ts'

/** Which of several equal positions stays. */
interface WinnersAttributes extends Attributes {
  readonly which: 'first' | 'last'
  readonly batchAxes: number
}

const primitive: NonDifferentiablePrimitive = {
  name: 'winners',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'a position is a whole number',
  batch: attributes => ({ ...attributes, batchAxes: (attributes as WinnersAttributes).batchAxes + 1 }),
  sample: draw => {
    const shape = draw.shape(0, 3)
    const attributes: WinnersAttributes = {
      which: draw.boolean() ? 'first' : 'last',
      batchAxes: draw.integer(0, shape.length),
    }
    return { inputs: [{ shape, dtype: 'int32', below: 4 }], attributes }
  },
  result: ([x]) => ({ shape: x!.shape, dtype: 'int32' }),
  forward: ([positions], attributes) => {
    const { which, batchAxes } = attributes as WinnersAttributes
    const listed = compact(positions!)
    const output = allocate(positions!.shape, 'int32')
    const batches = sizeOf(positions!.shape.slice(0, batchAxes))
    const picks = sizeOf(positions!.shape.slice(batchAxes))
    const { storage, offset } = listed
    const taken = new Uint8Array(largestOf(storage, offset, listed.size) + 1)
    const [first, step] = which === 'first' ? [0, 1] : [picks - 1, -1]
    for (let batch = 0; batch < batches; batch++) {
      if (batch > 0) taken.fill(0)
      for (let i = 0, k = batch * picks + first; i < picks; i++, k += step) {
        const position = storage[offset + k]!
        const stays = position >= 0 && taken[position] === 0
        output.storage[output.offset + k] = stays ? position : -1
        if (stays) taken[position] = 1
      }
    }
    return output
  },
}

/**
 * The positions, with -1 in the place of those that another equal one displaces: all but the last, or the first, in
 * row-major order. The first `batchAxes` axes keep their positions apart.
 */
export const winners: Op<(positions: Tensor, which?: 'first' | 'last', batchAxes?: number) => Tensor> =
  /* @__PURE__ */ op(primitive, (positions: Tensor, which: 'first' | 'last' = 'last', batchAxes = 0) =>
    runUnrecorded(primitive, [positions], { which, batchAxes }),
  )
