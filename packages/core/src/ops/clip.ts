import { apply } from '../graph/apply.ts'
import { unaryPrimitive } from '../primitive/elementwise.ts'
import { type Op, op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import { ArgumentError, describe } from '../shape/errors.ts'
import type { Shape } from '../shape/types.ts'
import { toFloating } from '../storage/dtype.ts'
import { expectTensor } from '../tensor/create.ts'
import { Tensor } from '../tensor/tensor.ts'
import { cast } from './cast.ts'
import { greater } from './greater.ts'
import { greaterEqual } from './greaterEqual.ts'
import { less } from './less.ts'
import { lessEqual } from './lessEqual.ts'
import { logicalOr } from './logicalOr.ts'
import { mul } from './mul.ts'
import { notEqual } from './notEqual.ts'
import { where } from './where.ts'

const primitive = /* @__PURE__ */ unaryPrimitive({
  name: 'clip',
  dtype: 'number',
  loop: (count, x, xAt, xStep, out, outAt, outStep, attributes) => {
    const low = attributes.low as number
    const high = attributes.high as number
    for (let i = 0; i < count; i++) {
      out[outAt + i * outStep] = Math.min(Math.max(x[xAt + i * xStep]!, low), high)
    }
  },
  derivative: ({ inputs: [x], attributes }) =>
    mul(greaterEqual(x!, attributes.low as number), lessEqual(x!, attributes.high as number)),
  keeps: 'inputs',
  domain: 'nonzero',
  // Bounds in the gap that the domain leaves around 0, or far outside of it.
  sampleAttributes: draw => ({ low: draw.boolean() ? -100 : -0.01, high: draw.boolean() ? 100 : 0.01 }),
})

/** Bounds as plain numbers; a missing one does not bound. */
export interface ClipBounds {
  readonly low?: number
  readonly high?: number
}

/** Bounds of which at least one is a tensor, which broadcasts against x. */
export interface ClipTensorBounds {
  readonly low?: Tensor | number
  readonly high?: Tensor | number
}

/** `clip(x, { low, high })` */
export interface ClipOp {
  <S extends Shape>(x: Tensor<S>, bounds: ClipBounds): Tensor<S>
  (x: Tensor, bounds: ClipTensorBounds): Tensor
}

/**
 * x, but at least `low` and at most `high`, which are numbers or tensors that broadcast. NaN stays NaN. Where a tensor puts
 * `low` above `high`, the result is `high`.
 *
 * Kink policy: the derivative is 1 at the bounds themselves (they still let x move inward), 0 beyond. A bound that is a
 * tensor gets the cotangent where it replaces x.
 *
 * @example
 * ```ts
 * import { clip, tensor } from '@adjoint/core'
 * clip(tensor([-2, 0, 2]), { low: -1, high: tensor([1, 1, 0.5]) }).toArray() // => [-1, 0, 0.5]
 * ```
 * @throws ArgumentError when both are numbers and `low` is above `high`; ShapeError when a bound does not broadcast.
 */
export const clip: Op<ClipOp> = /* @__PURE__ */ op(primitive, ((x: Tensor, bounds: ClipTensorBounds) => {
  const { low, high } = bounds ?? {}
  if (low instanceof Tensor || high instanceof Tensor) return between(expectTensor('clip', x), bounds)
  const range = expectBounds('clip', bounds as ClipBounds)
  return apply(primitive, [holding(expectTensor('clip', x), range)], { ...range })
}) as ClipOp)

/** Where a bound replaces x, the bound. A bound that is NaN replaces every x. */
function between(x: Tensor, bounds: ClipTensorBounds): Tensor {
  expectOnlyBounds('clip', bounds)
  const replaced = (value: Tensor, bound: Tensor | number | undefined, isBeyond: BinaryOp): Tensor => {
    if (bound === undefined) return value
    const limit = typeof bound === 'number' ? expectBound('clip', bound) : expectTensor('clip', bound)
    return where(
      logicalOr(isBeyond(value, limit as Tensor), notEqual(limit as Tensor, limit as Tensor)),
      limit as Tensor,
      value,
    )
  }
  return replaced(replaced(x, bounds.low, less), bounds.high, greater)
}

/** Both bounds as numbers, checked; the defaults of {@link clip} do not bound. */
export function expectBounds(
  op: string,
  bounds: ClipBounds,
  lowest: number = Number.NEGATIVE_INFINITY,
  highest: number = Number.POSITIVE_INFINITY,
): { readonly low: number; readonly high: number } {
  expectOnlyBounds(op, bounds)
  const low = expectBound(op, bounds.low ?? lowest)
  const high = expectBound(op, bounds.high ?? highest)
  if (!(low <= high)) throw new ArgumentError(op, `low (${low}) must not be above high (${high}).`)
  return { low, high }
}

function expectOnlyBounds(op: string, bounds: ClipTensorBounds): void {
  if (typeof bounds !== 'object' || bounds === null) {
    throw new ArgumentError(op, `takes its bounds as { low, high }, got ${describe(bounds)}.`)
  }
  const stranger = Object.keys(bounds).find(key => key !== 'low' && key !== 'high')
  if (stranger !== undefined)
    throw new ArgumentError(op, `knows no '${stranger}'; its bounds are low and high.`)
}

function expectBound(op: string, bound: number): number {
  if (typeof bound === 'number') return bound
  throw new ArgumentError(op, `a bound is a number, got ${describe(bound)}.`)
}

/** An int32 tensor cannot be clipped to 0.5 or 3e9: such a bound makes it float32, as any other operand would. */
export function holding(x: Tensor, bounds: { readonly low: number; readonly high: number }): Tensor {
  const isForeign = (bound: number) => Number.isFinite(bound) && bound !== (bound | 0)
  return isForeign(bounds.low) || isForeign(bounds.high) ? cast(x, toFloating(x.dtype)) : x
}
