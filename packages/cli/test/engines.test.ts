// What the demo and the training tasks train, some steps by each engine: the losses of the reference loops.
import { noGrad, Rng, relu, type Tensor, tensor } from '@adjoint/core'
import { loadDigits, loadPenguins } from '@adjoint/data'
import {
  AdamW,
  BatchNorm,
  Conv2d,
  cosineAnnealing,
  crossEntropy,
  Dense,
  Dropout,
  Embedding,
  Flatten,
  GRU,
  huber,
  LayerNorm,
  LSTM,
  MaxPool2d,
  parameters,
  Scheduler,
  sequential,
  TransformerEncoder,
  TransformerEncoderLayer,
} from '@adjoint/nn'
import { describe, expect, test } from 'vitest'
import {
  compiled,
  compiledThreads,
  type Engine,
  engines,
  reference,
} from '../../compile/test/support/engines.ts'
import { digitClasses } from '../src/networks/digitClasses.ts'
import type { Experiment } from '../src/networks/experiment.ts'
import { penguinBinary } from '../src/networks/penguinBinary.ts'
import { penguinMass } from '../src/networks/penguinMass.ts'
import { penguinSpecies } from '../src/networks/penguinSpecies.ts'
import { minibatches, stepOf } from '../src/train.ts'

const STEPS = 12

/** A loss may be so far from that of the reference loops, relative to the first loss of the run, after some steps in float32. */
const BOUND = 2e-4

/** Trains something anew for some steps, each by an engine, and returns the losses. */
type Training = (engine: Engine) => number[]

const { records: penguins } = await loadPenguins()
const { images, classes } = await loadDigits()

const options = { seed: 1, quick: true }
const digits = Array.from({ length: 256 }, (_, i) => ({
  pixels: Array.from(images.slice(i).data()),
  digit: classes.slice(i).item(),
}))

const EXPERIMENTS: Readonly<Record<string, () => Experiment>> = {
  ...Object.fromEntries(
    (['logistic', 'oneHidden', 'twoHidden', 'fiveHidden'] as const).map(name => [
      name,
      () => penguinBinary(penguins, options).experiments[name],
    ]),
  ),
  species: () => penguinSpecies(penguins, options),
  mass: () => penguinMass(penguins, options).experiment,
  digits: () => digitClasses(digits, options).experiment,
}

const trainExperiment =
  (make: () => Experiment): Training =>
  ({ prepare }) => {
    const experiment = make()
    const step = prepare(stepOf(experiment))
    const losses: number[] = []
    while (losses.length < STEPS) {
      for (const batch of minibatches(experiment)) losses.push(step(batch).item())
    }
    return losses.slice(0, STEPS)
  }

/** Training with AdamW, a schedule and a generator for dropout, as the tasks of `adjoint train` do it. */
const trainModel =
  <Batch>(
    make: (rng: Rng) => {
      model: object
      loss: (batch: Batch, context: { training: true; rng: Rng }) => Tensor
    },
    batch: (i: number) => Batch,
  ): Training =>
  ({ prepare }) => {
    const { model, loss } = make(new Rng(1))
    // An epsilon that is larger than rounding: where a gradient is 0 but for that, a step would be made of it.
    const optimizer = new AdamW(parameters(model), { learningRate: 3e-3, epsilon: 1e-3 })
    const scheduler = new Scheduler(optimizer, cosineAnnealing({ steps: STEPS }))
    const step = prepare((given: Batch, rng: Rng) => {
      const value = loss(given, { training: true, rng })
      value.backward()
      optimizer.step()
      scheduler.step()
      return value
    })
    const rng = new Rng(2)
    return Array.from({ length: STEPS }, (_, i) => step(batch(i), rng).item())
  }

interface Example {
  readonly x: Tensor
  readonly y: Tensor
}

