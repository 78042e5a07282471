/**
 * The lecture's four pictures: one question about two measurements, put to logistic regression and to networks with one,
 * two and five hidden layers, on the same data with the same seed.
 *
 * Chinstraps have bills as deep as Adelies and as long as Gentoos. On these two axes they lie in a corner between the two
 * others, which no straight line cuts off.
 */

import type { Penguin } from '@adjoint/data'
import { Adam, parameters } from '@adjoint/nn'
import { type DenseNetOptions, denseNet, describeNet } from './denseNet.ts'
import type { Experiment, ExperimentOptions } from './experiment.ts'
import type { Measurement } from './measurements.ts'
import { type MeasuredSplit, splitPenguins } from './penguinSplit.ts'
import { streamsOf } from './streams.ts'

/** The two measurements, first the horizontal one. */
export const BINARY_MEASUREMENTS: readonly [Measurement, Measurement] = ['billLength', 'billDepth']

/** The species that is to be told apart from the rest. */
export const BINARY_SPECIES = 'Chinstrap'

/** A network of the study. */
export type BinaryName = 'logistic' | 'oneHidden' | 'twoHidden' | 'fiveHidden'

interface Depth {
  readonly title: string
  readonly hidden: readonly number[]
}

const DEPTHS: Readonly<Record<BinaryName, Depth>> = {
  logistic: { title: 'logistic regression', hidden: [] },
  oneHidden: { title: '1 hidden layer', hidden: [6] },
  twoHidden: { title: '2 hidden layers', hidden: [6, 6] },
  fiveHidden: { title: '5 hidden layers', hidden: [6, 6, 6, 6, 6] },
}

/** The four networks, and the data that they share. */
export interface BinaryStudy extends MeasuredSplit {
  /** From the shallowest to the deepest. */
  readonly experiments: Readonly<Record<BinaryName, Experiment>>
}

export function penguinBinary(penguins: readonly Penguin[], { seed, quick }: ExperimentOptions): BinaryStudy {
  const targetOf = ({ species }: Penguin): number => Number(species === BINARY_SPECIES)
  const data = splitPenguins(penguins, BINARY_MEASUREMENTS, targetOf, streamsOf(seed))
  const experimentOf = ({ title, hidden }: Depth): Experiment => {
    const streams = streamsOf(seed)
    const net: DenseNetOptions = {
      inputs: BINARY_MEASUREMENTS.length,
      hidden,
      outputs: 1,
      hiddenActivation: 'tanh',
      outputActivation: 'sigmoid',
      layout: 'columns',
      rng: streams.initial,
    }
    const model = denseNet(net)
    return {
      name: `penguins-binary-${hidden.length}`,
      title,
      data: `penguins: ${BINARY_SPECIES} against the rest, by bill length and depth`,
      task: 'binary',
      layout: 'columns',
      hidden,
      architecture: describeNet(net),
      model,
      loss: 'binaryCrossEntropy',
      train: data.train,
      test: data.test,
      optimizer: new Adam(parameters(model), { learningRate: 0.01 }),
      epochs: quick ? 250 : 1500,
      batchSize: undefined,
      rng: streams.shuffle,
    }
  }
  const experiments = {
    logistic: experimentOf(DEPTHS.logistic),
    oneHidden: experimentOf(DEPTHS.oneHidden),
    twoHidden: experimentOf(DEPTHS.twoHidden),
    fiveHidden: experimentOf(DEPTHS.fiveHidden),
  }
  return { ...data, experiments }
}
