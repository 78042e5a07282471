// Layers: the two layouts of Dense, chains with their paths and contexts, activations with settings.
import {
  ArgumentError,
  matmul,
  Rng,
  relu,
  ShapeError,
  sigmoid,
  softmax,
  type Tensor,
  tanh,
  tensor,
  withDefaultDType,
  zeros,
} from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import {
  callLayer,
  Dense,
  type DenseOptions,
  type ForwardContext,
  initializers,
  LeakyRelu,
  linear,
  Sequential,
  Softmax,
  sequential,
  summary,
} from '../src/index.ts'
import { distance, errorOf } from './support.ts'

const rng = new Rng(2)
const dtype = 'float64'

describe('Dense', () => {
  test('rows: x W^T + b, also under further axes', () => {
    const layer = new Dense(3, 2, { rng, dtype })
    expect(layer.weight.shape).toEqual([2, 3])
    expect(layer.bias!.shape).toEqual([2])
    const x = rng.normal([4, 5, 3], { dtype })
    const y = layer.forward(x)
    expect(y.shape).toEqual([4, 5, 2])
    const flat = matmul(x.reshape([20, 3]), layer.weight.transpose()).add(layer.bias!)
    expect(distance(y.data(), flat.data())).toBeLessThan(1e-15)
    expect(layer.forward(zeros([3], { dtype })).toArray()).toEqual(layer.bias!.toArray())
  })

  test('columns: W x + b, the transpose of rows', () => {
    const columns = new Dense(3, 2, { rng, dtype, layout: 'columns' })
    expect(columns.weight.shape).toEqual([2, 3])
    expect(columns.bias!.shape).toEqual([2, 1])
    const rows = new Dense(3, 2, {
      dtype,
      weightInitializer: () => columns.weight,
      biasInitializer: () => columns.bias!.reshape([2]),
    })
    const x = rng.normal([3, 6], { dtype })
    const y = columns.forward(x)
    expect(y.shape).toEqual([2, 6])
    expect(distance(y.transpose().data(), rows.forward(x.transpose()).data())).toBeLessThan(1e-15)
    expect(columns.forward(zeros([4, 3, 6], { dtype })).shape).toEqual([4, 2, 6])
  })

  test("starts like PyTorch's Linear: weight and bias uniform in 1/sqrt(inputs)", () => {
    const layer = new Dense(100, 400, { rng: new Rng(8), dtype })
    for (const values of [layer.weight.data(), layer.bias!.data()]) {
      expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.1)
      expect(Math.max(...values)).toBeGreaterThan(0.09)
      expect(Math.min(...values)).toBeLessThan(-0.09)
    }
    const std = Math.sqrt(layer.weight.square().mean().item())
    expect(std).toBeCloseTo(0.1 / Math.sqrt(3), 3)
  })

  test('the same seed gives the same layer', () => {
    const make = (): Dense => new Dense(3, 4, { rng: new Rng(6) })
    expect(make().weight.toArray()).toEqual(make().weight.toArray())
    expect(make().bias!.toArray()).toEqual(make().bias!.toArray())
  })

  test('has no bias when told so', () => {
    const layer = new Dense(2, 2, { rng, bias: false })
    expect(layer.bias).toBeNull()
    expect(layer.forward(zeros([1, 2])).toArray()).toEqual([[0, 0]])
  })

  test('has the default dtype unless another one is given', () => {
    expect(new Dense(1, 1, { rng }).weight.dtype).toBe('float32')
    expect(new Dense(1, 1, { rng, dtype }).bias!.dtype).toBe('float64')
    expect(withDefaultDType('float64', () => new Dense(1, 1, { rng })).weight.dtype).toBe('float64')
  })

  test('needs no generator when nothing is drawn', () => {
    const { ones, zeros } = initializers
    const layer = new Dense(2, 1, { weightInitializer: ones, biasInitializer: zeros })
    expect(layer.forward(tensor([[3, 4]])).toArray()).toEqual([[7]])
  })

  const refused: readonly [string, () => unknown, string][] = [
    [
      'an input of another width',
      () => new Dense(3, 2, { rng }).forward(zeros([4, 5]) as Tensor),
      "Dense(3, 2): takes [m, 3] (layout 'rows'), got [4, 5].",
    ],
    [
      'columns where rows are meant',
      () => new Dense(3, 2, { rng }).forward(zeros([3, 5]) as Tensor),
      "Dense(3, 2): takes [m, 3] (layout 'rows'), got [3, 5]. Transpose it, or give the layer layout 'columns'.",
    ],
    [
      'rows where columns are meant',
      () => new Dense(3, 2, { rng, layout: 'columns' }).forward(zeros([5, 3]) as Tensor),
      "Dense(3, 2): takes [3, m] (layout 'columns'), got [5, 3]. Transpose it, or give the layer layout 'rows'.",
    ],
    [
      'a vector beside columns',
      () => new Dense(3, 2, { rng, layout: 'columns' }).forward(zeros([3]) as Tensor),
      "Dense(3, 2): takes [3, m] (layout 'columns'), got [3].",
    ],
    [
      'a number',
      () => new Dense(3, 2, { rng }).forward(tensor(1) as Tensor),
      "Dense(3, 2): takes [m, 3] (layout 'rows'), got [].",
    ],
    ['no outputs', () => new Dense(3, 0, { rng }), 'Dense: outputs must be a whole number from 1 up, got 0.'],
    [
      'half an input',
      () => new Dense(2.5, 1, { rng }),
      'Dense: inputs must be a whole number from 1 up, got 2.5.',
    ],
    [
      'an unknown layout',
      () => new Dense(1, 1, { rng, layout: 'row' as 'rows' }),
      "Dense: layout must be 'rows' or 'columns', got 'row'.",
    ],
    [
      'an initialiser that is a name',
      () => new Dense(2, 3, { rng, weightInitializer: 'he' as never }),
      "Dense: the initialiser of weight gave 'he', needed is float32 [3, 2].",
    ],
    [
      'an initialiser of another shape',
      () => new Dense(2, 3, { rng, weightInitializer: () => zeros([2, 3]) }),
      'Dense: the initialiser of weight gave float32 [2, 3], needed is float32 [3, 2].',
    ],
    [
      'an initialiser of another dtype',
      () => new Dense(2, 3, { rng, biasInitializer: shape => zeros(shape, { dtype: 'float64' }) }),
      'Dense: the initialiser of bias gave float64 [3], needed is float32 [3].',
    ],
    [
      'an initialiser that gives no tensor',
      () => new Dense(2, 3, { rng, weightInitializer: () => [[1]] as never }),
      'Dense: the initialiser of weight gave an array, needed is float32 [3, 2].',
    ],
    [
      'an array',
      () => new Dense(2, 3, { rng }).forward([[1, 2]] as never),
      'Dense(2, 3): the input must be a tensor, got an array; make one with tensor(...).',
    ],
    [
      'no generator',
      () => new Dense(2, 3),
      'initializers.uniform: draws random numbers and got no generator; give the layer one, { rng: new Rng(0) }.',
    ],
  ]
  test.each(refused)('refuses %s', (_, run, message) => {
    expect(errorOf(run).message).toBe(message)
  })

  test('says so with a ShapeError that carries the shape', () => {
    const error = errorOf(() => new Dense(3, 2, { rng }).forward(zeros([4, 5]) as Tensor))
    expect(error).toBeInstanceOf(ShapeError)
    expect((error as ShapeError).shapes).toEqual([[4, 5]])
  })
})

