import { expectOptions, formatShape } from '@adjoint/core/engine'
import { ArgumentError, normal, permutation, tensor } from '@adjoint/core/functional'
import { expectNumber, expectRng, type Initializer } from './initializer.ts'

/** Settings of {@link sparse}. */
export interface SparseOptions {
  /** The part of each column that is 0, rounded up to whole entries. */
  readonly sparsity: number
  /** Standard deviation of the others. Default 0.01. */
  readonly std?: number
}

/**
 * A weight `[out, in]` of which each column, the outgoing connections of one input, has a fixed number of zeros at random
 * places; the others are normal. Martens, Deep learning via Hessian-free optimization, 2010.
 *
 * @throws ArgumentError for a sparsity outside of [0, 1] or a negative std; when it is called, unless the shape has two axes.
 */
export function sparse(options: SparseOptions): Initializer {
  expectOptions('initializers.sparse', options, ['sparsity', 'std'])
  const { sparsity, std = 0.01 } = options
  expectNumber('sparse', 'std', std, 0)
  if (!(sparsity >= 0 && sparsity <= 1)) {
    throw new ArgumentError('initializers.sparse', `sparsity must be from 0 to 1, got ${sparsity}.`)
  }
  return (shape, { rng: given, dtype }) => {
    const [rows, columns] = shape
    if (shape.length !== 2) {
      throw new ArgumentError('initializers.sparse', `needs a weight [out, in], got ${formatShape(shape)}.`)
    }
    const rng = expectRng('sparse', given)
    const zeros = Math.ceil(sparsity * rows!)
    const data = normal(rng, [rows!, columns!], { std, dtype: 'float64' }).data()
    for (let column = 0; column < columns!; column++) {
      for (const row of permutation(rng, rows!).subarray(0, zeros)) data[row * columns! + column] = 0
    }
    return tensor(data, { shape, dtype })
  }
}
