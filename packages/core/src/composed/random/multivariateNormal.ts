import { inverseNormal } from '../../backend/inverseNormal.ts'
import { add } from '../../ops/add.ts'
import { cholesky } from '../../ops/cholesky.ts'
import { matmul } from '../../ops/matmul.ts'
import { reshape } from '../../ops/reshape.ts'
import { expectOptions } from '../../shape/arguments.ts'
import { tryBroadcast } from '../../shape/broadcast.ts'
import { formatShape, ShapeError } from '../../shape/errors.ts'
import { promote } from '../../storage/dtype.ts'
import { expectTensor } from '../../tensor/create.ts'
import type { RandomOptions } from '../../tensor/random.ts'
import { expectRng, type Rng } from '../../tensor/rng.ts'
import { Tensor } from '../../tensor/tensor.ts'
import { drawForm, drawn, noise } from './parameters.ts'

/** The spread of a {@link multivariateNormal}: its covariance, or a matrix L with L Lᵀ the covariance. */
export type Covariance = Tensor | { readonly factor: Tensor }

/**
 * Vectors from the normal distribution with a mean `[..., n]` and a covariance `[..., n, n]`: mean + L z, where L is the
 * Cholesky factor of the covariance and z standard normal. Whoever has L already passes `{ factor: L }`. The axes in front
 * broadcast; `shape` says what they are in the result, `[...shape, n]`. Gradients flow to the mean and to the covariance, or
 * the factor.
 *
 * @example
 * ```ts
 * import { multivariateNormal, Rng, tensor } from '@adjoint/core'
 * const mean = tensor([1, -1], { requiresGrad: true })
 * const x = multivariateNormal(new Rng(0), mean, tensor([[4, 2], [2, 10]]), [1000])
 * x.shape // => [1000, 2]
 * x.sum().backward()
 * mean.grad?.toArray() // => [1000, 1000]
 * ```
 * @throws ShapeError when mean and covariance do not fit together, or to the shape; ArgumentError for a covariance that is
 * not positive definite.
 */
export function multivariateNormal(
  rng: Rng,
  mean: Tensor,
  covariance: Covariance,
  shape?: readonly number[],
  options: RandomOptions = {},
): Tensor {
  expectRng('multivariateNormal', rng)
  expectOptions('multivariateNormal', options, ['dtype'])
  const op = 'multivariateNormal'
  const spread = expectTensor(op, covariance instanceof Tensor ? covariance : covariance?.factor)
  const n = expectTensor(op, mean).shape.at(-1)
  const [batch, matrix] = [spread.shape.slice(0, -2), spread.shape.slice(-2)]
  const common = tryBroadcast(mean.shape.slice(0, -1), batch)
  if (n === undefined || matrix[0] !== n || matrix[1] !== n || common === undefined) {
    throw new ShapeError(
      op,
      `a mean [..., n] needs a covariance [..., n, n], got ${formatShape(mean.shape)} and ${formatShape(spread.shape)}.`,
      [mean.shape, spread.shape],
    )
  }
  const front = shape ?? common
  if (tryBroadcast(common, front)?.join() !== front.join()) {
    throw new ShapeError(
      op,
      `mean ${formatShape(mean.shape)} and covariance ${formatShape(spread.shape)} do not broadcast to ${formatShape([...front, n])}.`,
      [mean.shape, spread.shape],
    )
  }
  const asked = options.dtype ?? (promote(mean.dtype, spread.dtype) as RandomOptions['dtype'])
  const form = drawForm(op, [...front, n], asked, {})
  const factor = covariance instanceof Tensor ? cholesky(spread) : spread
  const z = noise(op, rng, [...front, n, 1], form.dtype, inverseNormal)
  return drawn(add(reshape(matmul(factor, z) as Tensor, form.shape), mean), form)
}
