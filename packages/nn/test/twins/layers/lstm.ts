// LSTM over sequences beside its hand-derived twin: backpropagation through time, stacked, in both directions, with projections and lengths.
import { lstm } from '@adjoint/manual'
import { initializers, LSTM } from '@adjoint/nn'
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
  twin('layers/lstm', fc.record({ ...layerCases, size: fc.integer({ min: 1, max: 5 }) }), (options, rng) => {
    const { inputs, hidden, bias, layers, bidirectional, timeFirst, size } = options
    const projection = Math.min(size, hidden)
    const settings = { ...fixed, bias, layers, bidirectional, timeFirst }
    const layer = new LSTM(inputs, hidden, { ...settings, ...(size < hidden && { projection }) })
    return compareLayer(
      rng,
      layer,
      options,
      [projection, hidden],
      (x, states, lengths) => {
        const [h, c] = states ?? []
        const given = h && c && { state: { hidden: h, cell: c } }
        const { output, state } = layer.run(x, { ...given, ...(lengths && { lengths }) })
        return { output, states: [state.hidden, state.cell] }
      },
      lstm,
    )
  }),
]
