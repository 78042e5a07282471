import { type NumericArray, zerosOf } from '../array.ts'
import type { ExampleLoss } from './loss.ts'

/** What {@link connectionistTemporalClassification} takes. */
export interface TemporalClassificationInputs {
  /** Log-probabilities, `[batch, time, classes]`. */
  readonly y: NumericArray
  /** The labels of every example, `[batch][labels]`; as many as count. */
  readonly labels: readonly (readonly number[])[]
  /** How many time steps of every example count. Default: all. */
  readonly inputLengths?: readonly number[]
  /** Default 0. */
  readonly blank?: number
}

/**
 * Connectionist temporal classification by the forward-backward recursion. Let l' = (blank, l_1, blank, ..., l_L, blank)
 * with the places s = 0 ... 2L, and y_t(k) the log-probability of class k at time t. A path is at a place at every time; from
 * s it goes on to s, to s + 1, or to s + 2 when l'_(s+2) ≠ l'_s (never over a label, nor from a label to an equal one).
 *
 * α_t(s) = log of the probability of all beginnings of paths that are at s at time t, including y_t:
 *
 *     α_0(0) = y_0(blank),  α_0(1) = y_0(l_1),  −∞ elsewhere
 *     α_t(s) = y_t(l'_s) + log(e^α_{t−1}(s) + e^α_{t−1}(s−1) + [l'_s ≠ l'_{s−2}] e^α_{t−1}(s−2))
 *
 * β_t(s) = log of the probability of all ends of paths that are at s at time t, without y_t:
 *
 *     β_{T−1}(2L) = β_{T−1}(2L−1) = 0,  −∞ elsewhere
 *     β_t(s) = log(Σ over the places r that follow s of e^(y_{t+1}(l'_r) + β_{t+1}(r)))
 *
 * Every path is at one place at time t, so the probability of the labels is P = Σ_s e^(α_t(s) + β_t(s)) for any t, and
 * L = −log P. In the sum, e^(α_t(s)) contains the factor e^(y_t(l'_s)) and nothing else of time t does, so
 *
 *     ∂P/∂y_t(k) = Σ_{s: l'_s = k} e^(α_t(s) + β_t(s))
 *     ∂L/∂y_t(k) = −(1/P) ∂P/∂y_t(k) = −Σ_{s: l'_s = k} e^(α_t(s) + β_t(s) − log P)
 *
 * minus the probability, given the labels, of naming k at time t. An example without a path has L = ∞ and no direction in
 * which it would become finite: its derivative is taken as 0. No labels at all leave the one place 0.
 */
export const connectionistTemporalClassification: ExampleLoss<
  TemporalClassificationInputs,
  { readonly dy: NumericArray }
> = {
  name: 'connectionistTemporalClassification',
  forward: inputs => {
    const losses = zerosOf([inputs.labels.length], [inputs.y])
    for (let i = 0; i < losses.data.length; i++) losses.data[i] = -alphasOf(inputs, i).logP
    return losses
  },
  backward: inputs => {
    const { y, labels, dlosses } = inputs
    const [, time, classes] = y.shape as readonly number[] as [number, number, number]
    const dy = zerosOf(y.shape, [y, dlosses])
    for (let i = 0; i < labels.length; i++) {
      const { spelled, steps, alpha, logP } = alphasOf(inputs, i)
      if (logP === -Infinity) continue
      const S = spelled.length
      let beta = new Float64Array(S).fill(-Infinity)
      beta[S - 1] = 0
      if (S > 1) beta[S - 2] = 0
      for (let t = steps - 1; t >= 0; t--) {
        const at = (i * time + t) * classes
        for (let s = 0; s < S; s++) {
          const k = at + spelled[s]!
          dy.data[k] = dy.data[k]! - dlosses.data[i]! * Math.exp(alpha[t]![s]! + beta[s]! - logP)
        }
        const before = new Float64Array(S)
        for (let s = 0; s < S; s++) {
          const onward = (r: number): number => (r < S ? y.data[at + spelled[r]!]! + beta[r]! : -Infinity)
          const skips = s + 2 < S && spelled[s + 2] !== spelled[s]
          before[s] = logSum(onward(s), onward(s + 1), skips ? onward(s + 2) : -Infinity)
        }
        beta = before
      }
    }
    return { dy }
  },
}

/** α for all times of one example, and log P. */
function alphasOf(
  { y, labels, inputLengths, blank = 0 }: TemporalClassificationInputs,
  i: number,
): {
  readonly spelled: readonly number[]
  readonly steps: number
  readonly alpha: readonly Float64Array[]
  readonly logP: number
} {
  const [, time, classes] = y.shape as readonly number[] as [number, number, number]
  const steps = inputLengths?.[i] ?? time
  const spelled = [blank, ...labels[i]!.flatMap(label => [label, blank])]
  const S = spelled.length
  const alpha: Float64Array[] = []
  for (let t = 0; t < steps; t++) {
    const now = new Float64Array(S)
    for (let s = 0; s < S; s++) {
      const emitted = y.data[(i * time + t) * classes + spelled[s]!]!
      if (t === 0) {
        now[s] = s < 2 ? emitted : -Infinity
        continue
      }
      const before = alpha[t - 1]!
      const skips = s > 1 && spelled[s] !== spelled[s - 2]
      now[s] =
        emitted + logSum(before[s]!, s > 0 ? before[s - 1]! : -Infinity, skips ? before[s - 2]! : -Infinity)
    }
    alpha.push(now)
  }
  const last = alpha.at(-1)
  // Without time there is one path, the empty one, and it spells no labels.
  const logP =
    last === undefined
      ? S === 1
        ? 0
        : -Infinity
      : logSum(last[S - 1]!, S > 1 ? last[S - 2]! : -Infinity, -Infinity)
  return { spelled, steps, alpha, logP }
}

/** log(eᵃ + eᵇ + eᶜ), −∞ where all are. */
function logSum(a: number, b: number, c: number): number {
  const largest = Math.max(a, b, c)
  if (largest === -Infinity) return largest
  return largest + Math.log(Math.exp(a - largest) + Math.exp(b - largest) + Math.exp(c - largest))
}
