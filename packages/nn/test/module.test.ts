// What is found inside of a model, taken out of it, put back, and shown.
import { AdjointError, Parameter, Rng, relu, type Tensor, tanh, tensor, zeros } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import {
  Dense,
  type ForwardContext,
  LeakyRelu,
  linear,
  loadState,
  type Module,
  namedParameters,
  nameParameters,
  parameters,
  Softmax,
  StateError,
  sequential,
  stateOf,
  summary,
  visit,
} from '../src/index.ts'
import { errorOf } from './support.ts'

const rng = new Rng(0)

/** A module as a reader would write it: fields, a list, a record, a shared layer, and things that are no parts. */
class Mlp implements Module<Tensor, Tensor> {
  readonly hidden: Dense = new Dense(2, 3, { rng })
  readonly blocks: readonly Dense[] = [new Dense(3, 3, { rng }), new Dense(3, 3, { rng, bias: false })]
  readonly heads: { readonly left: Dense; readonly right: Dense }
  readonly scale: Parameter = new Parameter(tensor([1]))
  readonly activation: typeof relu = relu
  readonly rng: Rng = rng
  readonly size = 3
  readonly mask: Tensor = zeros([3])
  readonly nothing = null

  constructor() {
    this.heads = { left: new Dense(3, 1, { rng }), right: this.blocks[0]! }
    nameParameters(this)
  }

  forward(x: Tensor, context?: ForwardContext): Tensor {
    const z = this.hidden.forward(x, context)
    return this.heads.left.forward(this.activation(z)).mul(this.scale)
  }
}

const MLP_PATHS = [
  'hidden.weight',
  'hidden.bias',
  'blocks.0.weight',
  'blocks.0.bias',
  'blocks.1.weight',
  'heads.left.weight',
  'heads.left.bias',
  'scale',
]

describe('visit', () => {
  test('finds modules and parameters in fields, lists and records, shared ones once', () => {
    const model = new Mlp()
    expect(visit(model).map(({ path }) => path)).toEqual([
      '',
      'hidden',
      'hidden.weight',
      'hidden.bias',
      'blocks.0',
      'blocks.0.weight',
      'blocks.0.bias',
      'blocks.1',
      'blocks.1.weight',
      'heads.left',
      'heads.left.weight',
      'heads.left.bias',
      'scale',
    ])
    expect(visit(model)[0]!.value).toBe(model)
  })

  test('finds the parts of a chain without a name of their own, functions included and repeated', () => {
    const paths = visit(sequential(relu, sequential(new Dense(1, 1, { rng }), relu))).map(({ path }) => path)
    expect(paths).toEqual(['', '0', '1', '1.0', '1.0.weight', '1.0.bias', '1.1'])
  })

  test('ends in a model that contains itself', () => {
    const list: unknown[] = []
    const model = { w: new Parameter(zeros([1])), list }
    list.push(model, list)
    expect(parameters(model)).toHaveLength(1)
  })

  test('goes as deep as it must', () => {
    let model: unknown = new Parameter(zeros([1]))
    for (let depth = 0; depth < 20_000; depth++) model = [model]
    expect(parameters(model)).toHaveLength(1)
  })

  test('finds nothing in what is no model', () => {
    for (const nothing of [
      null,
      undefined,
      3,
      'model',
      () => 1,
      new Map([['w', new Parameter(zeros([1]))]]),
    ]) {
      expect(parameters(nothing)).toEqual([])
    }
  })
})

describe('parameters', () => {
  test('by path, and under their paths as names', () => {
    const model = new Mlp()
    const named = namedParameters(model)
    expect(Object.keys(named)).toEqual(MLP_PATHS)
    expect(Object.values(named)).toEqual(parameters(model))
    for (const [path, parameter] of Object.entries(named)) expect(parameter.name).toBe(path)
  })

  test('a parameter that was assigned too early is named in the error', () => {
    const layout = 'columns'
    const output = new Dense(3, 1, { rng, layout })
    const model = sequential(new Dense(2, 3, { rng, layout }), tanh, output)
    const loss = model.forward(zeros([2, 1])).sum()
    output.weight.assign(zeros([1, 3]))
    expect(errorOf(() => loss.backward()).message).toContain("the parameter '2.weight' was assigned")
  })

  test('a parameter alone is a model too', () => {
    expect(Object.keys(namedParameters(new Parameter(zeros([1]))))).toEqual(['parameter'])
  })
})

