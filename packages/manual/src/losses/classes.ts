/** Targets of a classification with weights of classes, ignored examples and smoothing, as targets without. */
import { type NumericArray, zerosOf } from '../array.ts'

/** Settings of losses of classes. */
export interface ClassSettings {
  /** A factor w_k for every class. */
  readonly weight?: readonly number[]
  /** The class index of examples that take no part. */
  readonly ignoreIndex?: number
  /** The share ε of a target that is spread over all classes. */
  readonly labelSmoothing?: number
}

/**
 * A cross entropy −Σ_k q_k log p_k has targets q that need not sum to 1. With w_k, ε and n classes it is
 *
 * - for a distribution y: q_k = w_k ((1 − ε) y_k + ε/n), and the mean divides by the number of examples;
 * - for a class index t: q_k = (1 − ε) w_t [k = t] + (ε/n) w_k, and the mean divides by Σ_i w_{t_i}: the shares s_i = w_{t_i};
 * - for an example that is ignored: q = 0 and s = 0.
 *
 * So everything that was derived for q holds: of logits, ∂L/∂z_j = softmax(z)_j Σ_k q_k − q_j.
 */
export function effectiveTargets(
  classes: number,
  targets: readonly number[] | NumericArray,
  { weight, ignoreIndex, labelSmoothing = 0 }: ClassSettings = {},
): { readonly q: NumericArray; readonly shares: readonly number[] } {
  const w = (k: number): number => weight?.[k] ?? 1
  const indices = 'data' in targets ? undefined : targets
  const m = 'data' in targets ? targets.shape[0]! : targets.length
  const q = zerosOf([m, classes], 'data' in targets ? [targets] : [])
  const shares = new Array<number>(m).fill(1)
  for (let i = 0; i < m; i++) {
    const t = indices?.[i]
    if (t !== undefined && t === ignoreIndex) {
      shares[i] = 0
      continue
    }
    if (t !== undefined) shares[i] = w(t)
    for (let k = 0; k < classes; k++) {
      const y = 'data' in targets ? targets.data[i * classes + k]! : Number(k === t)
      const factor = t === undefined ? w(k) : w(t)
      q.data[i * classes + k] = (1 - labelSmoothing) * factor * y + (labelSmoothing / classes) * w(k)
    }
  }
  return { q, shares }
}
