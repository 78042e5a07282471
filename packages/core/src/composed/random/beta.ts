import { add } from '../../ops/add.ts'
import { div } from '../../ops/div.ts'
import { maximum } from '../../ops/maximum.ts'
import { portableExp } from '../../ops/portableExp.ts'
import { stopGradient } from '../../ops/stopGradient.ts'
import { sub } from '../../ops/sub.ts'
import { expectOptions } from '../../shape/arguments.ts'
import type { RandomOptions } from '../../tensor/random.ts'
import { expectRng, type Rng } from '../../tensor/rng.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { logGamma } from './gamma.ts'
import { type DrawParameter, drawForm, drawn, expectPositive } from './parameters.ts'

/**
 * Numbers from the beta distribution, with the density proportional to x^(a - 1) (1 - x)^(b - 1) on (0, 1): one for every
 * pair of parameters, or a `shape` to which they broadcast. X / (X + Y) of two gamma draws, divided on a logarithmic scale,
 * so that small parameters work too. Gradients flow to both parameters, as those of `gamma` do.
 *
 * @example
 * ```ts
 * import { beta, Rng, tensor } from '@adjoint/core'
 * const a = tensor([2, 2], { requiresGrad: true })
 * beta(new Rng(0), a, 3).sum().backward()
 * a.grad?.shape // => [2]
 * ```
 * @throws ArgumentError for a parameter that is not positive; ShapeError when they do not broadcast to the shape.
 */
export function beta(
  rng: Rng,
  a: DrawParameter,
  b: DrawParameter,
  shape?: readonly number[],
  options: RandomOptions = {},
): Tensor {
  expectRng('beta', rng)
  expectOptions('beta', options, ['dtype'])
  expectPositive('beta', 'a', a)
  expectPositive('beta', 'b', b)
  const form = drawForm('beta', shape, options.dtype, { a, b })
  const x = logGamma('beta', rng, a, form.shape)
  const y = logGamma('beta', rng, b, form.shape)
  const largest = stopGradient(maximum(x, y))
  const [left, right] = [portableExp(sub(x, largest)), portableExp(sub(y, largest))]
  return drawn(div(left, add(left, right)), form)
}
