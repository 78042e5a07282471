// Norms: training and inference, running statistics under every transform, accuracy, derivatives to the second order, errors.
import {
  ArgumentError,
  batchNorm,
  checkpoint,
  grad,
  gradients,
  groupNorm,
  instanceNorm,
  jvp,
  layerNorm,
  localResponseNorm,
  type Parameter,
  Rng,
  rmsNorm,
  ShapeError,
  scan,
  type Tensor,
  tensor,
  vmap,
  zeros,
} from '@adjoint/core'
import {
  BatchNorm,
  Dense,
  functionalCall,
  GroupNorm,
  InstanceNorm,
  initializers,
  LayerNorm,
  LocalResponseNorm,
  loadState,
  parameters,
  pytorchState,
  RMSNorm,
  sequential,
  stateOf,
  withParameters,
} from '@adjoint/nn'
import { checkGradients } from '@adjoint/testing'
import { describe, expect, test } from 'vitest'
import { errorOf } from './support.ts'

const training = { training: true }

function draw(shape: readonly number[], seed = 0): Tensor {
  return new Rng(seed).normal(shape, { dtype: 'float64' })
}

describe('batch norm', () => {
  test('a batch has mean 0 and variance 1 per feature, of any rank', () => {
    for (const space of [[], [3], [2, 3], [2, 1, 3]]) {
      const layer = new BatchNorm(2, { dtype: 'float64', epsilon: 0 })
      const y = layer.forward(
        draw([4, 2, ...space])
          .mul(7)
          .add(100),
        training,
      )
      const axes = [0, ...space.map((_, i) => i + 2)]
      for (const value of y.mean(axes).data()) expect(value).toBeCloseTo(0, 12)
      for (const value of y.square().mean(axes).data()) expect(value).toBeCloseTo(1, 12)
    }
  })

  test('features in rows are features in columns', () => {
    const x = draw([5, 3])
    const rows = new BatchNorm(3, { dtype: 'float64' })
    const columns = new BatchNorm(3, { dtype: 'float64', layout: 'columns' })
    const y = rows.forward(x, training)
    expect(columns.forward(x.transpose(), training).transpose().toArray()).toEqual(y.toArray())
    expect(columns.runningVariance!.toArray()).toEqual(rows.runningVariance!.toArray())
    expect(columns.forward(x.transpose()).transpose().toArray()).toEqual(rows.forward(x).toArray())
  })

  test('without a context it is inference, and changes nothing', () => {
    const layer = new BatchNorm(3)
    const before = JSON.stringify(stateOf(layer))
    layer.forward(draw([4, 3]))
    layer.forward(draw([4, 3]), { training: false })
    expect(JSON.stringify(stateOf(layer))).toBe(before)
  })

  test('momentum null is the plain average of all batches', () => {
    const layer = new BatchNorm(1, { momentum: null, dtype: 'float64' })
    for (const batch of [
      [1, 3],
      [2, 6],
      [5, 5],
    ])
      layer.forward(tensor([[batch[0]!], [batch[1]!]]), training)
    expect(layer.runningMean!.toArray()).toEqual([11 / 3])
    expect(layer.runningVariance!.item()).toBeCloseTo((2 + 8 + 0) / 3, 14)
    expect(layer.batchesTracked!.item()).toBe(3)
    expect(layer.batchesTracked!.dtype).toBe('int32')
  })

  test('without running statistics the batch is used always', () => {
    const layer = new BatchNorm(2, { trackRunningStatistics: false })
    const x = draw([4, 2])
    expect(layer.forward(x).toArray()).toEqual(layer.forward(x, training).toArray())
    expect(Object.keys(stateOf(layer))).toEqual(['weight', 'bias'])
  })

  test('running statistics are no parameters, but state, and PyTorch has its names for them', () => {
    const layer = new BatchNorm(2)
    expect(parameters(layer)).toEqual([layer.weight, layer.bias])
    expect(Object.keys(stateOf(layer))).toEqual([
      'weight',
      'bias',
      'runningMean',
      'runningVariance',
      'batchesTracked',
    ])
    expect(Object.keys(pytorchState(sequential(new Dense(3, 2, { rng: new Rng(0) }), layer)))).toEqual([
      '0.weight',
      '0.bias',
      '1.weight',
      '1.bias',
      '1.running_mean',
      '1.running_var',
      '1.num_batches_tracked',
    ])
    layer.forward(draw([4, 2]).cast('float32'), training)
    const other = new BatchNorm(2)
    loadState(other, JSON.parse(JSON.stringify(stateOf(layer))))
    expect(other.batchesTracked!.item()).toBe(1)
    expect(other.runningMean!.toArray()).toEqual(layer.runningMean!.toArray())
  })

  test('a float64 batch moves float32 statistics', () => {
    const layer = new BatchNorm(2)
    layer.forward(draw([4, 2]), training)
    expect(layer.runningMean!.dtype).toBe('float32')
  })

  test.each([[[1, 2]], [[1, 2, 1]], [[0, 2]]])('a batch of one value per feature is refused: %j', shape => {
    const layer = new BatchNorm(2)
    const error = errorOf(() => layer.forward(zeros(shape), training))
    expect(error).toBeInstanceOf(ArgumentError)
    expect(error.message).toContain('BatchNorm(2): needs more than one value per feature')
    expect(layer.batchesTracked!.item()).toBe(0)
    expect(layer.forward(zeros(shape)).shape).toEqual(shape)
    if (shape[0] === 1) expect(() => batchNorm(zeros(shape))).toThrow('more than one value per channel')
  })
})