describe('sequential', () => {
  const dense = (inputs: number, outputs: number, options: DenseOptions<'rows'> = {}): Dense =>
    new Dense(inputs, outputs, { rng, ...options })

  test('is its layers one after the other', () => {
    const [first, second] = [dense(2, 3), dense(3, 1)]
    const model = sequential(first, tanh, second, sigmoid)
    const x = rng.normal([5, 2])
    expect(model.forward(x).toArray()).toEqual(sigmoid(second.forward(tanh(first.forward(x)))).toArray())
    expect(model.layers).toEqual([first, tanh, second, sigmoid])
    expect(Object.isFrozen(model.layers)).toBe(true)
  })

  test('of nothing gives the input back', () => {
    const x = zeros([2])
    expect(sequential().forward(x)).toBe(x)
  })

  test('gives functions the input only: softmax would take a context for an axis', () => {
    const given: unknown[][] = []
    const spy = (...all: [Tensor]): Tensor => {
      given.push(all)
      return all[0]
    }
    const x = zeros([2, 2])
    sequential(spy, softmax).forward(x, { training: true })
    expect(given).toEqual([[x]])
  })

  test('passes the context on to modules, whole', () => {
    const contexts: (ForwardContext | undefined)[] = []
    const module = {
      forward: (x: Tensor, context?: ForwardContext): Tensor => {
        contexts.push(context)
        return x
      },
    }
    const model = sequential(sequential(module))
    const context = { training: true, rng }
    model.forward(zeros([1]))
    model.forward(zeros([1]), context)
    model.forward(zeros([1]), { ...context, observe: () => {} })
    expect(contexts[0]).toBeUndefined()
    expect(contexts[1]).toBe(context)
    expect(contexts[2]).toMatchObject(context)
  })

  test('tells observe every output with its path, inner ones first', () => {
    const model = sequential(dense(2, 3), sequential(tanh, sequential(dense(3, 3), relu)), dense(3, 1))
    const seen: [string, Tensor][] = []
    const output = model.forward(zeros([4, 2]), { observe: (path, x) => seen.push([path, x]) })
    expect(seen.map(([path, { shape }]) => [path, shape])).toEqual([
      ['0', [4, 3]],
      ['1.0', [4, 3]],
      ['1.1.0', [4, 3]],
      ['1.1.1', [4, 3]],
      ['1.1', [4, 3]],
      ['1', [4, 3]],
      ['2', [4, 1]],
    ])
    expect(seen.at(-1)![1]).toBe(output)
  })

  test('names parameters by their paths in the outermost chain', () => {
    const inner = sequential(dense(2, 2), relu)
    expect(inner.layers[0]).toMatchObject({ weight: { name: '0.weight' } })
    sequential(tanh, inner)
    expect(inner.layers[0]).toMatchObject({ weight: { name: '1.0.weight' }, bias: { name: '1.0.bias' } })
  })

  test.each([
    ['a tensor', zeros([1]), 'a tensor'],
    ['null', null, 'null'],
    ['a number', 3, '3'],
    ['an object without forward', {}, 'an object'],
    ['a class', LeakyRelu, 'a class, not an instance'],
    ['a class of modules with layouts', Dense, 'a class, not an instance'],
  ])('refuses %s', (_, layer, what) => {
    expect(errorOf(() => new Sequential([relu, layer as never])).message).toBe(
      `sequential: layer 1 is ${what}; a layer has forward(input), or is a function of one tensor.`,
    )
  })
})

