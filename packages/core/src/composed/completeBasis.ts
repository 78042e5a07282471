import { add } from '../ops/add.ts'
import { concat } from '../ops/concat.ts'
import { expand } from '../ops/expand.ts'
import { matmul } from '../ops/matmul.ts'
import { mul } from '../ops/mul.ts'
import { swapLastAxes } from '../ops/permute.ts'
import { rowsOf } from '../ops/qrFactors.ts'
import { reflectionSigns } from '../ops/reflectionSigns.ts'
import { solve } from '../ops/solve.ts'
import { sub } from '../ops/sub.ts'
import { eye } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Matrices with orthonormal columns, and behind them columns that complete the basis, `[..., m, k] -> [..., m, m]`.
 *
 * With the top Q₁ and the rest Q₂ of Q D, for a diagonal D of signs, the columns of
 * [0; I] - ([I; 0] + Q D) (I + Q₁ᵀ)⁻¹ Q₂ᵀ are orthonormal, and orthogonal to Q: a formula that has derivatives.
 */
export function completeBasis(q: Tensor): Tensor {
  const [m, k] = q.shape.slice(-2) as [number, number]
  if (m === k) return q
  const options = { dtype: q.dtype }
  const signed = mul(q, reflectionSigns(rowsOf(q, 0, k)))
  const top = add(swapLastAxes(rowsOf(signed, 0, k)), eye(k, undefined, options))
  const inner = solve(top, swapLastAxes(rowsOf(signed, k)))
  const identity = eye(m, undefined, options)
  const [first, last] = [rowsOf(identity, 0, k), rowsOf(identity, k)]
  const others = sub(swapLastAxes(last), matmul(add(signed, swapLastAxes(first)), inner))
  return concat([q, expand(others, [...q.shape.slice(0, -2), m, m - k])], -1)
}
