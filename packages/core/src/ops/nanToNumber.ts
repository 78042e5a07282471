import { apply } from '../graph/apply.ts'
import { unaryPrimitive } from '../primitive/elementwise.ts'
import { type Op, op } from '../primitive/primitive.ts'
import { expectOptions } from '../shape/arguments.ts'
import type { Shape } from '../shape/types.ts'
import { expectNumber, expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { isFinite as areFinite } from './isFinite.ts'

const LARGEST_FLOAT32 = 3.4028234663852886e38

const primitive = /* @__PURE__ */ unaryPrimitive({
  name: 'nanToNumber',
  dtype: 'same',
  loop: (count, x, xAt, xStep, out, outAt, outStep, attributes) => {
    const nan = attributes.nan as number
    const positive = attributes.positiveInfinity as number
    const negative = attributes.negativeInfinity as number
    for (let i = 0; i < count; i++) {
      const value = x[xAt + i * xStep]!
      out[outAt + i * outStep] = Number.isFinite(value)
        ? value
        : Number.isNaN(value)
          ? nan
          : value > 0
            ? positive
            : negative
    }
  },
  derivative: ({ inputs }) => areFinite(inputs[0]!),
  keeps: 'inputs',
  domain: 'real',
  sampleAttributes: draw => ({ nan: draw.integer(-1, 1), positiveInfinity: 1e6, negativeInfinity: -1e6 }),
})

/** What {@link nanToNumber} writes. */
export interface NanToNumberOptions {
  /** Instead of NaN; 0 by default. */
  readonly nan?: number
  /** Instead of infinity; the largest number of the dtype by default. */
  readonly positiveInfinity?: number
  /** Instead of -infinity; the smallest number of the dtype by default. */
  readonly negativeInfinity?: number
}

/**
 * x with numbers in place of NaN and the infinities. `d nanToNumber = dx` where x is finite.
 *
 * Kink policy: where a number was put in place, the derivative is 0.
 *
 * @example
 * ```ts
 * import { nanToNumber, tensor } from '@adjoint/core'
 * nanToNumber(tensor([NaN, Infinity, 2]), { positiveInfinity: 9 }).toArray() // => [0, 9, 2]
 * ```
 */
export const nanToNumber: Op<<S extends Shape>(x: Tensor<S>, options?: NanToNumberOptions) => Tensor<S>> =
  /* @__PURE__ */ op(primitive, <S extends Shape>(x: Tensor<S>, options: NanToNumberOptions = {}) => {
    expectOptions('nanToNumber', options, ['nan', 'positiveInfinity', 'negativeInfinity'])
    const input = expectTensor('nanToNumber', x)
    const largest = input.dtype === 'float32' ? LARGEST_FLOAT32 : Number.MAX_VALUE
    const { nan = 0, positiveInfinity = largest, negativeInfinity = -largest } = options
    return apply(primitive, [input], {
      nan: expectNumber('nanToNumber', 'nan', nan),
      positiveInfinity: expectNumber('nanToNumber', 'positiveInfinity', positiveInfinity),
      negativeInfinity: expectNumber('nanToNumber', 'negativeInfinity', negativeInfinity),
    }) as Tensor<S>
  })
