import { selectPlace } from '../backend/sorting.ts'
import { apply } from '../graph/apply.ts'
import { type Op, op, type ReductionAttributes, type ReductionPrimitive } from '../primitive/primitive.ts'
import {
  countAlong,
  expectElements,
  reducedShape,
  reduceGroups,
  reductionAttributes,
  sampleReduction,
} from '../primitive/reduction.ts'
import type { ReductionOp, ReductionOptions } from '../primitive/signatures.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { cast } from './cast.ts'
import { div } from './div.ts'
import { equal } from './equal.ts'
import { sum } from './sum.ts'
import { where } from './where.ts'

/** The primitive of `median` and `nanMedian`, which differ in what a NaN does. */
export function medianPrimitive(name: string, skipNaN: boolean): ReductionPrimitive {
  return {
    name,
    kind: 'reduction',
    keeps: 'both',
    // No element equals a median that is NaN: then the gradient is 0.
    derivative: (x, output, axes) => {
      const ties = cast(equal(x, output), x.dtype)
      const count = sum(ties, axes, { keepDims: true })
      return div(ties, where(equal(count, 0), 1, count))
    },
    sample: sampleReduction('distinct', 1),
    result: ([x], attributes) => {
      const { axes, keepDims } = attributes as ReductionAttributes
      expectElements(name, x!, axes)
      return { shape: reducedShape(x!.shape, axes, keepDims), dtype: x!.dtype }
    },
    forward: ([x], attributes) => {
      const reduction = attributes as ReductionAttributes
      expectElements(name, x!, reduction.axes)
      const values = new Float64Array(countAlong(x!.shape, reduction.axes))
      return reduceGroups(name, x!, reduction, x!.dtype, (count, data, at, step) => {
        let numbers = 0
        for (let i = 0; i < count; i++) {
          const value = data[at + i * step]!
          if (!Number.isNaN(value)) values[numbers++] = value
          else if (!skipNaN) return value
        }
        return numbers === 0 ? Number.NaN : selectPlace(values, numbers, (numbers - 1) >> 1)
      })
    },
  }
}

const primitive: ReductionPrimitive = /* @__PURE__ */ medianPrimitive('median', false)

/**
 * The middle element in sorted order along one axis, several, or all; the lower one of the two when their number is even,
 * as in PyTorch (`quantile(x, 0.5)` is halfway between them). NaN when there is a NaN.
 *
 * Kink policy: elements equal to the median share the cotangent evenly; `medianWithIndices` gives all of it to the one that
 * it names.
 *
 * @example
 * ```ts
 * import { median, tensor } from '@adjoint/core'
 * median(tensor([4, 1, 3, 2])).item() // => 2
 * ```
 * @throws ArgumentError when there is no element to choose from.
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export const median: Op<ReductionOp> = /* @__PURE__ */ op(primitive, ((
  x: Tensor,
  axis?: number | readonly number[],
  options?: ReductionOptions,
) =>
  apply(
    primitive,
    [expectTensor('median', x)],
    reductionAttributes('median', x, axis, options),
  )) as ReductionOp)
