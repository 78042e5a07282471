import { runUnrecorded } from '../graph/apply.ts'
import {
  type NonDifferentiablePrimitive,
  type Op,
  op,
  type ReductionAttributes,
} from '../primitive/primitive.ts'
import { reduceGroups, reductionAttributes, sampleReduction, shiftAxes } from '../primitive/reduction.ts'
import type { ReductionOp, ReductionOptions } from '../primitive/signatures.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

const primitive: NonDifferentiablePrimitive = {
  name: 'all',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'the result is true or false',
  batch: shiftAxes,
  sample: sampleReduction('real', 0),
  forward: ([x], attributes) => {
    const { axes, keepDims } = attributes as ReductionAttributes
    return reduceGroups(x!, axes, keepDims, 'bool', (count, x, at, step) => {
      for (let i = 0; i < count; i++) if (x[at + i * step] === 0) return 0
      return 1
    })
  },
}

/**
 * Whether all elements along one axis, several, or all are true (not 0), as bool; true for no elements. NaN counts as true.
 *
 * @example
 * ```ts
 * import { all, tensor } from '@adjoint/core'
 * all(tensor([[1, 2], [0, 3]]), 1).toArray() // => [true, false]
 * ```
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export const all: Op<ReductionOp> = /* @__PURE__ */ op(primitive, ((
  x: Tensor,
  axis?: number | readonly number[],
  options?: ReductionOptions,
) =>
  runUnrecorded(
    primitive,
    [expectTensor('all', x)],
    reductionAttributes('all', x, axis, options),
  )) as ReductionOp)
