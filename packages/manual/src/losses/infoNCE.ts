import { type NumericArray, zerosOf } from '../array.ts'
import { type ExampleLoss, expectRows, onePerRow } from './loss.ts'

/** What {@link infoNCE} takes: queries and keys in rows, `[m, n]`; row i of one belongs to row i of the other. */
export interface InfoNCEInputs {
  readonly queries: NumericArray
  readonly keys: NumericArray
  readonly temperature?: number
  readonly normalize?: boolean
  readonly symmetric?: boolean
}

/**
 * Every query finds its key among all m keys. With u_i = q_i/‖q_i‖ and v_j = k_j/‖k_j‖ (or the vectors as they are),
 *
 *     s_ij = u_i · v_j / τ,   L_i = −s_ii + log Σ_j e^(s_ij)
 *
 * L_i is a cross entropy of row i: ∂L_i/∂s_ij = P_ij − [i = j] with P_ij = softmax of row i. Symmetric, L_i is the mean of this
 * and of the same of column i, −s_ii + log Σ_j e^(s_ji), whose derivative is Q_ji − [i = j] with the softmax Q of the columns.
 * With c = dlosses,
 *
 *     ds_ij = c_i (P_ij − [i = j])      or     ½ c_i (P_ij − [i = j]) + ½ c_j (Q_ij − [i = j])
 *     du_i = Σ_j ds_ij v_j / τ          dv_j = Σ_i ds_ij u_i / τ
 *
 * and through the length, with ∂(q/‖q‖)/∂q = (I − u uᵀ)/‖q‖, dq = (du − (u · du) u)/‖q‖.
 */
export const infoNCE: ExampleLoss<
  InfoNCEInputs,
  { readonly dqueries: NumericArray; readonly dkeys: NumericArray }
> = {
  name: 'infoNCE',
  forward: inputs => {
    const { s, m } = similarities('infoNCE.forward', inputs)
    const losses = onePerRow(inputs.queries)
    for (let i = 0; i < m; i++) {
      const row = -s[i * m + i]! + logSumExp(s, i * m, 1, m)
      const column = -s[i * m + i]! + logSumExp(s, i, m, m)
      losses.data[i] = inputs.symmetric ? 0.5 * (row + column) : row
    }
    return losses
  },
  backward: inputs => {
    const { queries, keys, temperature = 0.1, symmetric = false, dlosses } = inputs
    const { s, m, n, u, v } = similarities('infoNCE.backward', inputs)
    const [du, dv] = [new Float64Array(m * n), new Float64Array(m * n)]
    for (let i = 0; i < m; i++) {
      const ofRow = logSumExp(s, i * m, 1, m)
      for (let j = 0; j < m; j++) {
        const own = Number(i === j)
        const p = Math.exp(s[i * m + j]! - ofRow) - own
        const q = symmetric ? Math.exp(s[i * m + j]! - logSumExp(s, j, m, m)) - own : 0
        const ds = symmetric ? 0.5 * (dlosses.data[i]! * p + dlosses.data[j]! * q) : dlosses.data[i]! * p
        for (let k = 0; k < n; k++) {
          du[i * n + k] = du[i * n + k]! + (ds * v.unit[j * n + k]!) / temperature
          dv[j * n + k] = dv[j * n + k]! + (ds * u.unit[i * n + k]!) / temperature
        }
      }
    }
    const inArrays = [queries, keys, dlosses]
    return {
      dqueries: throughLength(u, du, zerosOf(queries.shape, inArrays)),
      dkeys: throughLength(v, dv, zerosOf(keys.shape, inArrays)),
    }
  },
}

interface Units {
  readonly unit: Float64Array
  /** What the vectors were divided by; null where they were left as they are. */
  readonly lengths: Float64Array | null
}

function unitsOf({ shape, data }: NumericArray, normalize: boolean): Units {
  const [m, n] = shape as [number, number]
  if (!normalize) return { unit: Float64Array.from(data), lengths: null }
  const [unit, lengths] = [new Float64Array(m * n), new Float64Array(m)]
  for (let i = 0; i < m; i++) {
    let sum = 0
    for (let k = i * n; k < (i + 1) * n; k++) sum += data[k]! ** 2
    lengths[i] = Math.sqrt(sum)
    for (let k = i * n; k < (i + 1) * n; k++) unit[k] = data[k]! / lengths[i]!
  }
  return { unit, lengths }
}

function similarities(
  operation: string,
  { queries, keys, temperature = 0.1, normalize = true }: InfoNCEInputs,
): {
  readonly s: Float64Array
  readonly m: number
  readonly n: number
  readonly u: Units
  readonly v: Units
} {
  expectRows(operation, { queries, keys })
  const [m, n] = queries.shape as readonly number[] as [number, number]
  const [u, v] = [unitsOf(queries, normalize), unitsOf(keys, normalize)]
  const s = new Float64Array(m * m)
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      let sum = 0
      for (let k = 0; k < n; k++) sum += u.unit[i * n + k]! * v.unit[j * n + k]!
      s[i * m + j] = sum / temperature
    }
  }
  return { s, m, n, u, v }
}

/** From du to dq, row by row. */
function throughLength({ unit, lengths }: Units, du: Float64Array, dq: NumericArray): NumericArray {
  const [m, n] = dq.shape as readonly number[] as [number, number]
  for (let i = 0; i < m; i++) {
    let along = 0
    for (let k = i * n; k < (i + 1) * n; k++) along += unit[k]! * du[k]!
    for (let k = i * n; k < (i + 1) * n; k++) {
      dq.data[k] = lengths === null ? du[k]! : (du[k]! - along * unit[k]!) / lengths[i]!
    }
  }
  return dq
}

/** log Σ e^(s) of `count` numbers, without overflow. */
function logSumExp(s: Float64Array, start: number, step: number, count: number): number {
  let largest = -Infinity
  for (let i = 0; i < count; i++) largest = Math.max(largest, s[start + i * step]!)
  let sum = 0
  for (let i = 0; i < count; i++) sum += Math.exp(s[start + i * step]! - largest)
  return largest + Math.log(sum)
}
