// What the compiler accepts and what it refuses.
import {
  type Dim,
  mul,
  Rng,
  relu,
  type Shape,
  sigmoid,
  softmax,
  type Tensor,
  tanh,
  tensor,
} from '@adjoint/core'
import { describe, expectTypeOf, test } from 'vitest'
import {
  AdaptiveAveragePool2d,
  AveragePool2d,
  BatchNorm,
  binaryCrossEntropy,
  Conv1d,
  Conv2d,
  callLayer,
  crossEntropy,
  Dense,
  Dropout,
  Embedding,
  Flatten,
  GRU,
  GroupNorm,
  halfSquaredError,
  InstanceNorm,
  type Layer,
  LayerNorm,
  LeakyRelu,
  LSTM,
  linear,
  MaxPool1d,
  MaxPool2d,
  type Module,
  MultiHeadAttention,
  meanSquaredError,
  RMSNorm,
  RNN,
  residual,
  Sequential,
  SinusoidalPositionalEncoding,
  Softmax,
  sequential,
  TransformerEncoderLayer,
} from '../src/index.ts'

const rng = new Rng(0)
declare const wide: number
declare const images: Tensor<[32, 784]>
declare const unknownSizes: Tensor<[number, number]>
declare const unknownRank: Tensor
declare const wrongImages: Tensor<[32, 100]>

/** Two types are the same: the shapes of tensors, compared without the methods. */
type ShapeOf<T> = T extends Tensor<infer S> ? S : never

describe('Dense', () => {
  const layer = new Dense(784, 10, { rng })
  const columns = new Dense(2, 3, { rng, layout: 'columns' })

  test('carries its sizes', () => {
    expectTypeOf(layer.inputs).toEqualTypeOf<784>()
    expectTypeOf<ShapeOf<typeof layer.weight>>().toEqualTypeOf<[10, 784]>()
    expectTypeOf<ShapeOf<NonNullable<typeof layer.bias>>>().toEqualTypeOf<[10]>()
    expectTypeOf<ShapeOf<NonNullable<typeof columns.bias>>>().toEqualTypeOf<[3, 1]>()
  })

  test('replaces the units and leaves the other axes', () => {
    const rows = layer.forward(images)
    expectTypeOf<ShapeOf<typeof rows>>().toEqualTypeOf<[32, 10]>()
    const deep = layer.forward({} as Tensor<[8, 32, 784]>)
    expectTypeOf<ShapeOf<typeof deep>>().toEqualTypeOf<[8, 32, 10]>()
    const named = layer.forward({} as Tensor<['m', 784]>)
    expectTypeOf<ShapeOf<typeof named>>().toEqualTypeOf<['m', 10]>()
    const inColumns = columns.forward({} as Tensor<[2, 7]>)
    expectTypeOf<ShapeOf<typeof inColumns>>().toEqualTypeOf<[3, 7]>()
  })

  test('lets through what is known only at run time', () => {
    layer.forward(unknownRank)
    const output = layer.forward(unknownSizes)
    expectTypeOf<ShapeOf<typeof output>>().toEqualTypeOf<[number, 10]>()
    const dynamic = new Dense(wide, wide, { rng })
    const loose = dynamic.forward(images)
    expectTypeOf<ShapeOf<typeof loose>>().toEqualTypeOf<[32, number]>()
    const eitherWay = new Dense(784, 10, { rng, layout: {} as 'rows' | 'columns' })
    eitherWay.forward(images)
  })

  test('refuses other sizes', () => {
    // @ts-expect-error 100 is not 784
    layer.forward(wrongImages)
    // @ts-expect-error the examples lie the other way
    columns.forward({} as Tensor<[7, 2]>)
    // @ts-expect-error a vector has no examples beside it
    columns.forward({} as Tensor<[2]>)
  })

  test('is a Dense of sizes that nobody knows, and a module', () => {
    expectTypeOf(layer).toExtend<Dense>()
    expectTypeOf(columns).toExtend<Dense<number, number, 'columns'>>()
    expectTypeOf(columns).not.toExtend<Dense>()
    const module: Module<Tensor<[number, 784]>, Tensor<[number, 10]>> = layer
    const any: Layer<Tensor, Tensor> = layer
    void [module, any]
  })

  test('works in generic code', () => {
    class Mlp<Hidden extends number> {
      readonly hidden: Dense<784, Hidden>
      readonly output: Dense<Hidden, 10>

      constructor(hidden: Hidden) {
        this.hidden = new Dense(784, hidden, { rng })
        this.output = new Dense(hidden, 10, { rng })
      }

      forward(x: Tensor<[32, 784]>): Tensor<[32, 10]> {
        return this.output.forward(relu(this.hidden.forward(x)))
      }
    }
    void Mlp
  })
})

