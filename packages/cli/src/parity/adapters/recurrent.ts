/** Recurrent layers and cells, with the weights of a case in the place of their own. */
import type { Tensor } from '@adjoint/core'
import {
  type CellOptions,
  GRU,
  GRUCell,
  initializers,
  LSTM,
  LSTMCell,
  namedParameters,
  RNN,
  RNNCell,
  withParameters,
} from '@adjoint/nn'
import type { Attributes } from '../attributes.ts'
import { NotCovered } from '../errors.ts'
import type { Adapter, AdapterTable } from './adapter.ts'

/** Weights that nobody will see, in the dtype of those of the case. */
const without = (dtype: Tensor['dtype'], bias: boolean): CellOptions => ({
  bias,
  dtype: dtype as 'float32' | 'float64',
  weightInitializer: initializers.zeros,
  hiddenInitializer: initializers.zeros,
  biasInitializer: initializers.zeros,
})

/** Runs a layer with weights in PyTorch's order, which is that of its own parameters. */
function withWeights<Result>(layer: object, weights: readonly Tensor[], body: () => Result): Result {
  const paths = Object.keys(namedParameters(layer))
  if (paths.length !== weights.length) throw new NotCovered(`${weights.length} weights for ${paths.length}`)
  return withParameters(layer, Object.fromEntries(paths.map((path, i) => [path, weights[i]!])), body)
}

/** What PyTorch's three layers have in common. */
function layerOptions(a: Attributes, dtype: Tensor['dtype']) {
  const dropout = a.number('dropout', 0)
  if (dropout > 0 && a.boolean('training', a.boolean('train', false)))
    throw new NotCovered('dropout in training: it is random')
  return {
    ...without(dtype, a.boolean('bias', true)),
    layers: a.number('num_layers', 1),
    bidirectional: a.boolean('bidirectional', false),
    timeFirst: !a.boolean('batch_first', false),
  }
}

/** The size of the state: as it is said, or as the first state has it. */
const hiddenOf = (a: Attributes, state: Tensor): number => a.number('hidden_size', state.shape.at(-1)!)

/** The features of an input, which a case may say as well. */
function featuresOf(a: Attributes, x: Tensor): number {
  const features = x.shape.at(-1)!
  if (a.number('input_size', features) !== features) throw new NotCovered('an input of another size')
  return features
}

const rnn: Adapter = ([x, state, ...weights], a) => {
  const nonlinearity = a.word('nonlinearity', ['tanh', 'relu'], 'tanh')
  const options = { ...layerOptions(a, weights[0]!.dtype), nonlinearity }
  const layer = new RNN(featuresOf(a, x), hiddenOf(a, state), options)
  const lengths = a.optionalNumbers('lengths')
  const found = withWeights(layer, weights, () => layer.run(x, { state, ...(lengths && { lengths }) }))
  return [found.output, found.state]
}

const gru: Adapter = ([x, state, ...weights], a) => {
  const layer = new GRU(featuresOf(a, x), hiddenOf(a, state), layerOptions(a, weights[0]!.dtype))
  const lengths = a.optionalNumbers('lengths')
  const found = withWeights(layer, weights, () => layer.run(x, { state, ...(lengths && { lengths }) }))
  return [found.output, found.state]
}

const lstm: Adapter = ([x, hidden, cell, ...weights], a) => {
  const projection = a.number('proj_size', 0)
  const options = { ...layerOptions(a, weights[0]!.dtype), ...(projection > 0 && { projection }) }
  const layer = new LSTM(featuresOf(a, x), hiddenOf(a, cell), options)
  const lengths = a.optionalNumbers('lengths')
  const run = () => layer.run(x, { state: { hidden, cell }, ...(lengths && { lengths }) })
  const { output, state } = withWeights(layer, weights, run)
  return [output, state.hidden, state.cell]
}

/** Biases of a cell are there or not; attributes repeat what the tensors say. */
function cellOptions(a: Attributes, weights: readonly Tensor[]): CellOptions {
  a.boolean('bias', true)
  return without(weights[0]!.dtype, weights.length === 4)
}

const rnnCell =
  (nonlinearity: 'tanh' | 'relu'): Adapter =>
  ([x, state, ...weights], a) => {
    const options = { ...cellOptions(a, weights), nonlinearity }
    const cell = new RNNCell(featuresOf(a, x), hiddenOf(a, state), options)
    return withWeights(cell, weights, () => cell.step(x, state))
  }

const gruCell: Adapter = ([x, state, ...weights], a) => {
  const cell = new GRUCell(featuresOf(a, x), hiddenOf(a, state), cellOptions(a, weights))
  return withWeights(cell, weights, () => cell.step(x, state))
}

const lstmCell: Adapter = ([x, hidden, memory, ...weights], a) => {
  const cell = new LSTMCell(featuresOf(a, x), hiddenOf(a, memory), cellOptions(a, weights))
  const next = withWeights(cell, weights, () => cell.step(x, { hidden, cell: memory }))
  return [next.hidden, next.cell]
}

export const RECURRENT: AdapterTable = {
  rnn,
  lstm,
  gru,
  rnn_tanh_cell: rnnCell('tanh'),
  rnn_relu_cell: rnnCell('relu'),
  lstm_cell: lstmCell,
  gru_cell: gruCell,
}
