import type { Op } from '../primitive/primitive.ts'
import { expectElements, reduction } from '../primitive/reduction.ts'
import type { ReductionOp } from '../primitive/signatures.ts'
import { cast } from './cast.ts'
import { div } from './div.ts'
import { equal } from './equal.ts'
import { sum } from './sum.ts'

/**
 * The largest element along one axis, several, or all; NaN when there is a NaN.
 *
 * Kink policy: equal largest elements share the cotangent evenly.
 *
 * @example
 * ```ts
 * import { max, tensor } from '@adjoint/core'
 * max(tensor([[1, 9, 2], [7, 3, 5]]), 1).toArray() // => [9, 7]
 * const x = tensor([2, 2, 1], { requiresGrad: true })
 * max(x).backward()
 * x.grad?.toArray() // => [0.5, 0.5, 0]
 * ```
 * @throws ArgumentError when there is no element to choose from.
 */
export const max: Op<ReductionOp> = /* @__PURE__ */ reduction({
  name: 'max',
  dtype: input => input,
  loop: (count, x, at, step) => {
    let best = x[at]!
    for (let i = 1; i < count; i++) {
      const value = x[at + i * step]!
      if (value > best || Number.isNaN(value)) best = value
    }
    return best
  },
  derivative: (x, output, axes) => {
    const ties = cast(equal(x, output), x.dtype)
    return div(ties, sum(ties, axes, { keepDims: true }))
  },
  keeps: 'both',
  domain: 'distinct',
  expectGroups: expectElements,
  smallestGroup: 1,
})