describe('running statistics move once per pass', () => {
  const x = draw([4, 2])
  const fresh = (): BatchNorm => new BatchNorm(2, { dtype: 'float64' })
  const once = fresh()
  once.forward(x, training)

  function expectOnce(layer: BatchNorm): void {
    expect(layer.batchesTracked!.item()).toBe(1)
    expect(layer.runningMean!.toArray()).toEqual(once.runningMean!.toArray())
    expect(layer.runningVariance!.toArray()).toEqual(once.runningVariance!.toArray())
  }

  test('under backward and grad', () => {
    const layer = fresh()
    layer.forward(x, training).square().sum().backward()
    expectOnce(layer)
    const other = fresh()
    grad((input: Tensor) => other.forward(input, training).square().sum())(x)
    expectOnce(other)
  })

  test('under checkpoint, which runs twice, and twice more for second derivatives', () => {
    const layer = fresh()
    const block = checkpoint((input: Tensor) => layer.forward(input, training))
    const loss = (input: Tensor): Tensor =>
      block(input)
        .mul(tensor([1, 2]))
        .sigmoid()
        .sum()
    const found = grad(loss)(x)
    expectOnce(layer)
    const plain = fresh()
    const expected = grad((input: Tensor) =>
      plain
        .forward(input, training)
        .mul(tensor([1, 2]))
        .sigmoid()
        .sum(),
    )(x)
    expect(found.toArray()).toEqual(expected.toArray())
    const twice = fresh()
    const again = checkpoint((input: Tensor) => twice.forward(input, training))
    grad((input: Tensor) =>
      grad((inner: Tensor) => again(inner).sigmoid().sum())(input)
        .square()
        .sum(),
    )(x)
    expectOnce(twice)
  })

  test('under scan, once for every step', () => {
    const layer = fresh()
    const steps = (layer: BatchNorm, start: Tensor): Tensor =>
      scan((state: Tensor) => [layer.forward(state, training).tanh(), null] as const, start, null, {
        length: 3,
      })[0]
    const last = steps(layer, x.mul(2))
    expect(layer.batchesTracked!.item()).toBe(3)
    const start = x.mul(2)
    start.requiresGrad = true
    const other = fresh()
    const end = steps(other, start)
    gradients(end.sum(), [start])
    expect(other.batchesTracked!.item()).toBe(3)
    expect(end.toArray()).toEqual(last.toArray())
  })

  test('under jvp, by the value without its tangent', () => {
    const layer = fresh()
    jvp((input: Tensor) => layer.forward(input, training), x, x)
    expectOnce(layer)
    expect(layer.runningMean!.add(1).toArray()).toEqual(once.runningMean!.add(1).toArray())
  })

  test('under vmap they are refused, or go to context.assign', () => {
    const layer = fresh()
    const batches = draw([3, 4, 2])
    const error = errorOf(() => vmap((input: Tensor) => layer.forward(input, training))(batches))
    expect(error.message).toBe(
      "BatchNorm(2): cannot assign 'runningMean' inside of vmap, where it has a value for each example. Pass { assign } in " +
        'the context to receive it there, or call the layer with { training: false }.',
    )
    const assigned: (string | undefined)[] = []
    const assign = (memory: Parameter): number => assigned.push(memory.name)
    const y = vmap((input: Tensor) => layer.forward(input, { ...training, assign }))(batches)
    expect(y.slice(1).toArray()).toEqual(layer.forward(batches.slice(1), { ...training, assign }).toArray())
    expect(assigned.slice(0, 3)).toEqual(['runningMean', 'runningVariance', 'batchesTracked'])
    expect(layer.batchesTracked!.item()).toBe(0)
  })

  test('functionalCall reads the statistics it is given and changes none', () => {
    const layer = fresh()
    const state = { runningMean: tensor([1, 2], { dtype: 'float64' }) }
    const y = functionalCall(layer, state, x)
    expect(y.toArray()).toEqual(layer.forward(x.sub(tensor([1, 2]))).toArray())
    functionalCall(layer, state, x, training)
    expect(layer.batchesTracked!.item()).toBe(0)
  })
})

