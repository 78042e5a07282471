import { concat } from '../ops/concat.ts'
import { matmul } from '../ops/matmul.ts'
import { swapLastAxes } from '../ops/permute.ts'
import { qrFactors, rowsOf } from '../ops/qrFactors.ts'
import { trianglePart } from '../ops/triangularSolve.ts'
import { expectMatrices } from '../primitive/matrices.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, describe } from '../shape/errors.ts'
import { zeros } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { completeBasis } from './completeBasis.ts'

/** Settings of {@link qr}. */
export interface QrOptions {
  /**
   * `'reduced'`: Q is `[..., m, k]` and R `[..., k, n]` with k the smaller of m and n. `'complete'`: Q is `[..., m, m]` and R
   * `[..., m, n]`. Default `'reduced'`.
   */
  readonly mode?: 'reduced' | 'complete'
}

/** The factors A = Q R. */
export interface Qr {
  /** Orthonormal columns. */
  readonly q: Tensor
  /** Upper triangular, without a negative number on its diagonal. */
  readonly r: Tensor
}

/**
 * The factors A = Q R of matrices `[..., m, n]`, by Householder reflections. The diagonal of R has no negative number, which
 * makes the factors of a matrix of full rank unique. The gradient exists where the first min(m, n) columns are independent.
 *
 * @example
 * ```ts
 * import { qr, tensor } from '@adjoint/core'
 * const { q, r } = qr(tensor([[3, 1], [4, 2]]))
 * q.toArray() // => [[0.6, -0.8], [0.8, 0.6]]
 * r.toArray() // => [[5, 2.2], [0, 0.4]]
 * ```
 * @throws ArgumentError when the gradient is asked for where columns depend on each other.
 */
export function qr(a: Tensor, options: QrOptions = {}): Qr {
  expectOptions('qr', options, ['mode'])
  const { mode = 'reduced' } = options
  if (mode !== 'reduced' && mode !== 'complete') {
    throw new ArgumentError('qr', `the mode is 'reduced' or 'complete', got ${describe(mode)}.`)
  }
  const [m, n] = expectMatrices('qr', a).shape.slice(-2) as [number, number]
  if (m < n) {
    // The first columns alone determine Q; the others are turned into its basis.
    const columns = swapLastAxes(a)
    const { q, r } = qr(swapLastAxes(rowsOf(columns, 0, m)))
    return { q, r: concat([r, matmul(swapLastAxes(q), swapLastAxes(rowsOf(columns, m)))], -1) }
  }
  const packed = qrFactors(a)
  const q = rowsOf(packed, 0, m)
  // What is below the diagonal is 0 already; the mask keeps cotangents away from it.
  const r = trianglePart(swapLastAxes(rowsOf(packed, m)), false, false)
  if (mode === 'reduced' || m === n) return { q, r }
  const below = zeros([...(a.shape.slice(0, -2) as readonly number[]), m - n, n], { dtype: r.dtype })
  return { q: completeBasis(q), r: concat([r, below], -2) }
}
