import type { NumericArray } from '../array.ts'
import {
  addBias,
  addOuter,
  addProduct,
  addToBias,
  addTransposed,
  type RecurrentStep,
  type RecurrentWeights,
  stepBackward,
  stepForward,
  zerosBeside,
} from './recurrent.ts'

/** What `rnnCell.forward` takes: x is (batch, inputs), h is (batch, hidden). */
export interface RNNCellInputs {
  readonly x: NumericArray
  readonly h: NumericArray
  readonly weights: RecurrentWeights
  readonly nonlinearity: 'tanh' | 'relu'
}

/** What `rnnCell.backward` gives. */
export interface RNNCellGradients {
  readonly dx: NumericArray
  readonly dh: NumericArray
  readonly dWeights: RecurrentWeights
}

/**
 * One step of a simple recurrent network, for one example:
 *
 *     a = W_ih x + b_ih + W_hh h + b_hh        h' = f(a)
 *
 * Going back from dh' = ∂L/∂h':
 *
 *     da = dh' ∘ f′(a)       f = tanh: f′(a) = 1 - h'²        f = relu: f′(a) = 1 where a > 0, otherwise 0
 *     dW_ih = da xᵀ          db_ih = da        dx = W_ihᵀ da
 *     dW_hh = da hᵀ          db_hh = da        dh = W_hhᵀ da
 */
export function rnnStep(nonlinearity: 'tanh' | 'relu'): RecurrentStep {
  const sum = (x: ArrayLike<number>, h: ArrayLike<number>, weights: RecurrentWeights) => {
    const a = zerosBeside(h.length, weights.hiddenWeight.data)
    addBias(a, weights.inputBias, 0)
    addBias(a, weights.hiddenBias, 0)
    addProduct(a, weights.inputWeight, 0, x as Float64Array)
    addProduct(a, weights.hiddenWeight, 0, h as Float64Array)
    return a
  }
  return {
    sizes: ({ hiddenWeight }) => [hiddenWeight.shape[1]!],

    forward: (x, [h], weights) => {
      const a = sum(x, h!, weights)
      for (let j = 0; j < a.length; j++)
        a[j] = nonlinearity === 'tanh' ? Math.tanh(a[j]!) : Math.max(0, a[j]!)
      return [a]
    },

    backward: (x, [h], weights, [dNext], d) => {
      const da = sum(x, h!, weights)
      for (let j = 0; j < da.length; j++) {
        const slope = nonlinearity === 'tanh' ? 1 - Math.tanh(da[j]!) ** 2 : da[j]! > 0 ? 1 : 0
        da[j] = dNext![j]! * slope
      }
      const dx = zerosBeside(x.length, da)
      const dh = zerosBeside(h!.length, da)
      addOuter(d.inputWeight, 0, da, x)
      addOuter(d.hiddenWeight, 0, da, h!)
      addToBias(d.inputBias, 0, da)
      addToBias(d.hiddenBias, 0, da)
      addTransposed(dx, weights.inputWeight, 0, da)
      addTransposed(dh, weights.hiddenWeight, 0, da)
      return { dx, dStates: [dh] }
    },
  }
}

/** One step of a simple recurrent network for a batch, see {@link rnnStep} for the derivation. */
export const rnnCell: {
  /** h' (batch, hidden). */
  forward(inputs: RNNCellInputs): NumericArray
  /** From dh' to the derivatives by everything that went in. */
  backward(inputs: RNNCellInputs & { readonly dNext: NumericArray }): RNNCellGradients
} = {
  forward: ({ x, h, weights, nonlinearity }) => stepForward(rnnStep(nonlinearity), x, [h], weights)[0]!,
  backward: ({ x, h, weights, nonlinearity, dNext }) => {
    const { dx, dStates, dWeights } = stepBackward(rnnStep(nonlinearity), x, [h], weights, [dNext])
    return { dx, dh: dStates[0]!, dWeights }
  },
}
