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
  name: 'any',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'the result is true or false',
  batch: shiftAxes,
  sample: sampleReduction('real', 0),
  forward: ([x], attributes) => {
    const { axes, keepDims } = attributes as ReductionAttributes
    return reduceGroups(x!, axes, keepDims, 'bool', (count, x, at, step) => {
      for (let i = 0; i < count; i++) if (x[at + i * step] !== 0) return 1
      return 0
    })
  },
}

/**
 * Whether any element along one axis, several, or all is true (not 0), as bool; false for no elements. NaN counts as true.
 *
 * @example
 * ```ts
 * import { any, tensor } from '@adjoint/core'
 * any(tensor([false, true])).toArray() // => true
 * ```
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export const any: Op<ReductionOp> = /* @__PURE__ */ op(primitive, ((
  x: Tensor,
  axis?: number | readonly number[],
  options?: ReductionOptions,
) =>
  runUnrecorded(
    primitive,
    [expectTensor('any', x)],
    reductionAttributes('any', x, axis, options),
  )) as ReductionOp)
