import { Rng, relu, zeros } from '@adjoint/core'
import {
  BatchNorm,
  Conv2d,
  Dense,
  Embedding,
  Flatten,
  LayerNorm,
  LSTM,
  MaxPool2d,
  sequential,
} from '@adjoint/nn'

const rng = new Rng(0)

const images = sequential(
  new Conv2d(3, 8, 3, { rng }),
  new BatchNorm(8),
  relu,
  new MaxPool2d(2),
  new Conv2d(8, 16, 3, { rng }),
  new BatchNorm(16),
  relu,
  new Flatten(),
  new Dense(400, 10, { rng }),
)
export const logits = images.forward(zeros([4, 3, 16, 16]))

const texts = sequential(
  new Embedding(100, 8, { rng }),
  new LayerNorm(8),
  new LSTM(8, 16, { rng, bidirectional: true }),
  new Dense(32, 3, { rng }),
)
export const states = texts.forward(zeros([4, 12]))
