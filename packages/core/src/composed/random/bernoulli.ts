import { bernoulliQuantile } from '../../ops/bernoulliQuantile.ts'
import { scalar } from '../../tensor/create.ts'
import { fillDraws } from '../../tensor/random.ts'
import { expectRng, type Rng } from '../../tensor/rng.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type DrawParameter, drawForm } from './parameters.ts'

/**
 * True with a probability, false without: one draw for every probability, or a `shape` to which they broadcast. Dtype bool.
 * Probability 0 is never true, 1 always.
 *
 * A constant: the value jumps. What is learned from such draws is weighed by its probability, or goes through
 * `gumbelSoftmax`.
 *
 * @example
 * ```ts
 * import { bernoulli, Rng, tensor } from '@adjoint/core'
 * bernoulli(new Rng(0), tensor([0, 0.5, 1])).toArray() // => [false, true, true]
 * bernoulli(new Rng(0), 0.25, [1000]).mean().item() // => 0.241
 * ```
 * @throws ArgumentError for a probability outside of [0, 1]; ShapeError when they do not broadcast to the shape.
 */
export function bernoulli(rng: Rng, probabilities: DrawParameter, shape?: readonly number[]): Tensor {
  expectRng('bernoulli', rng)
  const form = drawForm('bernoulli', shape, undefined, { probabilities })
  const u = fillDraws('bernoulli', rng, form.shape, 'float64', u => u) as Tensor
  return bernoulliQuantile(
    typeof probabilities === 'number' ? scalar(probabilities, 'float64') : probabilities,
    u,
  )
}
