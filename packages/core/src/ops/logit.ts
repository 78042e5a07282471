import { apply } from '../graph/apply.ts'
import { unaryPrimitive } from '../primitive/elementwise.ts'
import { NO_ATTRIBUTES, type Op, op } from '../primitive/primitive.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, describe } from '../shape/errors.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { add } from './add.ts'
import { clip } from './clip.ts'
import { reciprocal } from './reciprocal.ts'
import { sub } from './sub.ts'

const primitive = /* @__PURE__ */ unaryPrimitive({
  name: 'logit',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = logOdds(x[xAt + i * xStep]!)
  },
  // The sum of two positive terms, where 1 / (x (1 - x)) would have derivatives of 0 times infinity at 0 and 1.
  derivative: ({ inputs: [x] }) => add(reciprocal(x!), reciprocal(sub(1, x!))),
  keeps: 'inputs',
  domain: 'probability',
})

/** log(x / (1 - x)); around 1/2, where that is small, 2 artanh(2x - 1). */
function logOdds(x: number): number {
  return x > 0.25 && x < 0.75 ? 2 * Math.atanh(2 * x - 1) : Math.log(x / (1 - x))
}

/** Settings of {@link logit}. */
export interface LogitOptions {
  /** Brings x to between epsilon and 1 - epsilon first, as `clip` does. Not done unless given. */
  readonly epsilon?: number
}

/**
 * The logarithm of the odds, log(x / (1 - x)), of a probability: the inverse of `sigmoid`. NaN outside of [0, 1].
 * `d logit = dx / (x (1 - x))`
 *
 * Kink policy: infinite at 0 and 1, value and derivative; a cotangent that is exactly 0 contributes 0. With epsilon, the
 * derivative is 0 where x was brought in, and that of the function at the bounds themselves.
 *
 * @example
 * ```ts
 * import { logit, tensor } from '@adjoint/core'
 * logit(tensor([0, 0.5, 1])).toArray() // => [-Infinity, 0, Infinity]
 * ```
 * @throws ArgumentError when epsilon is no number between 0 and 1/2.
 */
export const logit: Op<<S extends Shape>(x: Tensor<S>, options?: LogitOptions) => Tensor<S>> =
  /* @__PURE__ */ op(primitive, <S extends Shape>(x: Tensor<S>, options?: LogitOptions) => {
    expectOptions('logit', options, ['epsilon'])
    const input = expectTensor('logit', x) as Tensor<S>
    const epsilon = options?.epsilon
    if (epsilon === undefined) return apply(primitive, [input], NO_ATTRIBUTES) as Tensor<S>
    if (!(epsilon >= 0 && epsilon <= 0.5))
      throw new ArgumentError('logit', `epsilon must be between 0 and 0.5, got ${describe(epsilon)}.`)
    return apply(primitive, [clip(input, { low: epsilon, high: 1 - epsilon })], NO_ATTRIBUTES) as Tensor<S>
  })
