import { sortingScratch, sortPositions } from '../backend/sorting.ts'
import { runUnrecorded } from '../graph/apply.ts'
import {
  type NonDifferentiablePrimitive,
  type Op,
  op,
  type ReductionAttributes,
} from '../primitive/primitive.ts'
import {
  countAlong,
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
  name: 'argmode',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'an index is a whole number',
  batch: shiftAxes,
  sample: sampleReduction('distinct', 1),
  forward: ([x], attributes) => {
    const { axes, keepDims } = attributes as ReductionAttributes
    expectElements('argmode', x!, axes)
    const length = countAlong(x!.shape, axes)
    const scratch = sortingScratch(length)
    const order = new Int32Array(length)
    return reduceGroups(x!, axes, keepDims, 'int32', (count, data, at, step) => {
      sortPositions(count, data, at, step, order, 0, 1, false, scratch)
      let [best, most] = [0, 0]
      for (let from = 0, to = 1; from < count; from = to++) {
        const value = data[at + order[from]! * step]!
        while (to < count && data[at + order[to]! * step] === value) to++
        if (to - from > most) [best, most] = [order[to - 1]!, to - from]
      }
      return best
    })
  },
}

/**
 * Position of the element that occurs most often along one axis, several, or all, as int32: the last occurrence, as in
 * PyTorch, and of several values equally frequent the smallest. No NaN equals another one.
 *
 * @throws ArgumentError when there is no element to choose from.
 */
export const argmode: Op<ReductionOp> = /* @__PURE__ */ op(primitive, ((
  x: Tensor,
  axis?: number | readonly number[],
  options?: ReductionOptions,
) =>
  runUnrecorded(
    primitive,
    [expectTensor('argmode', x)],
    reductionAttributes('argmode', x, axis, options),
  )) as ReductionOp)
