import { type Loss, lossOfElements, timesLog } from './loss.ts'

/** Settings of {@link poissonNegativeLogLikelihood}. */
export interface PoissonLossSettings {
  readonly logInput?: boolean
  readonly full?: boolean
  readonly epsilon?: number
}

/**
 * The negative logarithm of the Poisson probability e^(−λ) λ^y / y! of a count y, averaged over the n outputs of an example,
 * λ − y log λ + log y!:
 *
 *     x = log λ:   ℓ = eˣ − y x            ∂ℓ/∂x = eˣ − y
 *     x = λ:       ℓ = x − y log(x + ε)    ∂ℓ/∂x = 1 − y/(x + ε)
 *
 * log y! depends on no prediction. It is left out, or where y > 1 replaced by Stirling's y log y − y + ½ log(2π y).
 */
export function poissonNegativeLogLikelihood({
  logInput = true,
  full = false,
  epsilon = 1e-8,
}: PoissonLossSettings = {}): Loss {
  const constant = (y: number): number =>
    full && y > 1 ? y * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI * y) : 0
  return lossOfElements({
    name: 'poissonNegativeLogLikelihood',
    takes: 'activations',
    value: (x, y) =>
      (logInput ? Math.exp(x) - timesLog(y, x) : x - timesLog(y, Math.log(x + epsilon))) + constant(y),
    slope: (x, y) => (logInput ? Math.exp(x) - y : 1 - y / (x + epsilon)),
  })
}
