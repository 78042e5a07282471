/** A backward pass with a wrong sign, to see that the ledger finds it and says where. */
import { type Activation, type DenseNetwork, type Matrix, tanh } from '@adjoint/manual'

/** The layer whose formula is wrong. */
export const PLANTED_LAYER = 1

/** The mistake in words. */
export const PLANTED_FORMULA = 'dz = da ∗ (1 + a²) where tanh has 1 − a²'

/** tanh with a slip of the pen. */
const tanhWithWrongSign: Activation = {
  ...tanh,
  backward: ({ da, a }): Matrix => ({
    shape: a.shape,
    data: Float64Array.from(a.data, (value, at) => da.data[at]! * (1 + value * value)),
  }),
}

/** The network with the wrong formula in layer {@link PLANTED_LAYER} and all others as they were. */
export function plantMistake(network: DenseNetwork): DenseNetwork {
  return {
    ...network,
    layers: network.layers.map((layer, at) =>
      at === PLANTED_LAYER - 1 ? { ...layer, activation: tanhWithWrongSign } : layer,
    ),
  }
}