describe('layouts in a chain', () => {
  const columns = (inputs: number, outputs: number): Dense<number, number, 'columns'> =>
    new Dense(inputs, outputs, { rng, layout: 'columns' })
  const rows = (): Dense => new Dense(3, 1, { rng })

  test('are one', () => {
    expect(sequential(rows(), relu, rows()).layout).toBe('rows')
    expect(sequential(tanh, sequential(columns(2, 3), relu)).layout).toBe('columns')
    expect(sequential(relu, linear).layout).toBeUndefined()
    expect(sequential(rows(), { layout: 'NHWC', forward: (x: Tensor) => x }).layout).toBe('rows')
  })

  const mixed: readonly [string, () => unknown, string][] = [
    [
      'side by side',
      () => new Sequential([rows(), columns(3, 1)]),
      "layer 1 has layout 'columns', those before it 'rows'.",
    ],
    [
      'apart',
      () => new Sequential([columns(2, 3), relu, rows()]),
      "layer 2 has layout 'rows', those before it 'columns'.",
    ],
    [
      'in an inner chain',
      () => new Sequential([rows(), new Sequential([relu, columns(3, 1)])]),
      "layer 1 has layout 'columns', those before it 'rows'.",
    ],
    [
      'in a softmax, which would run over the examples',
      () => new Sequential([columns(2, 3), new Softmax()]),
      "layer 1 has layout 'rows', those before it 'columns'.",
    ],
  ]
  test.each(mixed)('mixed %s are refused', (_, run, message) => {
    const error = errorOf(run)
    expect(error).toBeInstanceOf(ArgumentError)
    expect(error.message).toBe(`sequential: ${message}`)
  })
})

