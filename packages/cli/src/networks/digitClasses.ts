/** The ten digits from 64 pixels: a ReLU network on minibatches. */
import { Adam, parameters } from '@adjoint/nn'
import { DIGIT_PIXELS, type Digit } from '../data/digits.ts'
import { type Split, splitExamples } from '../data/split.ts'
import { sharedScaleOf, standardise } from '../data/standardise.ts'
import { type DenseNetOptions, denseNet, describeNet } from './denseNet.ts'
import type { Examples } from './examples.ts'
import type { Experiment, ExperimentOptions } from './experiment.ts'
import { streamsOf } from './streams.ts'

/** The network, and which images are held out. */
export interface DigitStudy {
  readonly experiment: Experiment
  readonly split: Split
}

export function digitClasses(digits: readonly Digit[], { seed, quick }: ExperimentOptions): DigitStudy {
  const streams = streamsOf(seed)
  const split = splitExamples(digits.length, streams.split)
  const pixels = digits.map(({ pixels }) => pixels)
  const features = standardise(pixels, sharedScaleOf(split.train.map(at => pixels[at]!)))
  const part = (positions: readonly number[]): Examples => ({
    features: positions.map(at => features[at]!),
    targets: positions.map(at => digits[at]!.digit),
  })
  const hidden = [64, 32]
  const net: DenseNetOptions = {
    inputs: DIGIT_PIXELS,
    hidden,
    outputs: 10,
    hiddenActivation: 'relu',
    layout: 'rows',
    rng: streams.initial,
  }
  const model = denseNet(net)
  const experiment: Experiment = {
    name: 'digits',
    title: 'handwritten digits',
    data: 'digits: 0 to 9, by 8 × 8 pixels',
    task: 'classes',
    layout: 'rows',
    hidden,
    architecture: describeNet(net),
    model,
    loss: 'crossEntropy',
    train: part(split.train),
    test: part(split.test),
    optimizer: new Adam(parameters(model), { learningRate: 2e-3 }),
    epochs: quick ? 3 : 20,
    batchSize: 32,
    rng: streams.shuffle,
  }
  return { experiment, split }
}
