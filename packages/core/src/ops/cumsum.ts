import { apply } from '../graph/apply.ts'
import { type LineAttributes, type LineLoop, runLines, sampleLines } from '../primitive/alongAxis.ts'
import { resultDType } from '../primitive/elementwise.ts'
import { type LinearPrimitive, type Op, op } from '../primitive/primitive.ts'
import { shiftAxes } from '../primitive/reduction.ts'
import { expectOptions } from '../shape/arguments.ts'
import { lineAxes } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Settings of {@link cumsum}. */
export interface CumsumOptions {
  /** Sum up from the end: each result is the sum of its element and all later ones. Default false. */
  readonly reverse?: boolean
}

interface CumsumAttributes extends LineAttributes {
  readonly reverse: boolean
}

/**
 * Neumaier's compensated sum in float64: what every addition rounds off is added up too, so that the error does not grow
 * with the count. A total that is not finite has nothing to compensate.
 */
const forward: LineLoop = (count, x, xAt, xStep, out, outAt, outStep) => {
  let total = 0
  let lost = 0
  for (let i = 0; i < count; i++) {
    const value = x[xAt + i * xStep]!
    const next = total + value
    const rounding = Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total
    lost = Number.isFinite(next) ? lost + rounding : 0
    total = next
    out[outAt + i * outStep] = total + lost
  }
}

const backward: LineLoop = (count, x, xAt, xStep, out, outAt, outStep) =>
  forward(count, x, xAt + (count - 1) * xStep, -xStep, out, outAt + (count - 1) * outStep, -outStep)

const primitive: LinearPrimitive = {
  name: 'cumsum',
  kind: 'linear',
  keeps: 'nothing',
  transposeFor:
    () =>
    (cotangent, { attributes }) => {
      const { axes, reverse } = attributes as CumsumAttributes
      return apply(primitive, [cotangent], { axes, reverse: !reverse })
    },
  batch: shiftAxes,
  sample: draw => {
    const { inputs, attributes } = sampleLines(draw)
    return { inputs, attributes: { ...attributes, reverse: draw.boolean() } }
  },
  result: ([x]) => ({ shape: x!.shape, dtype: resultDType('number', x!.dtype) }),
  forward: ([x], attributes) => {
    const lines = attributes as CumsumAttributes
    return runLines('cumsum', x!, lines, resultDType('number', x!.dtype), lines.reverse ? backward : forward)
  },
}

/** `[...s] -> [...s]` along one axis; the last one unless told otherwise. */
export type CumsumOp = <S extends Shape>(x: Tensor<S>, axis?: number, options?: CumsumOptions) => Tensor<S>

/**
 * The sums of all elements so far along an axis (the last one by default): `out[i] = x[0] + ... + x[i]`. Backward the
 * cotangents are summed up from the end. Added up in float64 with compensation, so that a float32 result is the exact one,
 * rounded. `bool` counts, as int32.
 *
 * @example
 * ```ts
 * import { cumsum, tensor } from '@adjoint/core'
 * cumsum(tensor([1, 2, 3])).toArray() // => [1, 3, 6]
 * cumsum(tensor([1, 2, 3]), 0, { reverse: true }).toArray() // => [6, 5, 3]
 * ```
 * @throws AxisError for an axis outside of the rank.
 */
export const cumsum: Op<CumsumOp> = /* @__PURE__ */ op(
  primitive,
  <S extends Shape>(x: Tensor<S>, axis = -1, options: CumsumOptions = {}) => {
    expectOptions('cumsum', options, ['reverse'])
    return apply(primitive, [expectTensor('cumsum', x)], {
      axes: lineAxes('cumsum', axis, x.rank),
      reverse: options.reverse ?? false,
    }) as Tensor<S>
  },
)
