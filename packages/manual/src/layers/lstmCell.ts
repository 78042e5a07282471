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

/** What `lstmCell.forward` takes: x is (batch, inputs), c is (batch, hidden), h as well, or (batch, projection). */
export interface LSTMCellInputs {
  readonly x: NumericArray
  readonly h: NumericArray
  readonly c: NumericArray
  readonly weights: RecurrentWeights
}

/** What `lstmCell.backward` gives. */
export interface LSTMCellGradients {
  readonly dx: NumericArray
  readonly dh: NumericArray
  readonly dc: NumericArray
  readonly dWeights: RecurrentWeights
}

/** Gates, candidate and memory of one step. */
function gatesOf(x: Vector, h: Vector, c: Vector, weights: RecurrentWeights) {
  const hidden = c.length
  const sum = (gate: number): Vector => {
    const a = zerosBeside(hidden, weights.hiddenWeight.data)
    addBias(a, weights.inputBias, gate * hidden)
    addBias(a, weights.hiddenBias, gate * hidden)
    addProduct(a, weights.inputWeight, gate * hidden, x)
    addProduct(a, weights.hiddenWeight, gate * hidden, h)
    return a
  }
  const i = sum(0).map(sigmoidOf)
  const f = sum(1).map(sigmoidOf)
  const g = sum(2).map(Math.tanh)
  const o = sum(3).map(sigmoidOf)
  const next = c.map((memory, j) => f[j]! * memory + i[j]! * g[j]!)
  const m = next.map((memory, j) => o[j]! * Math.tanh(memory))
  return { i, f, g, o, next, m }
}

/**
 * One step of an LSTM, for one example. With a_k = W_ik x + b_ik + W_hk h + b_hk for k = i, f, g, o:
 *
 *     i = σ(a_i)    f = σ(a_f)    g = tanh(a_g)    o = σ(a_o)
 *     c' = f ∘ c + i ∘ g
 *     m = o ∘ tanh(c')        h' = m, or W_hr m with a projection
 *
 * Going back from dh' = ∂L/∂h' and dc' = ∂L/∂c', the second from the steps that come later. With a projection
 * dm = W_hrᵀ dh' and dW_hr = dh' mᵀ, otherwise dm = dh'. The memory c' is given on and is read by m, so
 *
 *     do = dm ∘ tanh(c')
 *     dc' ← dc' + dm ∘ o ∘ (1 - tanh²(c'))
 *     di = dc' ∘ g        df = dc' ∘ c        dg = dc' ∘ i        dc = dc' ∘ f
 *
 * and through σ′ = σ (1 - σ) and tanh′ = 1 - tanh²
 *
 *     da_i = di ∘ i ∘ (1 - i)    da_f = df ∘ f ∘ (1 - f)    da_g = dg ∘ (1 - g²)    da_o = do ∘ o ∘ (1 - o)
 *
 * after which each gate is a dense layer: dW_ik = da_k xᵀ, dW_hk = da_k hᵀ, db_ik = db_hk = da_k, and
 * dx = Σ_k W_ikᵀ da_k, dh = Σ_k W_hkᵀ da_k.
 *
 * The way back through the memory, dc = dc' ∘ f, has no matrix in it: with f near 1 a derivative comes through many steps.
 */
export const lstmStep: RecurrentStep = {
  sizes: ({ hiddenWeight: { shape } }) => [shape[1]!, shape[0]! / 4],

  forward: (x, [h, c], weights) => {
    const { m, next } = gatesOf(x, h!, c!, weights)
    const { projectionWeight } = weights
    if (projectionWeight === undefined) return [m, next]
    const projected = zerosBeside(projectionWeight.shape[0]!, m)
    addProduct(projected, projectionWeight, 0, m)
    return [projected, next]
  },

  backward: (x, [h, c], weights, [dh, dc], d) => {
    const hidden = c!.length
    const { i, f, g, o, next, m } = gatesOf(x, h!, c!, weights)
    let dm = dh!
    if (weights.projectionWeight !== undefined) {
      dm = zerosBeside(hidden, m)
      addTransposed(dm, weights.projectionWeight, 0, dh!)
      addOuter(d.projectionWeight!, 0, dh!, m)
    }
    const da = [i, f, g, o].map(gate => zerosBeside(gate.length, gate))
    const dMemory = zerosBeside(hidden, m)
    for (let j = 0; j < hidden; j++) {
      const t = Math.tanh(next[j]!)
      const whole = dc![j]! + dm[j]! * o[j]! * (1 - t * t)
      da[0]![j] = whole * g[j]! * i[j]! * (1 - i[j]!)
      da[1]![j] = whole * c![j]! * f[j]! * (1 - f[j]!)
      da[2]![j] = whole * i[j]! * (1 - g[j]! * g[j]!)
      da[3]![j] = dm[j]! * t * o[j]! * (1 - o[j]!)
      dMemory[j] = whole * f[j]!
    }
    const dx = zerosBeside(x.length, m)
    const dState = zerosBeside(h!.length, m)
    da.forEach((ofGate, gate) => {
      addOuter(d.inputWeight, gate * hidden, ofGate, x)
      addOuter(d.hiddenWeight, gate * hidden, ofGate, h!)
      addToBias(d.inputBias, gate * hidden, ofGate)
      addToBias(d.hiddenBias, gate * hidden, ofGate)
      addTransposed(dx, weights.inputWeight, gate * hidden, ofGate)
      addTransposed(dState, weights.hiddenWeight, gate * hidden, ofGate)
    })
    return { dx, dStates: [dState, dMemory] }
  },
}

/** One step of an LSTM for a batch, see {@link lstmStep} for the derivation. */
export const lstmCell: {
  /** h' and c'. */
  forward(inputs: LSTMCellInputs): { h: NumericArray; c: NumericArray }
  /** From dh' and dc' to the derivatives by everything that went in. */
  backward(
    inputs: LSTMCellInputs & { readonly dhNext: NumericArray; readonly dcNext: NumericArray },
  ): LSTMCellGradients
} = {
  forward: ({ x, h, c, weights }) => {
    const [nextH, nextC] = stepForward(lstmStep, x, [h, c], weights)
    return { h: nextH!, c: nextC! }
  },
  backward: ({ x, h, c, weights, dhNext, dcNext }) => {
    const { dx, dStates, dWeights } = stepBackward(lstmStep, x, [h, c], weights, [dhNext, dcNext])
    return { dx, dh: dStates[0]!, dc: dStates[1]!, dWeights }
  },
}
