import { add } from '../../ops/add.ts'
import { mul } from '../../ops/mul.ts'
import { sub } from '../../ops/sub.ts'
import { expectOptions } from '../../shape/arguments.ts'
import { ArgumentError } from '../../shape/errors.ts'
import type { Plain } from '../../shape/types.ts'
import { fillDraws, type RandomOptions } from '../../tensor/random.ts'
import { expectRng, type Rng } from '../../tensor/rng.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type DrawParameter, drawForm, drawn } from './parameters.ts'

/** Settings of {@link uniform}. */
export interface UniformOptions extends RandomOptions {
  /** Smallest number, included. Default 0. */
  readonly low?: DrawParameter
  /** Largest number, excluded. Default 1. */
  readonly high?: DrawParameter
}

/**
 * Numbers uniform in [low, high), rounded to the dtype. The bounds are numbers, or tensors that broadcast to `shape`: then
 * the draw is low + (high - low) u, which rounding may take to high itself, and gradients flow to both. `d uniform = (1 - u) dlow + u dhigh`
 *
 * @example
 * ```ts
 * import { Rng, uniform } from '@adjoint/core'
 * uniform(new Rng(0), [2, 3], { low: -1 }).shape // => [2, 3]
 * ```
 * @throws ArgumentError unless low and high are finite and low is not above high; ShapeError when a bound does not
 * broadcast to the shape.
 */
export function uniform<const S extends readonly number[]>(
  rng: Rng,
  shape: S,
  options: UniformOptions = {},
): Tensor<Plain<S>> {
  expectRng('uniform', rng)
  expectOptions('uniform', options, ['low', 'high', 'dtype'])
  const { low = 0, high = 1, dtype } = options
  if (typeof low === 'number' && typeof high === 'number') {
    if (!(Number.isFinite(high - low) && low <= high)) {
      throw new ArgumentError(
        'uniform',
        `low (${low}) and high (${high}) must be finite, and low not above high.`,
      )
    }
    const form = drawForm('uniform', shape, dtype, {})
    const round = form.dtype === 'float32' ? Math.fround : (value: number) => value
    return fillDraws('uniform', rng, shape, form.dtype, u => {
      const value = round(low + (high - low) * u)
      // Rounding may reach `high` itself, which is not in the interval.
      return value < high ? value : low
    })
  }
  const form = drawForm('uniform', shape, dtype, { low, high })
  const u = fillDraws('uniform', rng, form.shape, form.dtype, u => u) as Tensor
  const value = add(mul(u, sub(high as Tensor, low as Tensor)), low as Tensor)
  return drawn(value, form) as unknown as Tensor<Plain<S>>
}