describe('state', () => {
  test('is a copy that goes back in', () => {
    const [model, other] = [new Mlp(), new Mlp()]
    const state = stateOf(model)
    expect(Object.keys(state)).toEqual(MLP_PATHS)
    expect(Object.values(state).every(x => !(x instanceof Parameter) && !x.requiresGrad)).toBe(true)
    const before = model.hidden.weight.toArray()
    model.hidden.weight.assign(zeros([3, 2]))
    expect(state['hidden.weight']!.toArray()).toEqual(before)
    loadState(other, state)
    expect(other.hidden.weight.toArray()).toEqual(before)
    const x = rng.normal([4, 2])
    loadState(model, state)
    expect(other.forward(x).toArray()).toEqual(model.forward(x).toArray())
  })

  test('keeps the dtype', () => {
    const layer = new Dense(1, 2, { rng, dtype: 'float64' })
    expect(stateOf(layer).weight!.dtype).toBe('float64')
  })

  test('says everything that does not fit at once, and changes nothing', () => {
    const model = sequential(new Dense(2, 3, { rng }), tanh, new Dense(3, 1, { rng }))
    const before = stateOf(model)
    const { '0.bias': _, ...rest } = before
    const wrong = {
      ...rest,
      '0.weight': zeros([3, 2]),
      '2.weight': zeros([3, 1]),
      '2.bias': zeros([1], { dtype: 'float64' }),
      '3.weight': zeros([1]),
      extra: zeros([1]),
    }
    const error = errorOf(() => loadState(model, wrong))
    expect(error).toBeInstanceOf(StateError)
    expect(error).toBeInstanceOf(AdjointError)
    expect(error.message).toBe(
      [
        'loadState: the state does not fit the model, nothing was changed:',
        "  missing: '0.bias'",
        "  unexpected: '3.weight'",
        "  unexpected: 'extra'",
        "  mismatched: '2.weight' is float32 [3, 1], needed is float32 [1, 3]",
        "  mismatched: '2.bias' is float64 [1], needed is float32 [1]",
      ].join('\n'),
    )
    expect(error).toMatchObject({
      missing: ['0.bias'],
      unexpected: ['3.weight', 'extra'],
      mismatched: ['2.weight', '2.bias'],
    })
    expect(Object.values(stateOf(model)).map(x => x.toArray())).toEqual(
      Object.values(before).map(x => x.toArray()),
    )
  })

  test('refuses an entry that is no tensor', () => {
    const layer = new Dense(1, 1, { rng, bias: false })
    expect(errorOf(() => loadState(layer, { weight: [[1]] as never })).message).toContain(
      "mismatched: 'weight' is not a tensor, needed is float32 [1, 1]",
    )
  })

  test('names such as __proto__ are names like any other', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
    const model = Object.fromEntries(names.map((name, i) => [name, new Parameter(tensor([i]))]))
    const state = stateOf(model)
    expect(Object.keys(state)).toEqual(names)
    expect(Object.getPrototypeOf(state)).toBe(Object.prototype)
    for (const parameter of parameters(model)) parameter.assign(tensor([9]))
    loadState(model, state)
    expect(parameters(model).map(parameter => parameter.item())).toEqual([0, 1, 2, 3])

    const error = errorOf(() => loadState(model, {}))
    expect(error).toMatchObject({ missing: names, unexpected: [], mismatched: [] })
    const layer = new Dense(1, 1, { rng, bias: false })
    const forged = JSON.parse('{"__proto__": {"weight": 1}}')
    expect(errorOf(() => loadState(layer, forged))).toMatchObject({
      missing: ['weight'],
      unexpected: ['__proto__'],
    })
    expect('weight' in {}).toBe(false)
  })
})

describe('summary', () => {
  test('of a chain, without and with an example', () => {
    const model = sequential(sequential(new Dense(784, 128, { rng }), relu), new Dense(128, 10, { rng }), x =>
      x.mul(2),
    )
    expect(summary(model)).toBe(
      [
        'path   layer            parameters',
        '0.0    Dense(784, 128)      100480',
        '0.1    relu                      0',
        '1      Dense(128, 10)         1290',
        '2      function                  0',
        'total                       101770',
      ].join('\n'),
    )
    expect(summary(model, zeros([32, 784]))).toBe(
      [
        'path   layer            output     parameters',
        '0.0    Dense(784, 128)  [32, 128]      100480',
        '0.1    relu             [32, 128]           0',
        '1      Dense(128, 10)   [32, 10]         1290',
        '2      function         [32, 10]            0',
        'total                                  101770',
      ].join('\n'),
    )
  })

  test('of a hand-written module, with parameters of its own and a shared layer', () => {
    expect(summary(new Mlp(), zeros([5, 2]))).toBe(
      [
        'path        layer        output  parameters',
        '(model)     Mlp          [5, 1]           1',
        'hidden      Dense(2, 3)                   9',
        'blocks.0    Dense(3, 3)                  12',
        'blocks.1    Dense(3, 3)                   9',
        'heads.left  Dense(3, 1)                   4',
        'total                                    35',
      ].join('\n'),
    )
  })

  test('shows the settings of layers that have some', () => {
    const model = sequential(new LeakyRelu(0.2), linear, new Softmax(), new Softmax({ layout: 'columns' }))
    expect(
      summary(model)
        .split('\n')
        .slice(1, -1)
        .map(line => line.split(/\s+/)[1]),
    ).toEqual(['LeakyRelu(0.2)', 'linear', 'Softmax()', 'Softmax(columns)'])
    expect(summary(sequential(sequential(), sequential()))).toContain('Sequential(0)')
  })

  test('of a single layer records nothing', () => {
    const layer = new Dense(2, 3, { rng })
    expect(summary(layer, zeros([1, 2]))).toBe(
      [
        'path     layer        output  parameters',
        '(model)  Dense(2, 3)  [1, 3]           9',
        'total                                  9',
      ].join('\n'),
    )
    expect(layer.weight.grad).toBeNull()
  })
})
