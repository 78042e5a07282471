/** One training run of the demo: a network, its data, and how it is trained. */
import type { Rng } from '@adjoint/core'
import type { Layout } from '@adjoint/manual'
import type { Adam, Sequential, SGD } from '@adjoint/nn'
import type { Examples, Task } from './examples.ts'
import type { LossName } from './losses.ts'

export interface Experiment {
  /** Short and unique: `'penguins-binary-2'`. */
  readonly name: string
  /** For people: `'2 hidden layers'`. */
  readonly title: string
  /** The data and the question in words. */
  readonly data: string
  readonly task: Task
  readonly layout: Layout
  /** Units of the hidden layers. */
  readonly hidden: readonly number[]
  /** Units of all layers, the input first, with the activations between them: `'2 → 6 tanh → 1 sigmoid'`. */
  readonly architecture: string
  readonly model: Sequential
  readonly loss: LossName
  readonly train: Examples
  readonly test: Examples
  readonly optimizer: Adam | SGD
  /** Passes over the training examples. */
  readonly epochs: number
  /** Examples in a minibatch; `undefined` for all of them in every step. */
  readonly batchSize: number | undefined
  /** Shuffles the minibatches. */
  readonly rng: Rng
}

/** Settings that all experiments share. */
export interface ExperimentOptions {
  readonly seed: number
  /** Train shorter, for a first look. */
  readonly quick: boolean
}