describe('other norms', () => {
  test('layer norm takes sizes or axes', () => {
    const x = draw([2, 3, 4])
    expect(layerNorm(x, [3, 4]).toArray()).toEqual(layerNorm(x, { axes: [1, 2] }).toArray())
    const turned = layerNorm(x.permute([0, 2, 1]), { axes: 1 })
    expect(turned.permute([0, 2, 1]).toArray()).toEqual(layerNorm(x, { axes: -1 }).toArray())
    const [weight, bias] = [draw([2, 4], 1), draw([2, 4], 2)]
    const y = layerNorm(x, { axes: [0, 2] }, { weight, bias })
    const expected = layerNorm(x.permute([1, 0, 2]), [2, 4], { weight, bias }).permute([1, 0, 2])
    expect(y.toArray()).toEqual(expected.toArray())
  })

  test('one group is a layer norm, as many as channels an instance norm', () => {
    const x = draw([2, 4, 3])
    expect(groupNorm(x, 1).toArray()).toEqual(layerNorm(x, [4, 3]).toArray())
    expect(groupNorm(x, 4).toArray()).toEqual(instanceNorm(x).toArray())
  })

  test('a large common offset takes no digits away', () => {
    const small = [1e-3, 2e-3, 4e-3, -7e-3]
    for (const offset of [1e6, -1e8]) {
      const x = tensor(
        small.map(value => value + offset),
        { dtype: 'float64' },
      )
      const exact = Array.from(x.data(), value => value - offset)
      const y = layerNorm(x, 4, { epsilon: 0 })
      const expected = layerNorm(tensor(exact, { dtype: 'float64' }), 4, { epsilon: 0 })
      for (const [i, value] of Array.from(y.data()).entries())
        expect(value).toBeCloseTo(expected.data()[i]!, 12)
    }
    const float = tensor([16777216, 16777218, 16777220, 16777222])
    expect(layerNorm(float, 4, { epsilon: 0 }).toArray()).toEqual(
      layerNorm(tensor([0, 2, 4, 6]), 4, { epsilon: 0 }).toArray(),
    )
  })

  test('equal entries give exactly the offset, and a gradient without NaN', () => {
    const x = tensor([[0.1, 0.1, 0.1]], { requiresGrad: true })
    const y = layerNorm(x, 3, { bias: tensor([1, 2, 3]) })
    expect(y.toArray()).toEqual([[1, 2, 3]])
    const [gradient] = gradients(y.square().sum(), [x])
    expect(Array.from(gradient!.data()).every(Number.isFinite)).toBe(true)
  })

  test('instance norm tracks when told to', () => {
    const layer = new InstanceNorm(2, { trackRunningStatistics: true, momentum: 1, dtype: 'float64' })
    const x = draw([3, 2, 4])
    layer.forward(x, training)
    const mean = x.mean(2).mean(0).data()
    for (const [c, value] of Array.from(layer.runningMean!.data()).entries())
      expect(value).toBeCloseTo(mean[c]!, 14)
    expect(Object.keys(pytorchState(layer))).toEqual(['running_mean', 'running_var', 'num_batches_tracked'])
    const other = new InstanceNorm(2)
    expect(other.forward(x).toArray()).toEqual(other.forward(x, training).toArray())
    expect(parameters(other)).toEqual([])
  })

  test('local response norm with an even size reaches further back', () => {
    const x = tensor([[[1], [10], [100]]])
    const y = localResponseNorm(x, 2, { alpha: 2, beta: 1, k: 0 })
    expect(y.toArray()).toEqual(tensor([[[1 / 1], [10 / 101], [100 / 10100]]]).toArray())
  })

  test('the shape and its type stay, also in chains', () => {
    const rng = new Rng(0)
    const model = sequential(
      new Dense(4, 6, { rng }),
      new BatchNorm(6),
      new LayerNorm(6),
      new RMSNorm(6),
      new GroupNorm(2, 6),
      new Dense(6, 2, { rng }),
    )
    const y = model.forward(zeros([3, 4]), training)
    expect(y.shape).toEqual([3, 2])
    expect(model.layers.map(String)).toEqual([
      'Dense(4, 6)',
      'BatchNorm(6)',
      'LayerNorm([6])',
      'RMSNorm([6])',
      'GroupNorm(2, 6)',
      'Dense(6, 2)',
    ])
    expect([String(new InstanceNorm(3)), String(new LocalResponseNorm(5))]).toEqual([
      'InstanceNorm(3)',
      'LocalResponseNorm(5)',
    ])
  })

  test('empty batches go through', () => {
    expect(new LayerNorm(3).forward(zeros([0, 3])).shape).toEqual([0, 3])
    expect(new GroupNorm(1, 2).forward(zeros([0, 2, 3])).shape).toEqual([0, 2, 3])
    expect(new InstanceNorm(2).forward(zeros([0, 2, 3])).shape).toEqual([0, 2, 3])
    expect(new LocalResponseNorm(2).forward(zeros([0, 2, 3])).shape).toEqual([0, 2, 3])
  })
})

