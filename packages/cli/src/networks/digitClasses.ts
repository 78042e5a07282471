/** The ten digits from 64 pixels: a ReLU network on minibatches. */
import { Adam, parameters } from '@adjoint/nn'
import { type DenseNetOptions, denseNet, describeNet } from './denseNet.ts'
import type { Examples } from './examples.ts'
import type { Experiment, ExperimentOptions } from './experiment.ts'
import { type Split, scaleOf, splitExamples, standardise } from './features.ts'
import { streamsOf } from './streams.ts'

/** One image: its 64 pixels from 0 to 16, row after row, and the digit that was written. */
export interface Digit {
  readonly pixels: readonly number[]
  readonly digit: number
}

/** The network, and which images are held out. */
export interface DigitStudy {
  readonly experiment: Experiment
  readonly split: Split
}

export function digitClasses(digits: readonly Digit[], { seed, quick }: ExperimentOptions): DigitStudy {
  const streams = streamsOf(seed)
  const split = splitExamples(digits.length, streams.split)
  const pixels = digits.map(({ pixels }) => pixels)
  const features = standardise(
    pixels,
    scaleOf(
      split.train.map(at => pixels[at]!),
      { shared: true },
    ),
  )
  const part = (positions: readonly number[]): Examples => ({
    features: positions.map(at => features[at]!),
    targets: positions.map(at => digits[at]!.digit),
  })
  const hidden = [64, 32]
  const net: DenseNetOptions = {
    inputs: pixels[0]!.length,
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
