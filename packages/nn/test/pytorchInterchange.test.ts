// A model that a real PyTorch saved, and what it computed with it: nothing is renamed, transposed or permuted by the reader.
import { fileURLToPath } from 'node:url'
import type { Tensor } from '@adjoint/core'
import { Rng } from '@adjoint/core'
import { readSafetensors, readSafetensorsFile, writeSafetensors } from '@adjoint/data'
import { expect, test } from 'vitest'
import {
  BatchNorm,
  Conv2d,
  Dense,
  Embedding,
  GRU,
  LSTM,
  loadPytorchState,
  MultiHeadAttention,
  pytorchState,
  stateOf,
} from '../src/index.ts'
import { distance } from './support.ts'

const folder = new URL('../../data/test/fixtures/pytorch/', import.meta.url)
const read = (name: string) => readSafetensorsFile(fileURLToPath(new URL(name, folder))).tensors
const [saved, examples] = [read('model.safetensors'), read('examples.safetensors')]
const example = (name: string): Tensor => examples[name]!

/** The same model as in `generate.py` beside the files. */
function build(seed: number) {
  const rng = new Rng(seed)
  return {
    linear: new Dense(5, 4, { rng }),
    conv: new Conv2d(4, 6, 3, { stride: 2, padding: 1, groups: 2, rng }),
    norm: new BatchNorm(6),
    lstm: new LSTM(4, 3, { layers: 2, bidirectional: true, rng }),
    gru: new GRU(4, 5, { rng }),
    attention: new MultiHeadAttention(8, 2, { rng }),
    embedding: new Embedding(7, 4, { rng }),
  }
}

const model = build(0)
loadPytorchState(model, saved)

/** Float32 on both sides: a few roundings of the largest number. */
function expectClose(actual: Tensor, name: string): void {
  const expected = example(name)
  expect(actual.shape).toEqual(expected.shape)
  expect(distance(actual.data(), expected.data())).toBeLessThan(2e-6)
}

test('every layer computes what PyTorch computed', () => {
  expectClose(model.linear.forward(example('linear.input')), 'linear.output')
  const convolved = model.conv.forward(example('conv.input'))
  expectClose(convolved, 'conv.output')
  expectClose(model.norm.forward(convolved), 'norm.output')
  const lstm = model.lstm.run(example('lstm.input'))
  expectClose(lstm.output, 'lstm.output')
  expectClose(lstm.state.hidden, 'lstm.hidden')
  expectClose(lstm.state.cell, 'lstm.cell')
  const gru = model.gru.run(example('gru.input'))
  expectClose(gru.output, 'gru.output')
  expectClose(gru.state, 'gru.hidden')
  expectClose(model.embedding.forward(example('embedding.input')), 'embedding.output')
  const [query, key] = [example('attention.query'), example('attention.memory')]
  const { output, weights } = model.attention.forward({
    query,
    key,
    value: key,
    needWeights: true,
    averageWeights: false,
  })
  expectClose(output, 'attention.output')
  expectClose(weights, 'attention.weights')
})

test('what is written is what PyTorch wrote: names, shapes, numbers', () => {
  const { tensors } = readSafetensors(writeSafetensors(pytorchState(model)))
  expect(Object.keys(tensors).sort()).toEqual(Object.keys(saved).sort())
  for (const [name, x] of Object.entries(saved)) {
    expect(tensors[name]!.shape, name).toEqual(x.shape)
    expect(tensors[name]!.data(), name).toEqual(x.data())
  }
})

test('another model that gets it is the same model', () => {
  const other = build(1)
  loadPytorchState(other, pytorchState(model))
  expect(JSON.stringify(stateOf(other))).toBe(JSON.stringify(stateOf(model)))
})
