import { apply } from '../graph/apply.ts'
import { unaryPrimitive } from '../primitive/elementwise.ts'
import { type Op, op } from '../primitive/primitive.ts'
import { ArgumentError, describe } from '../shape/errors.ts'
import type { Shape } from '../shape/types.ts'
import { toFloating } from '../storage/dtype.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { cast } from './cast.ts'
import { greaterEqual } from './greaterEqual.ts'
import { lessEqual } from './lessEqual.ts'
import { mul } from './mul.ts'

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

/** Bounds of {@link clip}; a missing one does not bound. */
export interface ClipBounds {
  readonly low?: number
  readonly high?: number
}

/**
 * x, but at least `low` and at most `high`. NaN stays NaN.
 *
 * Kink policy: the derivative is 1 at the bounds themselves (they still let x move inward), 0 beyond.
 *
 * @throws ArgumentError when `low` is above `high`.
 */
export const clip: Op<<S extends Shape>(x: Tensor<S>, bounds: ClipBounds) => Tensor<S>> = /* @__PURE__ */ op(
  primitive,
  <S extends Shape>(x: Tensor<S>, bounds: ClipBounds) => {
    const {
      low = Number.NEGATIVE_INFINITY,
      high = Number.POSITIVE_INFINITY,
      ...unknown
    } = expectBounds(bounds)
    const [stranger] = Object.keys(unknown)
    if (stranger !== undefined)
      throw new ArgumentError('clip', `knows no '${stranger}'; its bounds are low and high.`)
    for (const bound of [low, high]) {
      if (typeof bound !== 'number')
        throw new ArgumentError('clip', `a bound is a number, got ${describe(bound)}.`)
    }
    if (!(low <= high)) throw new ArgumentError('clip', `low (${low}) must not be above high (${high}).`)
    return apply(primitive, [holding(expectTensor('clip', x), low, high)], { low, high }) as Tensor<S>
  },
)

function expectBounds(bounds: ClipBounds): ClipBounds {
  if (typeof bounds === 'object' && bounds !== null) return bounds
  throw new ArgumentError('clip', `takes its bounds as { low, high }, got ${describe(bounds)}.`)
}

/** An int32 tensor cannot be clipped to 0.5 or 3e9: such a bound makes it float32, as any other operand would. */
function holding(x: Tensor, ...bounds: readonly number[]): Tensor {
  const isForeign = (bound: number) => Number.isFinite(bound) && bound !== (bound | 0)
  return bounds.some(isForeign) ? cast(x, toFloating(x.dtype)) : x
}
