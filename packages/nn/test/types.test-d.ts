// What the compiler accepts and what it refuses.
import { mul, Rng, relu, type Shape, sigmoid, softmax, type Tensor, tanh, tensor } from '@adjoint/core'
import { describe, expectTypeOf, test } from 'vitest'
import {
  binaryCrossEntropy,
  crossEntropy,
  Dense,
  halfSquaredError,
  type Layer,
  LeakyRelu,
  linear,
  type Module,
  meanSquaredError,
  Sequential,
  Softmax,
  sequential,
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
