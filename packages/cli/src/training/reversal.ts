/** A tiny transformer that learns to say a sequence backwards. */
import { argmax, concat, noGrad, type Rng, type Tensor, tensor } from '@adjoint/core'
import {
  Adam,
  crossEntropy,
  Dense,
  Embedding,
  type ForwardContext,
  fit,
  LayerNorm,
  LearnedPositionalEncoding,
  parameters,
  progressBar,
  TransformerEncoder,
  TransformerEncoderLayer,
} from '@adjoint/nn'
import { streamsOf } from '../networks/streams.ts'
import type { TrainingTask } from './task.ts'

/** Digits of a sequence; the mark between a sequence and its reverse is the last of the tokens. */
const [LENGTH, DIGITS] = [6, 10]
const MARK = DIGITS
const [FEATURES, HEADS, BATCH] = [32, 4, 64]

/** Says which token comes next, at every place, from the tokens up to it. */
class LanguageModel {
  readonly embedding: Embedding
  readonly positions: LearnedPositionalEncoding
  readonly encoder: TransformerEncoder
  readonly output: Dense

  constructor(rng: Rng) {
    const layer = () =>
      new TransformerEncoderLayer(FEATURES, HEADS, { feedForward: 64, dropout: 0, preNorm: true, rng })
    this.embedding = new Embedding(DIGITS + 1, FEATURES, { rng })
    this.positions = new LearnedPositionalEncoding(2 * LENGTH + 1, FEATURES, { rng })
    this.encoder = new TransformerEncoder([layer(), layer()], { norm: new LayerNorm(FEATURES) })
    this.output = new Dense(FEATURES, DIGITS, { rng })
  }

  /** `[batch, time] -> [batch, time, digits]` */
  forward(tokens: Tensor, context?: ForwardContext): Tensor {
    const input = this.positions.forward(this.embedding.forward(tokens) as Tensor)
    return this.output.forward(this.encoder.forward({ input, isCausal: true }, context)) as Tensor
  }
}

/** Random sequences, `[count, LENGTH]`. */
function draw(rng: Rng, count: number): Tensor {
  const digits = Int32Array.from({ length: count * LENGTH }, () => rng.integer(DIGITS))
  return tensor(digits, { shape: [count, LENGTH], dtype: 'int32' }) as Tensor
}

const marks = (count: number): Tensor =>
  tensor(new Int32Array(count).fill(MARK), { shape: [count, 1], dtype: 'int32' }) as Tensor

/** `[count, LENGTH]`, the last first. */
const reversed = (x: Tensor): Tensor => x.flip([1]) as Tensor

export const reversal: TrainingTask = {
  name: 'reversal',
  description: `a tiny causal transformer says ${LENGTH} random digits backwards`,
  run: async ({ seed, quick, stream }) => {
    const start = performance.now()
    const streams = streamsOf(seed)
    const model = new LanguageModel(streams.initial)
    const data = streams.shuffle
    await fit({
      model,
      optimizer: new Adam(parameters(model), { learningRate: 2e-3 }),
      // Each batch is new: nothing can be learned by heart.
      batches: {
        length: 25,
        *[Symbol.iterator]() {
          for (let i = 0; i < 25; i++) yield draw(data, BATCH)
        },
      },
      loss: (digits, context) => {
        const answer = reversed(digits)
        const tokens = concat([digits, marks(BATCH), answer.slice(null, [0, LENGTH - 1])], 1) as Tensor
        // The answer begins after the mark.
        const said = model.forward(tokens, context).slice(null, [LENGTH, 2 * LENGTH]) as Tensor
        return crossEntropy(said, answer)
      },
      epochs: quick ? 1 : 20,
      callbacks: [progressBar(stream, { label: 'reversal' })],
    })
    const held = draw(streams.split, 200)
    const said = noGrad(() => speak(model, held))
    const right = said.equal(reversed(held)).all(1).cast('float32').mean().item()
    return {
      figures: [
        { name: 'sequences said backwards without a mistake', value: right, required: { least: 0.99 } },
      ],
      seconds: (performance.now() - start) / 1000,
    }
  },
}

/** What a model says after a sequence and the mark, one token after the other, each the likeliest. */
function speak(model: LanguageModel, digits: Tensor): Tensor {
  let tokens = concat([digits, marks(digits.shape[0]!)], 1) as Tensor
  for (let i = 0; i < LENGTH; i++) {
    const scores = model.forward(tokens).slice(null, -1) as Tensor
    tokens = concat([tokens, argmax(scores, 1).reshape([-1, 1]) as Tensor], 1) as Tensor
  }
  return tokens.slice(null, [LENGTH + 1, 2 * LENGTH + 1]) as Tensor
}
