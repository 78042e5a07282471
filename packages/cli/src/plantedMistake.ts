/** A backward pass with a wrong sign, to see that the ledger finds it and says where. */
import { ArgumentError } from '@adjoint/core'
import { type Activation, type DenseNetwork, type Matrix, tanh } from '@adjoint/manual'

/** The layer whose formula is wrong. */
const PLANTED_LAYER = 1

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

/**
 * The network with the wrong formula in layer 1 and all others as they were.
 *
 * @throws ArgumentError when the activation of layer 1 is not tanh: the mistake is one in its derivative.
 */
export function plantMistake(network: DenseNetwork): DenseNetwork {
  const planted = network.layers[PLANTED_LAYER - 1]?.activation
  if (planted !== tanh) {
    throw new ArgumentError(
      'plantMistake',
      `the mistake is one in the derivative of tanh, but layer ${PLANTED_LAYER} has ${planted?.name ?? 'no activation'}; ` +
        'pass a network whose first activation is tanh.',
    )
  }
  return {
    ...network,
    layers: network.layers.map((layer, at) =>
      at === PLANTED_LAYER - 1 ? { ...layer, activation: tanhWithWrongSign } : layer,
    ),
  }
}
