import { inverseNormal } from '../../backend/inverseNormal.ts'
import { div } from '../../ops/div.ts'
import { mul } from '../../ops/mul.ts'
import { portableExp } from '../../ops/portableExp.ts'
import { sqrt } from '../../ops/sqrt.ts'
import { expectOptions } from '../../shape/arguments.ts'
import { scalar } from '../../tensor/create.ts'
import type { RandomOptions } from '../../tensor/random.ts'
import { expectRng, type Rng } from '../../tensor/rng.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { logGamma } from './gamma.ts'
import { type DrawParameter, drawForm, drawn, expectPositive, noise } from './parameters.ts'

/**
 * Numbers from Student's t distribution: Z / sqrt(2 G / degrees) with a standard normal Z and a gamma draw G of concentration
 * degrees / 2. One for every number of degrees of freedom, or a `shape` to which they broadcast. Gradients flow to the
 * degrees.
 *
 * @example
 * ```ts
 * import { Rng, studentT } from '@adjoint/core'
 * studentT(new Rng(0), 4, [3]).shape // => [3]
 * ```
 * @throws ArgumentError for degrees that are not positive; ShapeError when they do not broadcast to the shape.
 */
export function studentT(
  rng: Rng,
  degrees: DrawParameter,
  shape?: readonly number[],
  options: RandomOptions = {},
): Tensor {
  expectRng('studentT', rng)
  expectOptions('studentT', options, ['dtype'])
  expectPositive('studentT', 'degrees', degrees)
  const form = drawForm('studentT', shape, options.dtype, { degrees })
  const freedom = typeof degrees === 'number' ? scalar(degrees, 'float64') : degrees
  const z = noise('studentT', rng, form.shape, 'float64', inverseNormal)
  const g = portableExp(logGamma('studentT', rng, mul(freedom as Tensor, 0.5), form.shape))
  return drawn(mul(z, sqrt(div(freedom as Tensor, mul(g, 2)))), form)
}
