import { add } from '../../ops/add.ts'
import { argmax } from '../../ops/argmax.ts'
import { cast } from '../../ops/cast.ts'
import { div } from '../../ops/div.ts'
import { equal } from '../../ops/equal.ts'
import { reshape } from '../../ops/reshape.ts'
import { softmax } from '../../ops/softmax.ts'
import { expectOptions } from '../../shape/arguments.ts'
import { normalizeAxis } from '../../shape/shape.ts'
import type { Shape } from '../../shape/types.ts'
import { arange, expectTensor } from '../../tensor/create.ts'
import { expectRng, type Rng } from '../../tensor/rng.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { straightThrough } from '../straightThrough.ts'
import { standardGumbel } from './gumbel.ts'
import { drawForm, expectPositive, noise } from './parameters.ts'

/** Settings of {@link gumbelSoftmax}. */
export interface GumbelSoftmaxOptions {
  /** Small ones come close to one class and have gradients of large variance. Default 1. */
  readonly temperature?: number
  /** The value is the drawn class as zeros and a one, the gradient that of the soft draw. Default false. */
  readonly hard?: boolean
}

/**
 * A draw of classes that gradients flow through: softmax((logits + g) / temperature) along an axis (the last one by
 * default), with Gumbel numbers g.
 * `[...s] -> [...s]`. Its largest entry is class i with probability softmax(logits)ᵢ. With `hard` the value is that class,
 * one-hot, and the gradient is the straight-through one (E. Jang, S. Gu and B. Poole, 2017; C. Maddison, A. Mnih and
 * Y. Teh, 2017).
 *
 * Which class is largest is the same on every machine; the soft entries are as exact as `softmax`.
 *
 * @example
 * ```ts
 * import { gumbelSoftmax, Rng, tensor } from '@adjoint/core'
 * const logits = tensor([0, 1, 2], { requiresGrad: true })
 * gumbelSoftmax(new Rng(0), logits, -1, { hard: true }).toArray() // => [0, 0, 1]
 * gumbelSoftmax(new Rng(0), logits).sum().item() // => 1
 * ```
 * @throws ArgumentError unless the temperature is above 0; AxisError when the axis is outside of the rank.
 */
export function gumbelSoftmax<S extends Shape>(
  rng: Rng,
  logits: Tensor<S>,
  axis = -1,
  options: GumbelSoftmaxOptions = {},
): Tensor<S> {
  expectRng('gumbelSoftmax', rng)
  expectOptions('gumbelSoftmax', options, ['temperature', 'hard'])
  const { temperature = 1, hard = false } = options
  const x = expectTensor('gumbelSoftmax', logits as Tensor)
  const at = normalizeAxis('gumbelSoftmax', axis, x.rank)
  expectPositive('gumbelSoftmax', 'temperature', temperature)
  const { dtype } = drawForm('gumbelSoftmax', undefined, undefined, { logits: x, temperature })
  const added = add(x, noise('gumbelSoftmax', rng, x.shape, dtype, standardGumbel))
  const soft = softmax(div(added, temperature), at)
  if (!hard) return soft as Tensor<S>
  const places = x.shape.map((size, k) => (k === at ? size : 1))
  const classes = reshape(arange(0, x.shape[at]!, 1, { dtype: 'int32' }) as Tensor, places)
  const chosen = equal(classes, argmax(added, at, { keepDims: true }))
  return straightThrough(soft, cast(chosen, soft.dtype)) as Tensor<S>
}
