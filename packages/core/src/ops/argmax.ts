import { runUnrecorded } from '../graph/apply.ts'
import {
  type NonDifferentiablePrimitive,
  type Op,
  op,
  type ReductionAttributes,
} from '../primitive/primitive.ts'
import {
  expectElements,
  reduceGroups,
  reductionAttributes,
  sampleReduction,
  shiftAxes,
} from '../primitive/reduction.ts'
import type { ReductionOp, ReductionOptions } from '../primitive/signatures.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

const primitive: NonDifferentiablePrimitive = {
  name: 'argmax',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'an index is a whole number',
  batch: shiftAxes,
  sample: sampleReduction('distinct', 1),
  forward: ([x], attributes) => {
    const { axes, keepDims } = attributes as ReductionAttributes
    expectElements('argmax', x!, axes)
    return reduceGroups(x!, axes, keepDims, 'int32', (count, data, at, step) => {
      let best = 0
      for (let i = 1; i < count; i++) {
        const value = data[at + i * step]!
        const record = data[at + best * step]!
        if (value > record || (Number.isNaN(value) && !Number.isNaN(record))) best = i
      }
      return best
    })
  },
}

/**
 * Position of the largest element along an axis, as int32; the first one of equals. Over all axes: the position in
 * row-major order.
 *
 * @throws ArgumentError when there is no element to choose from.
 */
export const argmax: Op<ReductionOp> = /* @__PURE__ */ op(primitive, ((
  x: Tensor,
  axis?: number | readonly number[],
  options?: ReductionOptions,
) =>
  runUnrecorded(
    primitive,
    [expectTensor('argmax', x)],
    reductionAttributes('argmax', x, axis, options),
  )) as ReductionOp)
