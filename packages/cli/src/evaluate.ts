/** How good a trained network is: what it answers, and how often or how nearly it is right. */
import { noGrad } from '@adjoint/core'
import { type Examples, toBatch, toInputs } from './networks/examples.ts'
import type { Experiment } from './networks/experiment.ts'
import type { Features } from './networks/features.ts'
import { LOSSES } from './networks/losses.ts'

/** The output of the network for each example, an array of its units. */
export function outputsOf({ model, layout }: Experiment, features: Features): number[][] {
  const output = noGrad(() => model.forward(toInputs(features, { layout, dtype: 'float32' })))
  return (layout === 'columns' ? output.transpose() : output).toArray() as number[][]
}

/** The class a network chooses: above one half for a single probability, else the unit with the largest output. */
export function chosenClass(output: readonly number[]): number {
  if (output.length === 1) return Number(output[0]! > 0.5)
  return output.indexOf(Math.max(...output))
}

/** Loss and quality on some examples. */
export interface Score {
  readonly loss: number
  /** Share of right answers; `undefined` for a regression. */
  readonly accuracy: number | undefined
  /** Share of the variance that is explained; `undefined` for a classification. */
  readonly r2: number | undefined
}

/** Runs the network on the examples, without recording. */
export function score(experiment: Experiment, examples: Examples): Score {
  const { model, layout, task, loss } = experiment
  const { inputs, targets } = toBatch(examples, { task, layout, dtype: 'float32' })
  const prediction = noGrad(() => model.forward(inputs))
  const cost = noGrad(() => LOSSES[loss].automatic(prediction, targets, { layout })).item()
  const outputs = (layout === 'columns' ? prediction.transpose() : prediction).toArray() as number[][]
  return task === 'regression'
    ? { loss: cost, accuracy: undefined, r2: explainedVariance(outputs, examples.targets) }
    : { loss: cost, accuracy: shareRight(outputs, examples.targets), r2: undefined }
}

function shareRight(outputs: readonly (readonly number[])[], targets: readonly number[]): number {
  const right = outputs.filter((output, at) => chosenClass(output) === targets[at]).length
  return right / targets.length
}

/** R² = 1 − Σ (y − a)² / Σ (y − ȳ)². */
function explainedVariance(outputs: readonly (readonly number[])[], targets: readonly number[]): number {
  const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length
  let residual = 0
  let total = 0
  for (const [at, target] of targets.entries()) {
    residual += (target - outputs[at]![0]!) ** 2
    total += (target - mean) ** 2
  }
  return 1 - residual / total
}
