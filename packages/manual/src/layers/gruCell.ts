import type { NumericArray } from '../array.ts'
import {
  addBias,
  addOuter,
  addProduct,
  addToBias,
  addTransposed,
  type RecurrentStep,
  type RecurrentWeights,
  sigmoidOf,
  stepBackward,
  stepForward,
  type Vector,
  zerosBeside,
} from './recurrent.ts'

/** What `gruCell.forward` takes: x is (batch, inputs), h is (batch, hidden). */
export interface GRUCellInputs {
  readonly x: NumericArray
  readonly h: NumericArray
  readonly weights: RecurrentWeights
  /** The variant, see {@link gruStep}. */
  readonly resetAfter: boolean
}

/** What `gruCell.backward` gives. */
export interface GRUCellGradients {
  readonly dx: NumericArray
  readonly dh: NumericArray
  readonly dWeights: RecurrentWeights
}

/** One half of the sum of a gate: W v + b with the rows of this gate. */
function part(W: NumericArray, b: NumericArray | undefined, gate: number, hidden: number, v: Vector): Vector {
  const sum = zerosBeside(hidden, W.data)
  addBias(sum, b, gate * hidden)
  addProduct(sum, W, gate * hidden, v)
  return sum
}

/** Gates and candidate of one step; `q` is the product that the reset gate scales, `s` the state it has scaled. */
function gatesOf(x: Vector, h: Vector, weights: RecurrentWeights, resetAfter: boolean) {
  const hidden = h.length
  const { inputWeight, hiddenWeight, inputBias, hiddenBias } = weights
  const [xr, xz, xn] = [0, 1, 2].map(gate => part(inputWeight, inputBias, gate, hidden, x))
  const [hr, hz] = [0, 1].map(gate => part(hiddenWeight, hiddenBias, gate, hidden, h))
  const r = xr!.map((a, j) => sigmoidOf(a + hr![j]!))
  const z = xz!.map((a, j) => sigmoidOf(a + hz![j]!))
  const s = h.map((state, j) => r[j]! * state)
  const q = part(hiddenWeight, hiddenBias, 2, hidden, resetAfter ? h : s)
  const n = xn!.map((a, j) => Math.tanh(a + (resetAfter ? r[j]! * q[j]! : q[j]!)))
  return { r, z, n, q, s }
}

/**
 * One step of a gated recurrent unit, for one example, in both variants:
 *
 *     r = σ(W_ir x + b_ir + W_hr h + b_hr)        z = σ(W_iz x + b_iz + W_hz h + b_hz)
 *     n = tanh(W_in x + b_in + r ∘ q),  q = W_hn h + b_hn        reset after the product (PyTorch, cuDNN)
 *     n = tanh(W_in x + b_in + q),      q = W_hn s + b_hn,  s = r ∘ h        reset before it (Cho et al. 2014)
 *     h' = (1 - z) ∘ n + z ∘ h
 *
 * Going back from dh' = ∂L/∂h':
 *
 *     dn = dh' ∘ (1 - z)      dz = dh' ∘ (h - n)      dh = dh' ∘ z + what follows
 *     da_n = dn ∘ (1 - n²)    da_z = dz ∘ z ∘ (1 - z)
 *
 * where a_n is what stands inside of the tanh. From there on the variants differ. After the product, a_n = ... + r ∘ q:
 *
 *     dr = da_n ∘ q      dq = da_n ∘ r      dh += W_hnᵀ dq      dW_hn = dq hᵀ
 *
 * before it, a_n = ... + q and q reads s:
 *
 *     dq = da_n      ds = W_hnᵀ dq      dr = ds ∘ h      dh += ds ∘ r      dW_hn = dq sᵀ
 *
 * in both db_hn = dq, dW_in = da_n xᵀ, db_in = da_n, da_r = dr ∘ r ∘ (1 - r), and the gates r and z are dense layers:
 * dW_ik = da_k xᵀ, dW_hk = da_k hᵀ, db_ik = db_hk = da_k, dx = Σ_k W_ikᵀ da_k over r, z, n, dh += Σ_k W_hkᵀ da_k over r, z.
 */
export function gruStep(resetAfter: boolean): RecurrentStep {
  return {
    sizes: ({ hiddenWeight }) => [hiddenWeight.shape[1]!],

    forward: (x, [h], weights) => {
      const { z, n } = gatesOf(x, h!, weights, resetAfter)
      return [n.map((candidate, j) => (1 - z[j]!) * candidate + z[j]! * h![j]!)]
    },

    backward: (x, [h], weights, [dNext], d) => {
      const hidden = h!.length
      const { r, z, n, q, s } = gatesOf(x, h!, weights, resetAfter)
      const da = [r, z, n].map(gate => zerosBeside(hidden, gate))
      const dq = zerosBeside(hidden, n)
      const dh = zerosBeside(hidden, n)
      for (let j = 0; j < hidden; j++) {
        da[1]![j] = dNext![j]! * (h![j]! - n[j]!) * z[j]! * (1 - z[j]!)
        da[2]![j] = dNext![j]! * (1 - z[j]!) * (1 - n[j]! * n[j]!)
        dq[j] = resetAfter ? da[2]![j]! * r[j]! : da[2]![j]!
        dh[j] = dNext![j]! * z[j]!
      }
      const back = zerosBeside(hidden, n)
      addTransposed(back, weights.hiddenWeight, 2 * hidden, dq)
      for (let j = 0; j < hidden; j++) {
        const dr = resetAfter ? da[2]![j]! * q[j]! : back[j]! * h![j]!
        dh[j]! += resetAfter ? back[j]! : back[j]! * r[j]!
        da[0]![j] = dr * r[j]! * (1 - r[j]!)
      }
      const dx = zerosBeside(x.length, n)
      da.forEach((ofGate, gate) => {
        addOuter(d.inputWeight, gate * hidden, ofGate, x)
        addToBias(d.inputBias, gate * hidden, ofGate)
        addTransposed(dx, weights.inputWeight, gate * hidden, ofGate)
      })
      for (const gate of [0, 1]) {
        addOuter(d.hiddenWeight, gate * hidden, da[gate]!, h!)
        addToBias(d.hiddenBias, gate * hidden, da[gate]!)
        addTransposed(dh, weights.hiddenWeight, gate * hidden, da[gate]!)
      }
      addOuter(d.hiddenWeight, 2 * hidden, dq, resetAfter ? h! : s)
      addToBias(d.hiddenBias, 2 * hidden, dq)
      return { dx, dStates: [dh] }
    },
  }
}

/** One step of a gated recurrent unit for a batch, see {@link gruStep} for the derivation. */
export const gruCell: {
  /** h' (batch, hidden). */
  forward(inputs: GRUCellInputs): NumericArray
  /** From dh' to the derivatives by everything that went in. */
  backward(inputs: GRUCellInputs & { readonly dNext: NumericArray }): GRUCellGradients
} = {
  forward: ({ x, h, weights, resetAfter }) => stepForward(gruStep(resetAfter), x, [h], weights)[0]!,
  backward: ({ x, h, weights, resetAfter, dNext }) => {
    const { dx, dStates, dWeights } = stepBackward(gruStep(resetAfter), x, [h], weights, [dNext])
    return { dx, dh: dStates[0]!, dWeights }
  },
}
