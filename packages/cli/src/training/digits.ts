/** Handwritten digits: a small convolutional network. */
import { noGrad, Rng, relu } from '@adjoint/core'
import { DataLoader, Dataset, loadDigits } from '@adjoint/data'
import {
  AdamW,
  accuracy,
  BatchNorm,
  Conv2d,
  cosineAnnealing,
  crossEntropy,
  Dense,
  Dropout,
  Flatten,
  fit,
  MaxPool2d,
  parameters,
  progressBar,
  Scheduler,
  scheduled,
  sequential,
} from '@adjoint/nn'
import { streamsOf } from '../networks/streams.ts'
import type { TrainingTask } from './task.ts'

export const digits: TrainingTask = {
  name: 'digits',
  description: 'a small convolutional network reads handwritten digits of 8 × 8 pixels',
  run: async ({ seed, quick, stream }) => {
    const start = performance.now()
    const streams = streamsOf(seed)
    const { images, classes } = await loadDigits()
    const [train, test] = Dataset.fromTensors({ x: images.div(16).sub(0.3), y: classes }).split(
      [0.8, 0.2],
      streams.split,
      { stratify: classes },
    )
    const rng = streams.initial
    const model = sequential(
      new Conv2d(1, 16, 3, { padding: 1, rng }),
      new BatchNorm(16),
      relu,
      new Conv2d(16, 32, 3, { padding: 1, rng }),
      new BatchNorm(32),
      relu,
      new MaxPool2d(2),
      new Flatten(),
      new Dropout(0.3),
      new Dense(32 * 4 * 4, 10, { rng }),
    )
    const optimizer = new AdamW(parameters(model), { learningRate: 3e-3, weightDecay: 0.01 })
    const epochs = quick ? 1 : 12
    const batches = new DataLoader(train, { batchSize: 32, shuffle: streams.shuffle })
    await fit({
      model,
      optimizer,
      batches,
      loss: ({ x, y }, context) => crossEntropy(model.forward(x, context), y),
      epochs,
      rng: new Rng(seed),
      callbacks: [
        scheduled(new Scheduler(optimizer, cosineAnnealing({ steps: epochs * batches.length })), 'step'),
        progressBar(stream, { label: 'digits' }),
      ],
    })
    const held = test.all()
    const value = accuracy(
      noGrad(() => model.forward(held.x)),
      held.y,
    )
    return {
      figures: [{ name: 'accuracy', value, required: { least: 0.98 } }],
      seconds: (performance.now() - start) / 1000,
    }
  },
}
