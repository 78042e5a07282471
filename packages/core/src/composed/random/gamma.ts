import { div } from '../../ops/div.ts'
import { logGammaQuantile } from '../../ops/logGammaQuantile.ts'
import { portableExp } from '../../ops/portableExp.ts'
import { expectOptions } from '../../shape/arguments.ts'
import { scalar } from '../../tensor/create.ts'
import type { RandomOptions } from '../../tensor/random.ts'
import { expectRng, type Rng } from '../../tensor/rng.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type DrawParameter, drawForm, drawn, expectPositive, uniformNoise } from './parameters.ts'

/** Settings of {@link gamma}. */
export interface GammaOptions extends RandomOptions {
  /** One over the scale. Default 1. */
  readonly rate?: DrawParameter
}

/**
 * Numbers from the gamma distribution, with the density proportional to x^(concentration - 1) e^(-rate x): one for every
 * parameter, or a `shape` to which they broadcast.
 *
 * Gradients flow to both parameters. A draw is the quantile of a uniform number, and its derivative with respect to the
 * concentration the implicit one, -(∂F/∂α) / (∂F/∂x) with the distribution function F (M. Figurnov, S. Mohamed and A. Mnih,
 * "Implicit reparameterization gradients", 2018), to about 14 digits. Derivatives up to the fourth exist; the fifth is
 * refused.
 *
 * @example
 * ```ts
 * import { gamma, Rng, tensor } from '@adjoint/core'
 * const concentration = tensor([0.5, 2, 100], { requiresGrad: true })
 * const x = gamma(new Rng(0), concentration)
 * x.sum().backward()
 * x.toArray() // => [0.1519, 1.1375, 96.9857]
 * concentration.grad?.toArray() // => [0.669, 0.8067, 0.9864]
 * ```
 * @throws ArgumentError for a concentration or a rate that is not positive; ShapeError when they do not broadcast to the
 * shape.
 */
export function gamma(
  rng: Rng,
  concentration: DrawParameter,
  shape?: readonly number[],
  options: GammaOptions = {},
): Tensor {
  expectRng('gamma', rng)
  expectOptions('gamma', options, ['rate', 'dtype'])
  const { rate = 1, dtype } = options
  expectPositive('gamma', 'concentration', concentration)
  expectPositive('gamma', 'rate', rate)
  const form = drawForm('gamma', shape, dtype, { concentration, rate })
  const x = portableExp(logGamma('gamma', rng, concentration, form.shape))
  return drawn(rate === 1 ? x : div(x, rate as Tensor), form)
}

/** Logarithms of standard gamma draws, in float64. */
export function logGamma(
  op: string,
  rng: Rng,
  concentration: DrawParameter,
  shape: readonly number[],
): Tensor {
  const alpha = typeof concentration === 'number' ? scalar(concentration, 'float64') : concentration
  return logGammaQuantile(alpha as Tensor, uniformNoise(op, rng, shape))
}
