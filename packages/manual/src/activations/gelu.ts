import { type Activation, chainRule, mapEntries } from './activation.ts'
import { sigmoidOf } from './sigmoid.ts'

/**
 * The Gaussian error linear unit, g(z) = z Φ(z), where Φ is the distribution function of the normal law and φ = Φ' its
 * density (Hendrycks and Gimpel 2016). By the product rule,
 *
 *     da/dz = Φ(z) + z φ(z),     φ(z) = e^(−z²/2) / √(2π)
 *
 * With `'tanh'`, Φ is replaced by ½ (1 + tanh u) = σ(2u) with u = √(2/π) (z + 0.044715 z³). As σ' = σ(v) σ(−v),
 *
 *     da/dz = σ(2u) + z σ(2u) σ(−2u) 2u',     u' = √(2/π) (1 + 3 · 0.044715 z²)
 *
 * Φ(z) = ½ − ½ sign(z) P(½, z²/2) with the regularised incomplete gamma function P, for which there is a series where z is
 * small, Φ(z) = ½ + φ(z) Σ_k z^(2k + 1) / (1 · 3 · … · (2k + 1)), and a continued fraction where it is large,
 * 1 − Φ(z) = φ(z) / (z + 1/(z + 2/(z + 3/(z + …)))).
 */
export function gelu(approximate: 'none' | 'tanh' = 'none'): Activation {
  const [g, slope] = approximate === 'tanh' ? [byTanh, slopeByTanh] : [exact, exactSlope]
  return {
    name: 'gelu',
    forward: z => mapEntries(z, g),
    backward: inputs => chainRule('gelu.backward', inputs, slope),
  }
}

const exact = (z: number): number => z * distribution(z)
const exactSlope = (z: number): number => distribution(z) + z * density(z)

// ½ (1 + tanh u) is σ(2u), which keeps its digits where tanh u is close to −1.
const byTanh = (z: number): number => z * sigmoidOf(2 * inner(z))
const slopeByTanh = (z: number): number => {
  const v = 2 * inner(z)
  const slope = 2 * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * z * z)
  return sigmoidOf(v) + z * sigmoidOf(v) * sigmoidOf(-v) * slope
}
const inner = (z: number): number => Math.sqrt(2 / Math.PI) * (z + 0.044715 * z * z * z)

const density = (z: number): number => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)

/** Φ(z) by the series below 3, by the continued fraction, from its far end, beyond. */
function distribution(z: number): number {
  const x = Math.abs(z)
  const tail = x < 3 ? 0.5 - density(x) * series(x) : density(x) / fraction(x)
  return z < 0 ? tail : 1 - tail
}

function series(x: number): number {
  let [sum, term] = [x, x]
  for (let k = 1; term > sum * 1e-18; k++) {
    term *= (x * x) / (2 * k + 1)
    sum += term
  }
  return sum
}

function fraction(x: number): number {
  let rest = x
  for (let k = 100; k >= 1; k--) rest = x + k / rest
  return rest
}
