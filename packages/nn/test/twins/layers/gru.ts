// GRU over sequences beside its hand-derived twin: backpropagation through time, both variants, stacked, in both directions, with lengths.
import { gru } from '@adjoint/manual'
import { GRU, initializers } from '@adjoint/nn'
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
  twin('layers/gru', fc.record({ ...layerCases, resetAfter: fc.boolean() }), (options, rng) => {
    const { inputs, hidden, bias, layers, bidirectional, timeFirst, resetAfter } = options
    const layer = new GRU(inputs, hidden, { ...fixed, bias, layers, bidirectional, timeFirst, resetAfter })
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
        forward: inputs => gru.forward({ ...inputs, resetAfter }),
        backward: inputs => gru.backward({ ...inputs, resetAfter }),
      },
    )
  }),
]
