// RNN over sequences beside its hand-derived twin: backpropagation through time, stacked, in both directions, with lengths.
import { rnn } from '@adjoint/manual'
import { initializers, RNN } from '@adjoint/nn'
import fc from 'fast-check'
import { compareLayer, layerCases } from '../recurrent.ts'
import { type Twin, twin } from '../twin.ts'

const { zeros } = initializers
const fixed = {
  dtype: 'float64' as const,
  weightInitializer: zeros,
  hiddenInitializer: zeros,
  biasInitializer: zeros,
}

export const twins: readonly Twin[] = [
  twin(
    'layers/rnn',
    fc.record({ ...layerCases, nonlinearity: fc.constantFrom('tanh' as const, 'relu' as const) }),
    (options, rng) => {
      const { inputs, hidden, bias, layers, bidirectional, timeFirst, nonlinearity } = options
      const layer = new RNN(inputs, hidden, {
        ...fixed,
        bias,
        layers,
        bidirectional,
        timeFirst,
        nonlinearity,
      })
      return compareLayer(
        rng,
        layer,
        options,
        [hidden],
        (x, states, lengths) => {
          const given = states && { state: states[0]! }
          const { output, state } = layer.run(x, { ...given, ...(lengths && { lengths }) })
          return { output, states: [state] }
        },
        {
          forward: inputs => rnn.forward({ ...inputs, nonlinearity }),
          backward: inputs => rnn.backward({ ...inputs, nonlinearity }),
        },
      )
    },
  ),
]
