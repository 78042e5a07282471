import { apply } from '../graph/apply.ts'
import { type Op, op, type ReductionPrimitive } from '../primitive/primitive.ts'
import { reductionAttributes } from '../primitive/reduction.ts'
import type { ReductionOp, ReductionOptions } from '../primitive/signatures.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { medianPrimitive } from './median.ts'

const primitive: ReductionPrimitive = /* @__PURE__ */ medianPrimitive('nanMedian', true)

/**
 * The median of the elements that are not NaN along one axis, several, or all; NaN when all of them are. Otherwise as
 * `median`.
 *
 * @example
 * ```ts
 * import { nanMedian, tensor } from '@adjoint/core'
 * nanMedian(tensor([NaN, 3, 1, 2])).item() // => 2
 * ```
 * @throws ArgumentError when there is no element to choose from.
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export const nanMedian: Op<ReductionOp> = /* @__PURE__ */ op(primitive, ((
  x: Tensor,
  axis?: number | readonly number[],
  options?: ReductionOptions,
) =>
  apply(
    primitive,
    [expectTensor('nanMedian', x)],
    reductionAttributes('nanMedian', x, axis, options),
  )) as ReductionOp)