describe('callLayer', () => {
  /** A module that tells observers of its layers, one of them in a list. */
  class Residual {
    readonly inner: Dense<2, 2> = new Dense(2, 2, { rng })
    readonly blocks: readonly Sequential[] = [new Sequential([relu, new Dense(2, 2, { rng })])]

    forward(x: Tensor, context?: ForwardContext): Tensor {
      const z = callLayer(this.inner, 'inner', x, context)
      return x.add(callLayer(this.blocks[0]!, 'blocks.0', z, context))
    }
  }

  const heard = (run: (context: ForwardContext) => unknown): string[] => {
    const paths: string[] = []
    run({ observe: path => paths.push(path) })
    return paths
  }

  test('reports a layer that stands alone, under the path that the caller gives', () => {
    const layer = new Dense(2, 3, { rng })
    expect(heard(context => callLayer(layer, 'layer', zeros([1, 2]), context))).toEqual(['layer'])
    expect(heard(context => callLayer(relu, '', zeros([1, 2]), context))).toEqual([''])
  })

  test('reports the layers of a module of the reader, alone and in chains', () => {
    const inside = ['inner', 'blocks.0.0', 'blocks.0.1', 'blocks.0']
    const x = zeros([1, 2])
    expect(heard(context => new Residual().forward(x, context))).toEqual(inside)
    expect(heard(context => sequential(relu, new Residual()).forward(x, context))).toEqual([
      '0',
      ...inside.map(path => `1.${path}`),
      '1',
    ])
  })

  test('gives the output of the layer, with a context and without', () => {
    const [model, x] = [new Residual(), rng.normal([3, 2])]
    const expected = x.add(model.blocks[0]!.forward(model.inner.forward(x))).toArray()
    expect(model.forward(x).toArray()).toEqual(expected)
    expect(model.forward(x, { observe: () => {} }).toArray()).toEqual(expected)
  })

  test('passes a context without an observer on as it is, and to functions none', () => {
    const given: unknown[][] = []
    const spy = (...all: unknown[]): unknown => given.push(all)
    const context = { training: true }
    callLayer({ forward: spy }, 'a', 1 as never, context)
    callLayer(spy as (x: Tensor) => unknown, 'b', zeros([1]), context)
    expect(given[0]).toEqual([1, context])
    expect(given[0]![1]).toBe(context)
    expect(given[1]).toHaveLength(1)
  })

  test('summaries show the shapes inside', () => {
    expect(summary(sequential(new Residual(), new Dense(2, 1, { rng })), zeros([5, 2]))).toBe(
      [
        'path          layer        output  parameters',
        '0.inner       Dense(2, 2)  [5, 2]           6',
        '0.blocks.0.0  relu         [5, 2]           0',
        '0.blocks.0.1  Dense(2, 2)  [5, 2]           6',
        '1             Dense(2, 1)  [5, 1]           3',
        'total                                      15',
      ].join('\n'),
    )
  })
})

describe('activations with settings', () => {
  test('LeakyRelu', () => {
    const x = tensor([-2, 0, 3], { dtype, requiresGrad: true })
    const y = new LeakyRelu(0.5).forward(x)
    expect(y.data()).toEqual(new Float64Array([-1, 0, 3]))
    y.sum().backward()
    expect(x.grad!.toArray()).toEqual([0.5, 0.5, 1])
    expect(new LeakyRelu().slope).toBe(0.01)
    expect(errorOf(() => new LeakyRelu(Number.NaN)).message).toBe(
      'LeakyRelu: the slope must be finite, got NaN.',
    )
  })

  test('Softmax over the units of an example, in both layouts', () => {
    const x = rng.normal([4, 3], { dtype })
    const rows = new Softmax().forward(x)
    expect(rows.toArray()).toEqual(softmax(x).toArray())
    const columns = new Softmax({ layout: 'columns' }).forward(x.transpose())
    expect(columns.transpose().toArray()).toEqual(rows.toArray())
    expect(errorOf(() => new Softmax({ layout: 'column' as 'columns' })).message).toBe(
      "Softmax: layout must be 'rows' or 'columns', got 'column'.",
    )
  })

  test('linear gives the same values as a tensor of its own', () => {
    const z = tensor([1, -2], { requiresGrad: true })
    const a = linear(z)
    expect(a).not.toBe(z)
    expect(a.toArray()).toEqual([1, -2])
    a.square().sum().backward()
    expect(a.grad!.toArray()).toEqual([2, -4])
    expect(z.grad!.toArray()).toEqual([2, -4])
  })
})
