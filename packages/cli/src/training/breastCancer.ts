/** Tumours, malignant or benign: logistic regression, and a network with one hidden layer. */
import { noGrad, Rng, relu, type Tensor } from '@adjoint/core'
import { DataLoader, Dataset, loadBreastCancer, StandardScaler } from '@adjoint/data'
import {
  AdamW,
  accuracy,
  areaUnderCurve,
  binaryCrossEntropyWithLogits,
  Dense,
  Dropout,
  type ForwardContext,
  fit,
  initializers,
  parameters,
  progressBar,
  sequential,
} from '@adjoint/nn'
import { streamsOf } from '../networks/streams.ts'
import type { Figure, TrainingTask } from './task.ts'

interface Classifier {
  forward(x: Tensor, context?: ForwardContext): Tensor
}

export const breastCancer: TrainingTask = {
  name: 'breast-cancer',
  description: 'logistic regression and a network of one hidden layer tell malignant from benign tumours',
  run: async ({ seed, quick, stream }) => {
    const start = performance.now()
    const streams = streamsOf(seed)
    const { features, classes } = await loadBreastCancer()
    const y = classes.cast('float32').reshape([classes.size, 1])
    const [train, test] = Dataset.fromTensors({ x: features, y }).split([0.8, 0.2], streams.split, {
      stratify: classes,
    })
    const scaler = StandardScaler.fit(train.all().x)
    const held = test.all()
    const heldInputs = scaler.transform(held.x)

    const models: readonly (readonly [name: string, model: Classifier])[] = [
      // A model without hidden layer may start at zero: there is no symmetry to break.
      [
        'logistic regression',
        new Dense(30, 1, { weightInitializer: initializers.zeros, biasInitializer: initializers.zeros }),
      ],
      [
        'one hidden layer',
        sequential(
          new Dense(30, 32, { rng: streams.initial }),
          relu,
          new Dropout(0.2),
          new Dense(32, 1, { rng: streams.initial }),
        ) as Classifier,
      ],
    ]
    const figures: Figure[] = []
    for (const [name, model] of models) {
      await fit({
        model,
        optimizer: new AdamW(parameters(model), { learningRate: 3e-3, weightDecay: 0.1 }),
        batches: new DataLoader(train, {
          batchSize: 32,
          shuffle: streams.shuffle,
          map: ({ x, y }) => ({ x: scaler.transform(x), y }),
        }),
        loss: ({ x, y }, context) => binaryCrossEntropyWithLogits(model.forward(x, context), y),
        epochs: quick ? 3 : 30,
        rng: new Rng(seed),
        callbacks: [progressBar(stream, { label: name })],
      })
      const logits = noGrad(() => model.forward(heldInputs))
      figures.push(
        {
          name: `${name}: accuracy`,
          value: accuracy(logits, held.y, { threshold: 0 }),
          required: { least: 0.94 },
        },
        {
          name: `${name}: area under the ROC curve`,
          value: areaUnderCurve(logits, held.y),
          required: { least: 0.98 },
        },
      )
    }
    return { figures, seconds: (performance.now() - start) / 1000 }
  },
}