describe('sequential', () => {
  test('knows what goes in and what comes out', () => {
    const model = sequential(new Dense(784, 128, { rng }), relu, new Dense(128, 10, { rng }))
    const output = model.forward(images)
    expectTypeOf<ShapeOf<typeof output>>().toEqualTypeOf<[number, 10]>()
    const loose = model.forward(unknownSizes)
    expectTypeOf<ShapeOf<typeof loose>>().toEqualTypeOf<[number, 10]>()
    const unknown = model.forward(unknownRank)
    expectTypeOf<ShapeOf<typeof unknown>>().toEqualTypeOf<Shape>()
    const deep = model.forward({} as Tensor<[8, 32, 784]>)
    expectTypeOf<ShapeOf<typeof deep>>().toEqualTypeOf<Shape>()
    model.forward(tensor([[1, 2]] as number[][]))
    // @ts-expect-error 100 is not 784
    model.forward(wrongImages)
  })

  test('refuses a layer that does not take what the one before it gives', () => {
    // @ts-expect-error 128 is not 64
    sequential(new Dense(784, 128, { rng }), new Dense(64, 10, { rng }))
    // @ts-expect-error also behind generic functions
    sequential(new Dense(784, 128, { rng }), relu, tanh, new Dense(64, 10, { rng }))
    // @ts-expect-error also behind layers that keep the shape
    sequential(new Dense(784, 128, { rng }), new LeakyRelu(0.1), new Softmax(), new Dense(64, 10, { rng }))
    // @ts-expect-error also behind a chain
    sequential(sequential(new Dense(784, 128, { rng }), relu), new Dense(64, 10, { rng }))
    // @ts-expect-error also in front of a chain
    sequential(new Dense(784, 128, { rng }), sequential(new Dense(64, 10, { rng }), relu))
    const [hidden, output] = [
      new Dense(2, 3, { rng, layout: 'columns' }),
      new Dense(4, 1, { rng, layout: 'columns' }),
    ] as const
    // @ts-expect-error also in columns
    sequential(hidden, sigmoid, output)
    // @ts-expect-error a number is no layer
    sequential(new Dense(2, 3, { rng }), 3)
  })

  test('is as long as it likes', () => {
    const dense = new Dense(8, 8, { rng })
    const long = sequential(
      ...([dense, relu, dense, relu, dense, relu, dense, relu, dense, relu, dense, relu] as const),
      new Dense(8, 3, { rng }),
    )
    const output = long.forward({} as Tensor<[5, 8]>)
    expectTypeOf<ShapeOf<typeof output>>().toEqualTypeOf<[number, 3]>()
  })

  test('lets sizes through that are known only at run time', () => {
    sequential(new Dense(784, wide, { rng }), relu, new Dense(wide, 10, { rng }))
    sequential(new Dense(784, wide, { rng }), relu, new Dense(128, 10, { rng }))
    sequential(new Dense(784, 128, { rng }), relu, new Dense(wide, 10, { rng }))
    sequential(new Dense(784, 128, { rng }), (x: Tensor) => x, new Dense(64, 10, { rng }))
  })

  test('takes functions written in place, and modules of the reader', () => {
    class Half {
      forward(x: Tensor<[number, 128]>): Tensor<[number, 64]> {
        return x as unknown as Tensor<[number, 64]>
      }
    }
    const model = sequential(
      new Dense(784, 128, { rng }),
      z => mul(z, sigmoid(z)),
      new Half(),
      x => x.mul(2),
      new Dense(64, 10, { rng }),
      linear,
      softmax,
    )
    const output = model.forward(images)
    expectTypeOf<ShapeOf<typeof output>>().toEqualTypeOf<[number, 10]>()
    sequential(new Dense(784, wide, { rng }), new Half())
    // @ts-expect-error 127 is not 128
    sequential(new Dense(784, 127, { rng }), new Half())
    // @ts-expect-error 64 is not 63
    sequential(new Half(), new Dense(63, 10, { rng }))
    // @ts-expect-error a function of two rows
    sequential(new Dense(2, 3, { rng }), (x: Tensor<[number, 2]>) => x)
  })

  test('is a Sequential and a module; a list of layers makes one without shapes', () => {
    const model = sequential(new Dense(784, 10, { rng }), softmax)
    expectTypeOf(model).toExtend<Sequential>()
    const module: Module<Tensor<[number, 784]>, Tensor<[number, 10]>> = model
    const layers: Layer<Tensor, Tensor>[] = [new Dense(wide, wide, { rng }), relu]
    const built = new Sequential(layers).forward(images)
    expectTypeOf<ShapeOf<typeof built>>().toEqualTypeOf<Shape>()
    void module
  })
})

