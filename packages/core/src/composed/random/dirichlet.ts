import { div } from '../../ops/div.ts'
import { max } from '../../ops/max.ts'
import { portableExp } from '../../ops/portableExp.ts'
import { stopGradient } from '../../ops/stopGradient.ts'
import { sub } from '../../ops/sub.ts'
import { sum } from '../../ops/sum.ts'
import { expectOptions } from '../../shape/arguments.ts'
import { ArgumentError } from '../../shape/errors.ts'
import { expectShapeArgument } from '../../shape/shape.ts'
import { expectTensor } from '../../tensor/create.ts'
import type { RandomOptions } from '../../tensor/random.ts'
import { expectRng, type Rng } from '../../tensor/rng.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { logGamma } from './gamma.ts'
import { drawForm, drawn } from './parameters.ts'

const LAST = { keepDims: true } as const

/**
 * Points of the simplex from the Dirichlet distribution: concentrations `[..., k]` give positive numbers `[..., k]` that add
 * up to 1 along the last axis, with the density proportional to Π xᵢ^(concentrationᵢ - 1). `shape` is that of the axes in
 * front: `[...shape, k]` is the result. Gamma draws over their sum, divided on a logarithmic scale, so that small
 * concentrations work too. Gradients flow to the concentrations, as those of `gamma` do.
 *
 * @example
 * ```ts
 * import { dirichlet, Rng, tensor } from '@adjoint/core'
 * const x = dirichlet(new Rng(0), tensor([1, 2, 3]), [4])
 * x.shape // => [4, 3]
 * x.sum(1).toArray() // => [1, 1, 1, 1]
 * ```
 * @throws ArgumentError for a concentration that is not positive, or a 0-d one; ShapeError when they do not broadcast to the
 * shape.
 */
export function dirichlet(
  rng: Rng,
  concentration: Tensor,
  shape?: readonly number[],
  options: RandomOptions = {},
): Tensor {
  expectRng('dirichlet', rng)
  expectOptions('dirichlet', options, ['dtype'])
  const { rank, shape: given } = expectTensor('dirichlet', concentration)
  if (rank === 0 || given[rank - 1] === 0) {
    throw new ArgumentError('dirichlet', 'the concentrations need an axis of at least one element.')
  }
  const whole = shape && [...expectShapeArgument('dirichlet', shape), given[rank - 1]!]
  const form = drawForm('dirichlet', whole, options.dtype, { concentration })
  const logarithms = logGamma('dirichlet', rng, concentration, form.shape)
  const parts = portableExp(sub(logarithms, stopGradient(max(logarithms, -1, LAST))))
  return drawn(div(parts, sum(parts, -1, LAST)), form)
}
