import { type NumericArray, zerosOf } from '../array.ts'

/** What `scaledDotProductAttention.forward` takes; every one of the B problems is by itself. */
export interface AttentionForwardInputs {
  /** Q, (B, n, d) */
  readonly query: NumericArray
  /** K, (B, m, d) */
  readonly key: NumericArray
  /** V, (B, m, v) */
  readonly value: NumericArray
  /** M, (B, n, m): added to the scores, −∞ where a key takes no part. */
  readonly mask: NumericArray | null
  /** D, (B, n, m): what weights are multiplied with, 0 or 1 / (1 − rate). */
  readonly dropoutMask: NumericArray | null
  /** s; 1/√d as a rule. */
  readonly scale: number
}

/** What attention gives. */
export interface AttentionOutputs {
  /** O, (B, n, v) */
  readonly output: NumericArray
  /** A, (B, n, m): the weights after dropout. */
  readonly weights: NumericArray
}

/** The same, and dO and dA, the derivatives of L with respect to both outputs. */
export interface AttentionBackwardInputs extends AttentionForwardInputs {
  readonly doutput: NumericArray
  /** Null when nothing depends on the weights but the output. */
  readonly dweights: NumericArray | null
}

/** Derivatives of L. */
export interface AttentionGradients {
  readonly dquery: NumericArray
  readonly dkey: NumericArray
  readonly dvalue: NumericArray
  /** (B, n, m), also the derivative with respect to the scores. */
  readonly dmask: NumericArray
}

/**
 * Scaled dot product attention. For one of the B problems, with queries i, keys j, k and features c:
 *
 *     S_ij = s Σ_c Q_ic K_jc + M_ij      P_ij = e^S_ij / Σ_k e^S_ik      A = P ∘ D      O_ic = Σ_j A_ij V_jc
 *
 * and P_ij = 0 for all j in a row where every S_ij is −∞. From dO and dA to dP, because O depends on A as well:
 *
 *     dV_jc = Σ_i A_ij dO_ic      dP_ij = D_ij (dA_ij + Σ_c dO_ic V_jc)
 *
 * **The Jacobian of softmax.** Only the row i of S matters to the row i of P. With Z = Σ_k e^S_ik,
 *
 *     ∂P_ij/∂S_ik = (δ_jk e^S_ij Z − e^S_ij e^S_ik) / Z² = P_ij (δ_jk − P_ik)
 *
 * so that dS_ik = Σ_j dP_ij P_ij (δ_jk − P_ik) = P_ik (dP_ik − Σ_j dP_ij P_ij). Where P_ik = 0, a key that takes no part, dS_ik = 0.
 * The rest is two products:
 *
 *     dM = dS      dQ_ic = s Σ_j dS_ij K_jc      dK_jc = s Σ_i dS_ij Q_ic
 */
export const scaledDotProductAttention: {
  forward(inputs: AttentionForwardInputs): AttentionOutputs
  backward(inputs: AttentionBackwardInputs): AttentionGradients
} = {
  forward: inputs => {
    const { query, key, value, dropoutMask } = inputs
    const [B, n, m] = [query.shape[0]!, query.shape[1]!, key.shape[1]!]
    const v = value.shape[2]!
    const P = softmaxOfScores(inputs)
    const weights = zerosOf([B, n, m], [query, key])
    const output = zerosOf([B, n, v], [query, key, value])
    for (let b = 0; b < B; b++) {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < m; j++) {
          const ij = (b * n + i) * m + j
          weights.data[ij] = P.data[ij]! * (dropoutMask === null ? 1 : dropoutMask.data[ij]!)
          for (let c = 0; c < v; c++)
            output.data[(b * n + i) * v + c]! += weights.data[ij]! * value.data[(b * m + j) * v + c]!
        }
      }
    }
    return { output, weights }
  },

  backward: inputs => {
    const { doutput, dweights, query, key, value, dropoutMask, scale } = inputs
    const [B, n, d] = query.shape as [number, number, number]
    const [m, v] = [key.shape[1]!, value.shape[2]!]
    const P = softmaxOfScores(inputs)
    const dquery = zerosOf(query.shape, [doutput, query])
    const dkey = zerosOf(key.shape, [doutput, key])
    const dvalue = zerosOf(value.shape, [doutput, value])
    const dS = zerosOf([B, n, m], [doutput, query])
    const dP = new Float64Array(m)
    for (let b = 0; b < B; b++) {
      for (let i = 0; i < n; i++) {
        const row = (b * n + i) * m
        // dV_jc = Σ_i A_ij dO_ic and dP_ij = D_ij (dA_ij + Σ_c dO_ic V_jc)
        let total = 0
        for (let j = 0; j < m; j++) {
          const D = dropoutMask === null ? 1 : dropoutMask.data[row + j]!
          let dA = dweights === null ? 0 : dweights.data[row + j]!
          for (let c = 0; c < v; c++) {
            const dO = doutput.data[(b * n + i) * v + c]!
            dvalue.data[(b * m + j) * v + c]! += P.data[row + j]! * D * dO
            dA += dO * value.data[(b * m + j) * v + c]!
          }
          dP[j] = D * dA
          total += dP[j]! * P.data[row + j]!
        }
        // dS_ij = P_ij (dP_ij − Σ_k dP_ik P_ik), then dQ and dK
        for (let j = 0; j < m; j++) {
          const dSij = P.data[row + j]! * (dP[j]! - total)
          dS.data[row + j] = dSij
          for (let c = 0; c < d; c++) {
            dquery.data[(b * n + i) * d + c]! += scale * dSij * key.data[(b * m + j) * d + c]!
            dkey.data[(b * m + j) * d + c]! += scale * dSij * query.data[(b * n + i) * d + c]!
          }
        }
      }
    }
    return { dquery, dkey, dvalue, dmask: dS }
  },
}

/** P, (B, n, m): each row less its largest score, so that no e^S overflows. */
function softmaxOfScores({ query, key, mask, scale }: AttentionForwardInputs): NumericArray {
  const [B, n, d] = query.shape as [number, number, number]
  const m = key.shape[1]!
  const P = zerosOf([B, n, m], [query, key])
  const S = new Float64Array(m)
  for (let b = 0; b < B; b++) {
    for (let i = 0; i < n; i++) {
      const row = (b * n + i) * m
      let largest = Number.NEGATIVE_INFINITY
      for (let j = 0; j < m; j++) {
        let product = 0
        for (let c = 0; c < d; c++)
          product += query.data[(b * n + i) * d + c]! * key.data[(b * m + j) * d + c]!
        S[j] = scale * product + (mask === null ? 0 : mask.data[row + j]!)
        largest = Math.max(largest, S[j]!)
      }
      if (largest === Number.NEGATIVE_INFINITY) continue
      let Z = 0
      for (let j = 0; j < m; j++) Z += Math.exp(S[j]! - largest)
      for (let j = 0; j < m; j++) P.data[row + j] = Math.exp(S[j]! - largest) / Z
    }
  }
  return P
}