describe('derivatives, to the second order and in both modes', () => {
  const layers = {
    'batch norm, training': [new BatchNorm(2, { dtype: 'float64' }), [3, 2, 2], training],
    'batch norm, inference': [new BatchNorm(2, { dtype: 'float64' }), [3, 2, 2], {}],
    'layer norm': [new LayerNorm([2, 3], { dtype: 'float64' }), [2, 2, 3], {}],
    'group norm': [new GroupNorm(2, 4, { dtype: 'float64' }), [2, 4, 2], {}],
    'instance norm': [new InstanceNorm(2, { dtype: 'float64', affine: true }), [2, 2, 3], {}],
    'RMS norm': [new RMSNorm(4, { dtype: 'float64' }), [2, 4], {}],
  } as const

  test.each(Object.entries(layers))('%s', (_, [layer, shape, context]) => {
    const state: Record<string, Tensor> = { weight: draw(layer.weight!.shape as readonly number[], 1).add(2) }
    if ('bias' in layer && layer.bias) state.bias = draw(layer.bias.shape as readonly number[], 2)
    const f = ({ input, values }: { input: Tensor; values: Record<string, Tensor> }): Tensor =>
      withParameters(layer, values, () => (layer as LayerNorm).forward(input, context).sin())
    expect(checkGradients(f, { input: draw(shape, 3), values: state }, { order: 2 }).passes).toBe(true)
  })

  test('local response norm', () => {
    const layer = new LocalResponseNorm(3, { alpha: 2, k: 0.5 })
    expect(checkGradients((x: Tensor) => layer.forward(x), draw([2, 4, 2]), { order: 2 }).passes).toBe(true)
  })

  test('of a third order too', () => {
    const third = (x: Tensor): Tensor => layerNorm(x, 3, { epsilon: 0.5 }).slice(0)
    const D = grad(grad((t: Tensor) => third(draw([3], 4).add(draw([3], 5).mul(t)))))
    expect(checkGradients(D, tensor(0.3, { dtype: 'float64' })).passes).toBe(true)
  })

  test('of given statistics', () => {
    const f = ([x, mean, variance]: readonly Tensor[]): Tensor =>
      batchNorm(x!, { mean: mean!, variance: variance! })
    const inputs = [draw([3, 2], 1), draw([2], 2), draw([2], 3).square().add(0.5)]
    expect(checkGradients(f, inputs, { order: 2 }).passes).toBe(true)
  })
})

