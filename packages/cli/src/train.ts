/** The training loop: forward, backward, step, for as many epochs as the experiment asks for. */
import type { Tensor } from '@adjoint/core'
import { type Score, score } from './evaluate.ts'
import { type Batch, type Examples, pickExamples, toBatch } from './networks/examples.ts'
import type { Experiment } from './networks/experiment.ts'
import { LOSSES } from './networks/losses.ts'
import type { ProgressState } from './progress.ts'

/** The losses after a number of epochs. */
export interface HistoryPoint {
  readonly epoch: number
  readonly train: number
  readonly test: number
}

/** What training has done. The trained values are in the experiment's model. */
export interface Training {
  readonly before: Score
  readonly train: Score
  readonly test: Score
  readonly history: readonly HistoryPoint[]
  readonly seconds: number
}

/** Points of the loss curves; measuring both losses after each of a thousand epochs would cost more than training. */
const HISTORY_POINTS = 50

/** Trains the model of an experiment in place, in float32, and reports each measured point to `onProgress`. */
export function train(
  experiment: Experiment,
  onProgress: (state: ProgressState) => void = () => {},
): Training {
  const { epochs, train: trainExamples, test: testExamples } = experiment
  const start = performance.now()
  const before = score(experiment, trainExamples)
  let current = { train: before, test: score(experiment, testExamples) }
  const history: HistoryPoint[] = [{ epoch: 0, train: before.loss, test: current.test.loss }]
  const step = stepOf(experiment)
  const every = Math.max(1, Math.floor(epochs / HISTORY_POINTS))
  // With one batch the tensors are the same in every step, and made once.
  const whole = experiment.batchSize === undefined ? toFloat32(experiment, trainExamples) : undefined

  for (let epoch = 1; epoch <= epochs; epoch++) {
    if (whole !== undefined) step(whole)
    else for (const batch of minibatches(experiment)) step(batch)
    if (epoch % every !== 0 && epoch !== epochs) continue
    current = { train: score(experiment, trainExamples), test: score(experiment, testExamples) }
    history.push({ epoch, train: current.train.loss, test: current.test.loss })
    onProgress({ done: epoch, total: epochs, loss: current.train.loss, accuracy: current.train.accuracy })
  }
  return { before, ...current, history, seconds: (performance.now() - start) / 1000 }
}

/** One step of gradient descent, in whatever form the optimizer has: from a batch to its loss. */
export function stepOf({ model, loss, layout, optimizer }: Experiment): (batch: Batch) => Tensor {
  return ({ inputs, targets }) => {
    const value = LOSSES[loss].automatic(model.forward(inputs), targets, { layout })
    value.backward()
    optimizer.step()
    return value
  }
}

/** All training examples once, in random order. */
export function* minibatches(experiment: Experiment): Generator<Batch> {
  const { train, rng, batchSize = train.targets.length } = experiment
  const order = rng.permutation(train.targets.length)
  for (let from = 0; from < order.length; from += batchSize) {
    yield toFloat32(experiment, pickExamples(train, order.subarray(from, from + batchSize)))
  }
}

function toFloat32({ task, layout }: Experiment, examples: Examples): Batch {
  return toBatch(examples, { task, layout, dtype: 'float32' })
}
