import { add } from '../ops/add.ts'
import { mul } from '../ops/mul.ts'
import { pow } from '../ops/pow.ts'
import { square } from '../ops/square.ts'
import { sum } from '../ops/sum.ts'
import { unfold } from '../ops/unfold.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError } from '../shape/errors.ts'
import type { Shape } from '../shape/types.ts'
import { expectNumber } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { expectChannels } from './affine.ts'
import { pad } from './pad.ts'

/** Settings of {@link localResponseNorm}. */
export interface LocalResponseNormOptions {
  /** Factor of the mean square. Default 1e-4. */
  readonly alpha?: number
  /** Exponent of the divisor. Default 0.75. */
  readonly beta?: number
  /** Added to the mean square. Default 1. */
  readonly k?: number
}

/**
 * Every element divided by what its neighbours among the channels are: x / (k + alpha * m)^beta, where m is the mean square of
 * `size` channels around its own, those beyond the ends counted as 0. An even size reaches one further to the channels
 * before. `[batch, channels, ...space] -> [batch, channels, ...space]`. Where k is 0 and all neighbours are 0, it is NaN.
 * Source: A. Krizhevsky, I. Sutskever and G. Hinton, "ImageNet classification with deep convolutional neural networks", 2012,
 * whose alpha is that of here divided by `size`.
 *
 * @param size number of channels that are taken together
 * @example
 * ```ts
 * import { localResponseNorm, tensor } from '@adjoint/core'
 * const x = tensor([[[1], [2], [2]]])
 * localResponseNorm(x, 3, { alpha: 3, beta: 1, k: 1 }).toArray() // => [[[0.1667], [0.2], [0.2222]]]
 * ```
 * @throws ShapeError for fewer than two axes; ArgumentError for a size that is not whole and above 0.
 */
export function localResponseNorm<S extends Shape>(
  x: Tensor<S>,
  size: number,
  options: LocalResponseNormOptions = {},
): Tensor<S> {
  expectOptions('localResponseNorm', options, ['alpha', 'beta', 'k'])
  const { alpha = 1e-4, beta = 0.75, k = 1 } = options
  for (const [name, value] of Object.entries({ alpha, beta, k }))
    expectNumber('localResponseNorm', name, value)
  if (!Number.isInteger(size) || size < 1) {
    throw new ArgumentError('localResponseNorm', `size must be a whole number from 1 up, got ${size}.`)
  }
  const input = expectChannels('localResponseNorm', x as Tensor, 2, '[batch, channels, ...space]')
  const before = Math.floor(size / 2)
  const widths = input.shape.map((_, axis): readonly [number, number] =>
    axis === 1 ? [before, size - 1 - before] : [0, 0],
  )
  const neighbours = unfold(pad(square(input), widths), 1, size)
  const divisor = add(mul(sum(neighbours, -1), alpha / size), k)
  return mul(input, pow(divisor, -beta)) as unknown as Tensor<S>
}