describe('layers of several ranks', () => {
  const conv = new Conv2d(3, 8, 3, { rng })
  const tokens = {} as Tensor<[4, 12]>

  test('norms keep the shape and refuse other sizes', () => {
    const flat = new BatchNorm(8).forward({} as Tensor<[32, 8]>)
    expectTypeOf<ShapeOf<typeof flat>>().toEqualTypeOf<[32, 8]>()
    const image = new GroupNorm(2, 8).forward({} as Tensor<[4, 8, 28, 28]>)
    expectTypeOf<ShapeOf<typeof image>>().toEqualTypeOf<[4, 8, 28, 28]>()
    const rest = new LayerNorm([28, 28]).forward({} as Tensor<[4, 8, 28, 28]>)
    expectTypeOf<ShapeOf<typeof rest>>().toEqualTypeOf<[4, 8, 28, 28]>()
    new BatchNorm(8, { layout: 'columns' }).forward({} as Tensor<[8, 32]>)
    new BatchNorm(wide).forward({} as Tensor<[8, 32]>)
    new RMSNorm(8).forward(unknownSizes)
    new InstanceNorm(8).forward(unknownRank)
    new LayerNorm([wide, 8]).forward({} as Tensor<[3, 8]>)
    new LayerNorm([] as number[]).forward(images)
    // @ts-expect-error 16 is not 8
    new BatchNorm(16).forward({} as Tensor<[32, 8]>)
    // @ts-expect-error the examples lie the other way
    new BatchNorm(8, { layout: 'columns' }).forward({} as Tensor<[32, 8]>)
    // @ts-expect-error the last two sizes are compared
    new LayerNorm([28, 28]).forward({} as Tensor<[4, 28, 27]>)
    // @ts-expect-error 7 is not 8
    new RMSNorm(8).forward({} as Tensor<[7]>)
    // @ts-expect-error a vector has no channels
    new InstanceNorm(8).forward({} as Tensor<[8]>)
    expectTypeOf(new BatchNorm(8)).toExtend<BatchNorm>()
    expectTypeOf(new LayerNorm(8)).toExtend<LayerNorm>()
    expectTypeOf(new LayerNorm([2, 8])).toExtend<LayerNorm>()
    expectTypeOf(new GroupNorm(2, 8)).toExtend<GroupNorm>()
    expectTypeOf(new MultiHeadAttention(8, 2, { rng })).toExtend<MultiHeadAttention>()
    const module: Module<Tensor<[number, 8]>, Tensor<[number, 8]>> = new BatchNorm(8)
    const any: readonly Layer<Tensor, Tensor>[] = [new BatchNorm(8), new LayerNorm(8), new MaxPool2d(2)]
    void [module, any]
  })

  test('pooling keeps the batch and the channels', () => {
    const batch = new MaxPool2d(2).forward({} as Tensor<[4, 8, 28, 28]>)
    expectTypeOf<ShapeOf<typeof batch>>().toEqualTypeOf<[4, 8, number, number]>()
    const single = new AveragePool2d(2).forward({} as Tensor<[8, 28, 28]>)
    expectTypeOf<ShapeOf<typeof single>>().toEqualTypeOf<[8, number, number]>()
    const signal = new MaxPool1d(2).forward({} as Tensor<['m', 8, 28]>)
    expectTypeOf<ShapeOf<typeof signal>>().toEqualTypeOf<['m', 8, number]>()
    const unknown = new MaxPool2d(2).forward(unknownRank)
    expectTypeOf<ShapeOf<typeof unknown>>().toEqualTypeOf<Dim[]>()
  })

  test('an embedding has an axis more', () => {
    const embedding = new Embedding(100, 8, { rng })
    const vectors = embedding.forward(tokens)
    expectTypeOf<ShapeOf<typeof vectors>>().toEqualTypeOf<[4, 12, 8]>()
    const unknown = embedding.forward(unknownRank)
    expectTypeOf<ShapeOf<typeof unknown>>().toEqualTypeOf<Shape>()
    expectTypeOf(embedding).toExtend<Embedding>()
  })

  test('both directions of a recurrent layer stand side by side', () => {
    const x = {} as Tensor<[4, 12, 3]>
    const both = new LSTM(3, 64, { rng, bidirectional: true }).forward(x)
    expectTypeOf<ShapeOf<typeof both>>().toEqualTypeOf<[4, 12, 128]>()
    const unusual = new GRU(3, 77, { rng, bidirectional: true }).forward(x)
    expectTypeOf<ShapeOf<typeof unusual>>().toEqualTypeOf<[4, 12, number]>()
    const either = new RNN(3, 64, { rng, bidirectional: {} as boolean }).forward(x)
    expectTypeOf<ShapeOf<typeof either>>().toEqualTypeOf<[4, 12, 64 | 128]>()
  })

  test('chains that fit', () => {
    const cnn = sequential(
      conv,
      new BatchNorm(8),
      relu,
      new MaxPool2d(2),
      new Conv2d(8, 16, 3, { rng }),
      new GroupNorm(4, 16),
      new AdaptiveAveragePool2d(1),
      new Flatten(),
      new Dropout(0.1),
      new Dense(16, 10, { rng }),
      new BatchNorm(10),
    )
    const logits = cnn.forward({} as Tensor<[4, 3, 28, 28]>)
    expectTypeOf<ShapeOf<typeof logits>>().toEqualTypeOf<[number, 10]>()

    const reader = sequential(
      new Embedding(100, 8, { rng }),
      new SinusoidalPositionalEncoding(8),
      new LayerNorm(8),
      new TransformerEncoderLayer(8, 2, { rng }),
      new MultiHeadAttention(8, 2, { rng }),
      new LSTM(8, 16, { rng, bidirectional: true }),
      new Dense(32, 3, { rng }),
      new RMSNorm(3),
    )
    const states = reader.forward(tokens)
    expectTypeOf<ShapeOf<typeof states>>().toEqualTypeOf<[number, number, 3]>()

    const vectors = sequential(new Embedding(100, 8, { rng }), relu).forward(tokens)
    expectTypeOf<ShapeOf<typeof vectors>>().toEqualTypeOf<Shape>()
    sequential(sequential(new Embedding(100, 8, { rng }), relu), new LSTM(8, 16, { rng }))
    sequential(new LayerNorm([8, 14, 14]), new Flatten(), new Dense(8 * 14 * 14, 10, { rng }))
    sequential(conv, new LayerNorm([8, 26, 26]))
    sequential(conv, new BatchNorm(wide), new Conv2d(8, 3, 1, { rng }))
    sequential(residual(new LayerNorm(8)), new Dense(8, 2, { rng }))
    sequential(new Dense(2, 8, { rng, layout: 'columns' }), new BatchNorm(8, { layout: 'columns' }))
    sequential(new LSTM(3, 77, { rng, bidirectional: true }), new Dense(154, 2, { rng }))
    sequential(new GRU(3, 8, { rng, bidirectional: {} as boolean }), new Dense(wide, 2, { rng }))
    sequential((x: Tensor) => x, new MaxPool2d(2), new BatchNorm(8), new Conv2d(8, 3, 1, { rng }))
    sequential((x: Tensor<[number, number, number, 8]>) => x, new Dense(8, 3, { rng }))
    sequential(conv, new Flatten(2), new LSTM(wide, 3, { rng }))
    const called = callLayer(new MaxPool2d(2), 'pool', {} as Tensor<[4, 8, 28, 28]>)
    expectTypeOf<ShapeOf<typeof called>>().toEqualTypeOf<[4, 8, number, number]>()
    const kept = callLayer(new LayerNorm(8), 'norm', {} as Tensor<[4, 8]>)
    expectTypeOf<ShapeOf<typeof kept>>().toEqualTypeOf<[4, 8]>()
  })

  test('axes in front come and go with the input', () => {
    const reader = sequential(new LSTM(3, 8, { rng }), new Dense(8, 2, { rng }))
    const steps = reader.forward({} as Tensor<[4, 12, 3]>)
    expectTypeOf<ShapeOf<typeof steps>>().toEqualTypeOf<[number, number, 2]>()
    sequential(new LSTM(3, 8, { rng }), new Dense(8, 2, { rng }), new BatchNorm(12))
    const single = sequential((x: Tensor<[12, 3]>) => x, new GRU(3, 8, { rng }))
    const states = single.forward({} as Tensor<[12, 3]>)
    expectTypeOf<ShapeOf<typeof states>>().toEqualTypeOf<[number, 8]>()
  })

  test('in generic code', () => {
    class Block<Features extends number> {
      readonly dense: Dense<Features, Features>
      readonly batch: BatchNorm<Features>
      readonly layer: LayerNorm<Features>
      readonly both: GRU<Features, Features, true>

      constructor(features: Features) {
        this.dense = new Dense(features, features, { rng })
        this.batch = new BatchNorm(features)
        this.layer = new LayerNorm(features)
        this.both = new GRU(features, features, { rng, bidirectional: true })
      }

      forward(x: Tensor<[32, Features]>): Tensor<[32, Features]> {
        void (this.both.forward(x) satisfies Tensor)
        return this.layer.forward(this.batch.forward(relu(this.dense.forward(x))))
      }
    }
    void Block
  })

  test('chains that are refused', () => {
    // @ts-expect-error 8 channels, not 16
    sequential(conv, new BatchNorm(16))
    // @ts-expect-error also behind functions
    sequential(conv, relu, new InstanceNorm(16))
    // @ts-expect-error 8 channels, not 16
    sequential(conv, new GroupNorm(2, 16))
    // @ts-expect-error 8 features, not 16
    sequential(new Dense(4, 8, { rng }), new BatchNorm(16))
    // @ts-expect-error 8 features, not 16
    sequential(new Dense(4, 8, { rng }), new LayerNorm(16))
    // @ts-expect-error 8 features, not 16
    sequential(new Dense(4, 8, { rng }), new RMSNorm([16]))
    // @ts-expect-error 8 features, not 16
    sequential(new Dense(4, 8, { rng, layout: 'columns' }), new BatchNorm(16, { layout: 'columns' }))
    // @ts-expect-error an image was not flattened
    sequential(conv, new Dense(64, 10, { rng }))
    // @ts-expect-error also behind layers that keep the rank
    sequential(conv, new BatchNorm(8), relu, new MaxPool2d(2), new Dense(64, 10, { rng }))
    // @ts-expect-error an image is no sequence
    sequential(conv, new LSTM(8, 16, { rng }))
    // @ts-expect-error 8 channels, not 16, behind pooling
    sequential(conv, new MaxPool2d(2), new Conv2d(16, 3, 3, { rng }))
    // @ts-expect-error and behind this one
    sequential(conv, new AveragePool2d(2), relu, new Conv2d(16, 3, 3, { rng }))
    // @ts-expect-error a signal is no image
    sequential(new Dense(4, 8, { rng }), new MaxPool2d(2))
    // @ts-expect-error and an image no signal
    sequential(conv, new MaxPool1d(2))
    // @ts-expect-error 8 dimensions, not 16
    sequential(new Embedding(100, 8, { rng }), new LSTM(16, 3, { rng }))
    // @ts-expect-error also in a chain of its own
    sequential(sequential(new Embedding(100, 8, { rng }), relu), new LSTM(16, 3, { rng }))
    // @ts-expect-error 8 dimensions, not 16
    sequential(new Embedding(100, 8, { rng }), new TransformerEncoderLayer(16, 2, { rng }))
    // @ts-expect-error 8 dimensions, not 16
    sequential(new Embedding(100, 8, { rng }), new MultiHeadAttention(16, 2, { rng }))
    // @ts-expect-error 32 features, not 16
    sequential(new LSTM(3, 16, { rng, bidirectional: true }), new Dense(16, 2, { rng }))
    // @ts-expect-error 32 features, not 16
    sequential(new GRU(3, 16, { rng, bidirectional: true }), new GRU(16, 2, { rng }))
    // @ts-expect-error 6 features, not 8, also behind a norm that comes first
    sequential(new LayerNorm(6), new Dense(8, 2, { rng }))
    // @ts-expect-error 8 is not 6
    sequential(new LayerNorm(6), relu).forward({} as Tensor<[4, 8]>)
    // @ts-expect-error 8 channels, not 4
    sequential(new Conv1d(3, 8, 3, { rng }), new MaxPool1d(2), new Conv1d(4, 8, 3, { rng }))
  })
})

