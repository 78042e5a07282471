import { averageOverExamples, derivativeOfExamples, type Loss } from './loss.ts'

/** Settings of {@link multiMargin}. */
export interface MultiMarginSettings {
  readonly power?: 1 | 2
  readonly margin?: number
  readonly weight?: readonly number[]
}

/**
 * The hinge loss of n classes; y is one-hot, with its 1 at the target class t:
 *
 *     L = (w_t/n) Σ_{k ≠ t} h_k^p,   h_k = max(0, c − x_t + x_k)
 *
 * Each h_k that is above 0 has ∂h_k/∂x_k = 1 and ∂h_k/∂x_t = −1, so that with g_k = (w_t/n) p h_k^(p−1) [h_k > 0]
 *
 *     ∂L/∂x_k = g_k  for k ≠ t,      ∂L/∂x_t = −Σ_{k ≠ t} g_k
 */
export function multiMargin({ power = 1, margin = 1, weight }: MultiMarginSettings = {}): Loss {
  const factor = (t: number, n: number): number => (weight?.[t] ?? 1) / n
  return {
    name: 'multiMargin',
    takes: 'logits',
    forward: inputs =>
      averageOverExamples('multiMargin.forward', inputs, (x, y) => {
        const t = y.indexOf(1)
        let sum = 0
        for (let k = 0; k < x.length; k++) if (k !== t) sum += Math.max(0, margin - x[t]! + x[k]!) ** power
        return factor(t, x.length) * sum
      }),
    backward: inputs =>
      derivativeOfExamples('multiMargin.backward', inputs, (x, y, dx) => {
        const t = y.indexOf(1)
        dx.fill(0)
        for (let k = 0; k < x.length; k++) {
          const h = margin - x[t]! + x[k]!
          if (k === t || h <= 0) continue
          const g = factor(t, x.length) * (power === 1 ? 1 : 2 * h)
          dx[k] = dx[k]! + g
          dx[t] = dx[t]! - g
        }
      }),
  }
}
