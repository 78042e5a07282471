/** The body mass from the other measurements: regression with the lecture's half squared error. */

import type { Penguin, StandardScaler } from '@adjoint/data'
import { parameters, SGD } from '@adjoint/nn'
import { type DenseNetOptions, denseNet, describeNet } from './denseNet.ts'
import type { Examples } from './examples.ts'
import type { Experiment, ExperimentOptions } from './experiment.ts'
import { scaleOf, standardise } from './features.ts'
import type { Measurement } from './measurements.ts'
import { splitPenguins } from './penguinSplit.ts'
import { streamsOf } from './streams.ts'

const MEASUREMENTS: readonly Measurement[] = ['billLength', 'billDepth', 'flipperLength']

/** The network, and the scale that turns its output back into g. */
export interface MassStudy {
  readonly experiment: Experiment
  readonly massScale: StandardScaler
}

export function penguinMass(penguins: readonly Penguin[], { seed, quick }: ExperimentOptions): MassStudy {
  const streams = streamsOf(seed)
  const { train, test } = splitPenguins(penguins, MEASUREMENTS, ({ bodyMass }) => bodyMass, streams)
  const massScale = scaleOf(train.targets.map(mass => [mass]))
  const hidden = [8]
  const net: DenseNetOptions = {
    inputs: MEASUREMENTS.length,
    hidden,
    outputs: 1,
    hiddenActivation: 'sigmoid',
    layout: 'columns',
    rng: streams.initial,
  }
  const model = denseNet(net)
  const experiment: Experiment = {
    name: 'penguins-mass',
    title: 'body mass',
    data: 'penguins: the body mass, by bill and flipper',
    task: 'regression',
    layout: 'columns',
    hidden,
    architecture: describeNet(net),
    model,
    loss: 'halfSquaredError',
    train: standardiseTargets(train, massScale),
    test: standardiseTargets(test, massScale),
    optimizer: new SGD(parameters(model), { learningRate: 0.1, momentum: 0.9 }),
    epochs: quick ? 100 : 500,
    batchSize: undefined,
    rng: streams.shuffle,
  }
  return { experiment, massScale }
}

/** Masses vary by hundreds of g; a network learns better from numbers near 1. */
function standardiseTargets({ features, targets }: Examples, scale: StandardScaler): Examples {
  const scaled = standardise(
    targets.map(target => [target]),
    scale,
  )
  return { features, targets: scaled.map(([target]) => target!) }
}