const drawn = (i: number, shape: readonly number[]): Tensor => new Rng(10 + i).normal([...shape]) as Tensor
const read = (i: number): Example => ({
  x: images.slice([16 * i, 16 * i + 16]).div(16) as Tensor,
  y: classes.slice([16 * i, 16 * i + 16]) as Tensor,
})
const recurrent = (
  Layer: new (inputs: number, hidden: number, options: { rng: Rng }) => GRU | LSTM,
): Training =>
  trainModel<Example>(
    rng => {
      const model = { layer: new Layer(2, 12, { rng }), output: new Dense(12, 4, { rng }) }
      return {
        model,
        loss: ({ x, y }, context) =>
          huber(
            model.output.forward(model.layer.forward(x as never, context).slice(null, -1) as never),
            y as never,
          ),
      }
    },
    i => ({ x: drawn(i, [8, 20, 2]), y: drawn(i + 50, [8, 4]) }),
  )

const MODELS: Readonly<Record<string, Training>> = {
  'a convolutional network': trainModel<Example>(rng => {
    const model = sequential(
      new Conv2d(1, 8, 3, { padding: 1, rng }),
      new BatchNorm(8),
      relu,
      new MaxPool2d(2),
      new Flatten(),
      new Dropout(0.3),
      new Dense(8 * 4 * 4, 10, { rng }),
    )
    return { model, loss: ({ x, y }, context) => crossEntropy(model.forward(x as never, context), y) }
  }, read),
  'an LSTM': recurrent(LSTM),
  'a GRU': recurrent(GRU),
  'a causal transformer': trainModel<Tensor>(
    rng => {
      const layer = () =>
        new TransformerEncoderLayer(16, 2, { feedForward: 32, dropout: 0.1, preNorm: true, rng })
      const model = {
        embedding: new Embedding(11, 16, { rng }),
        encoder: new TransformerEncoder([layer(), layer()], { norm: new LayerNorm(16) }),
        output: new Dense(16, 11, { rng }),
      }
      return {
        model,
        loss: (tokens, context) => {
          const input = model.embedding.forward(tokens) as Tensor
          const read = model.encoder.forward({ input, isCausal: true } as never, context)
          return crossEntropy(model.output.forward(read as never) as Tensor, tokens.flip([1]) as Tensor)
        },
      }
    },
    i =>
      tensor(
        Array.from({ length: 8 * 13 }, (_, k) => (k * k + 3 * i) % 11),
        { shape: [8, 13], dtype: 'int32' },
      ) as Tensor,
  ),
}

const TRAININGS: Readonly<Record<string, Training>> = {
  ...Object.fromEntries(Object.entries(EXPERIMENTS).map(([name, make]) => [name, trainExperiment(make)])),
  ...MODELS,
}

describe.each(Object.keys(TRAININGS))('%s', name => {
  const train = TRAININGS[name]!
  const expected = train(reference)

  test('learns something', () => {
    expect(expected).toHaveLength(STEPS)
    expect(expected.every(Number.isFinite)).toBe(true)
    expect(expected.at(-1)).not.toBe(expected[0])
  })

  test.each(engines)('$name', engine => {
    const found = train(engine)
    for (const [i, loss] of found.entries()) {
      expect(Math.abs(loss - expected[i]!), `loss ${i}`).toBeLessThanOrEqual(
        BOUND * Math.max(1, Math.abs(expected[0]!)),
      )
    }
  })

  test('one thread and three give the same bits', () => {
    expect(train(compiledThreads)).toEqual(train(compiled))
  })
})

test('evaluating is compiled like training', () => {
  const { model, train } = EXPERIMENTS.species!()
  const x = tensor(train.features.map(row => [...row]) as never) as Tensor
  const forward = (inputs: Tensor): Tensor => noGrad(() => model.forward(inputs))
  const expected = reference.prepare(forward)(x).data()
  for (const { prepare } of engines) {
    const found = prepare(forward)(x).data()
    for (const [i, value] of found.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(1e-5)
  }
})
