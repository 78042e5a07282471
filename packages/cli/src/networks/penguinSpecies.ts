/** All three species from all four measurements: softmax and cross entropy. */

import { type Penguin, SPECIES } from '@adjoint/data'
import { parameters, SGD } from '@adjoint/nn'
import { type DenseNetOptions, denseNet, describeNet } from './denseNet.ts'
import type { Experiment, ExperimentOptions } from './experiment.ts'
import type { Measurement } from './measurements.ts'
import { speciesNumber, splitPenguins } from './penguinSplit.ts'
import { streamsOf } from './streams.ts'

const MEASUREMENTS: readonly Measurement[] = ['billLength', 'billDepth', 'flipperLength', 'bodyMass']

export function penguinSpecies(penguins: readonly Penguin[], { seed, quick }: ExperimentOptions): Experiment {
  const streams = streamsOf(seed)
  const { train, test } = splitPenguins(penguins, MEASUREMENTS, speciesNumber, streams)
  const hidden = [8]
  const net: DenseNetOptions = {
    inputs: MEASUREMENTS.length,
    hidden,
    outputs: SPECIES.length,
    hiddenActivation: 'tanh',
    outputActivation: 'softmax',
    layout: 'rows',
    rng: streams.initial,
  }
  const model = denseNet(net)
  return {
    name: 'penguins-species',
    title: 'three species',
    data: 'penguins: the species, by all four measurements',
    task: 'classes',
    layout: 'rows',
    hidden,
    architecture: describeNet(net),
    model,
    loss: 'categoricalCrossEntropy',
    train,
    test,
    optimizer: new SGD(parameters(model), { learningRate: 0.1, momentum: 0.9 }),
    epochs: quick ? 60 : 300,
    batchSize: undefined,
    rng: streams.shuffle,
  }
}