describe('losses', () => {
  const prediction = {} as Tensor<[4, 2]>

  test('are one number, or what is not reduced', () => {
    const mean = meanSquaredError(prediction, {} as Tensor<[4, 2]>)
    expectTypeOf<ShapeOf<typeof mean>>().toEqualTypeOf<[]>()
    const none = meanSquaredError(prediction, {} as Tensor<[4, 2]>, { reduction: 'none' })
    expectTypeOf<ShapeOf<typeof none>>().toEqualTypeOf<[4, 2]>()
    const half = halfSquaredError(prediction, {} as Tensor<[4, 2]>)
    expectTypeOf<ShapeOf<typeof half>>().toEqualTypeOf<[]>()
    const each = crossEntropy(prediction, {} as Tensor<[4]>, { reduction: 'none' })
    expectTypeOf<ShapeOf<typeof each>>().toEqualTypeOf<Shape>()
  })

  test('let through what is known only at run time', () => {
    meanSquaredError(prediction, unknownRank)
    meanSquaredError(unknownRank, prediction)
    meanSquaredError(prediction, unknownSizes)
    meanSquaredError(unknownSizes, prediction)
  })

  test('refuse a target of another shape', () => {
    // @ts-expect-error 3 is not 2
    meanSquaredError(prediction, {} as Tensor<[4, 3]>)
    // @ts-expect-error [4] would be broadcast
    binaryCrossEntropy({} as Tensor<[4, 1]>, {} as Tensor<[4]>)
    // @ts-expect-error and so would [4, 1]
    binaryCrossEntropy({} as Tensor<[4]>, {} as Tensor<[4, 1]>)
    // @ts-expect-error 3 is not 2
    halfSquaredError(prediction, {} as Tensor<[4, 3]>)
  })

  test('work in generic code', () => {
    function regularised<S extends Shape>(a: Tensor<S>, y: Tensor<S>): Tensor<[]> {
      return meanSquaredError(a, y)
    }
    void regularised
  })
})
