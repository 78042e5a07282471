import type { Activation } from './activation.ts'
import { gatedBy } from './glu.ts'
import { sigmoidOf } from './sigmoid.ts'

/**
 * Gated units whose gate is the first half (Shazeer 2020): a = silu(u) ∗ v, where u is the first half of the units of an
 * example and v the second. With silu(u) = u σ(u) and σ(−u) = 1 − σ(u),
 *
 *     dv = da ∗ silu(u)      du = da ∗ v ∗ σ(u) (1 + u σ(−u))
 */
export const swiglu: Activation = gatedBy(
  'swiglu',
  u => u * sigmoidOf(u),
  u => sigmoidOf(u) * (1 + u * sigmoidOf(-u)),
  true,
)