describe('mistakes', () => {
  const messages: readonly (readonly [string, () => unknown, string])[] = [
    ['an unknown setting', () => new BatchNorm(3, { eps: 1 } as never), "BatchNorm: knows no 'eps'"],
    ['a size', () => new BatchNorm(0), 'BatchNorm: features must be a whole number from 1 up, got 0.'],
    [
      'a momentum',
      () => new BatchNorm(2, { momentum: 2 }),
      'momentum must be a number from 0 to 1, or null, got 2.',
    ],
    [
      'an epsilon',
      () => new LayerNorm(2, { epsilon: -1 }),
      'LayerNorm: epsilon must be a number from 0 up, got -1.',
    ],
    [
      'an empty shape',
      () => new LayerNorm([]),
      'LayerNorm: the number of axes must be a whole number from 1 up',
    ],
    ['groups', () => new GroupNorm(2, 5), '5 channels do not split into 2 groups of equal size'],
    [
      'groups of a function',
      () => groupNorm(zeros([1, 5]), 2),
      'groupNorm: 5 channels do not split into 2 groups',
    ],
    [
      'features',
      () => new BatchNorm(3).forward(zeros([2, 4]) as Tensor),
      "BatchNorm(3): takes [batch, 3, ...] (layout 'rows'), got [2, 4].",
    ],
    ['a vector', () => new BatchNorm(3).forward(zeros([3]) as Tensor), 'takes [batch, 3, ...]'],
    [
      'an instance',
      () => new InstanceNorm(3).forward(zeros([3, 4]) as Tensor),
      'InstanceNorm(3): takes [batch, 3, ...space], got [3, 4]',
    ],
    [
      'one place',
      () => new InstanceNorm(3).forward(zeros([2, 3, 1])),
      'instanceNorm: needs more than one place per channel',
    ],
    [
      'a layer',
      () => new LayerNorm(3).forward(zeros([2, 4]) as Tensor),
      'layerNorm: takes tensors whose shape ends in [3], got [2, 4]',
    ],
    [
      'one statistic',
      () => batchNorm(zeros([2, 3]), { mean: zeros([3]) }),
      'batchNorm: takes mean and variance together, or neither.',
    ],
    [
      'a weight',
      () => rmsNorm(zeros([2, 3]), 3, { weight: zeros([2]) }),
      'rmsNorm: weight must be [3], got [2].',
    ],
    [
      'an initialiser',
      () => new LayerNorm(2, { weightInitializer: () => zeros([3]) }),
      'LayerNorm: the initialiser of weight gave float32 [3], needed is float32 [2].',
    ],
    [
      'a size of neighbours',
      () => localResponseNorm(zeros([2, 3]), 0),
      'size must be a whole number from 1 up, got 0.',
    ],
  ]

  test.each(messages)('%s', (_, call, message) => expect(errorOf(call).message).toContain(message))

  test('shapes are shape errors', () => {
    expect(errorOf(() => new GroupNorm(1, 3).forward(zeros([2, 4]) as Tensor))).toBeInstanceOf(ShapeError)
  })

  test('initialisers are options', () => {
    const layer = new BatchNorm(2, { weightInitializer: initializers.constant(3), bias: false })
    expect([layer.weight!.toArray(), layer.bias]).toEqual([[3, 3], null])
  })
})
