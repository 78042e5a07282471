// What is found inside of a model, taken out of it, put back, and shown.
import {
  AdjointError,
  ArgumentError,
  Parameter,
  Rng,
  relu,
  type Tensor,
  tanh,
  tensor,
  zeros,
} from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import {
  Dense,
  type ForwardContext,
  freeze,
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
    const w = new Parameter(zeros([1]))
    const holder = (): number => w.size
    const pending = Promise.resolve(w)
    for (const nothing of [
      null,
      undefined,
      3,
      'model',
      holder,
      pending,
      zeros([2]),
      w.mul(2),
      new Float32Array(3),
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

  test('are found in any object, also without forward: a pair of networks', () => {
    class Gan {
      readonly g = new Dense(2, 3, { rng })
      readonly d = new Dense(3, 1, { rng, bias: false })
    }
    const paths = ['g.weight', 'g.bias', 'd.weight']
    expect(Object.keys(namedParameters(new Gan()))).toEqual(paths)
    const outer = { forward: (x: Tensor) => x, pair: new Gan(), list: [new Gan()] }
    expect(Object.keys(namedParameters(outer))).toEqual([
      ...paths.map(path => `pair.${path}`),
      ...paths.map(path => `list.0.${path}`),
    ])
  })

  test('are found in Maps by their keys, and in Sets by their places', () => {
    const w = (): Parameter => new Parameter(zeros([1]))
    const keys = new Map<unknown, unknown>([
      ['a', w()],
      [7, { inner: w() }],
      [{}, w()],
    ])
    const shared = w()
    const members = new Set<unknown>([shared, 'text', new Dense(1, 1, { rng, bias: false }), shared])
    class Registry extends Map<string, Parameter> {
      readonly own: Parameter = w()
    }
    const model = { keys, members, registry: new Registry([['x', w()]]) }
    expect(Object.keys(namedParameters(model))).toEqual([
      'keys.a',
      'keys.7.inner',
      'keys.2',
      'members.0',
      'members.2.weight',
      'registry.own',
      'registry.x',
    ])
  })

  test('parts of a module win over its fields, and are the way for what is #private', () => {
    class Hidden {
      readonly #inner = new Dense(1, 1, { rng, bias: false })
      readonly decoy: Parameter = new Parameter(zeros([1]))
      forward(x: Tensor): Tensor {
        return this.#inner.forward(x)
      }
    }
    class Open extends Hidden {
      readonly other = new Dense(1, 1, { rng, bias: false })
      get parts(): Readonly<Record<string, unknown>> {
        return { other: this.other }
      }
    }
    expect(Object.keys(namedParameters(new Hidden()))).toEqual(['decoy'])
    expect(Object.keys(namedParameters(new Open()))).toEqual(['other.weight'])
  })

  test('of the same path are refused', () => {
    const w = (): Parameter => new Parameter(zeros([1]))
    const model = { 'a.b': w(), a: { b: w() } }
    for (const run of [parameters, namedParameters, nameParameters, stateOf]) {
      const error = errorOf(() => run(model))
      expect(error).toBeInstanceOf(ArgumentError)
      expect(error.message).toBe("parameters: two parameters have the path 'a.b'; rename a field.")
    }
    const shared = w()
    expect(parameters({ 'a.b': shared, a: { b: shared } })).toEqual([shared])
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
      "mismatched: 'weight' is an array, needed is float32 [1, 1]",
    )
  })

  test('a model without parameters has none, and that is told', () => {
    class Private {
      readonly #w: Parameter = new Parameter(zeros([1]))
      forward(x: Tensor): Tensor {
        return x.mul(this.#w)
      }
    }
    for (const [name, run] of [
      ['stateOf', () => stateOf(new Private())],
      ['loadState', () => loadState(new Private(), {})],
    ] as const) {
      const error = errorOf(run)
      expect(error).toBeInstanceOf(ArgumentError)
      expect(error.message).toBe(
        `${name}: found no parameters in an object. They are searched in fields, arrays, Maps and Sets; #private fields cannot be seen.`,
      )
    }
  })

  test.each([
    ['null', null, 'null'],
    ['nothing', undefined, 'nothing'],
    ['a number', 3, '3'],
    ['text', '{}', "'{}'"],
  ])('%s is no state', (_, state, got) => {
    const error = errorOf(() => loadState(new Dense(1, 1, { rng }), state as never))
    expect(error).toBeInstanceOf(ArgumentError)
    expect(error.message).toBe(`loadState: takes a state, as stateOf(model) gives it, got ${got}.`)
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

describe('a state as JSON', () => {
  const json = (value: unknown): never => JSON.parse(JSON.stringify(value)) as never
  const bits = (x: Tensor): number[] => Array.from(new Uint8Array(x.data().buffer))

  test.each(['float32', 'float64'] as const)('loads to the bit in %s', dtype => {
    const make = (seed: number): Dense => new Dense(7, 5, { rng: new Rng(seed), dtype })
    const [trained, fresh] = [make(1), make(2)]
    loadState(fresh, json(stateOf(trained)))
    expect(parameters(fresh).map(bits)).toEqual(parameters(trained).map(bits))
    expect(parameters(fresh).map(({ dtype }) => dtype)).toEqual([dtype, dtype])
  })

  test('keeps what JSON has no number for, and the extremes', () => {
    const special = [Number.NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE, 0.1 + 0.2]
    const w = (): Parameter => new Parameter(tensor(special, { dtype: 'float64' }))
    const other = w()
    other.assign(zeros([6], { dtype: 'float64' }))
    loadState(other, json(stateOf(w())))
    expect(bits(other)).toEqual(bits(w()))
    loadState(other, { parameter: { shape: [6], dtype: 'float64', data: [1, 2, 3, 4, 5, '-0'] } })
    expect(Object.is(other.data()[5], -0)).toBe(true)
  })

  test('of no elements and of one', () => {
    const make = (): Record<string, Parameter> => ({
      empty: new Parameter(zeros([0, 2])),
      one: new Parameter(tensor(3)),
    })
    const [model, other] = [make(), make()]
    other.one!.assign(tensor(0))
    loadState(other, json(stateOf(model)))
    expect(other.one!.item()).toBe(3)
  })

  const good = { shape: [2], dtype: 'float32', data: [1, 2] }
  const hostile: readonly [string, unknown, string][] = [
    ['nothing', null, 'is null'],
    ['text', 'float32 [2]', "is 'float32 [2]'"],
    ['another shape', { ...good, shape: [3] }, 'is float32 [3]'],
    ['a gigantic shape', { ...good, shape: [1e15] }, 'is float32 [1000000000000000]'],
    ['a shape of objects', { ...good, shape: [{ toString: 1 }] }, 'is an object'],
    ['a shape that is a number', { ...good, shape: 2 }, 'is an object'],
    ['another dtype', { ...good, dtype: 'float64' }, 'is float64 [2]'],
    ['a dtype of the prototype', { ...good, dtype: '__proto__' }, 'is __proto__ [2]'],
    ['a dtype that is no text', { ...good, dtype: { toString: 1 } }, 'is an object'],
    ['no data', { shape: [2], dtype: 'float32' }, 'data is not an array of 2 numbers'],
    ['too few numbers', { ...good, data: [1] }, 'data is not an array of 2 numbers'],
    ['too many numbers', { ...good, data: [1, 2, 3] }, 'data is not an array of 2 numbers'],
    ['null among the numbers', { ...good, data: [1, null] }, 'data is not an array of 2 numbers'],
    ['text among the numbers', { ...good, data: [1, '2'] }, 'data is not an array of 2 numbers'],
    [
      'an object among the numbers',
      { ...good, data: [1, { toString: 1 }] },
      'data is not an array of 2 numbers',
    ],
    ['nested numbers', { ...good, data: [[1, 2]] }, 'data is not an array of 2 numbers'],
    ['booleans', { ...good, data: [true, false] }, 'data is not an array of 2 numbers'],
    ['a hole', { ...good, data: Array(2) }, 'data is not an array of 2 numbers'],
  ]
  test.each(hostile)('%s is refused, and nothing is changed', (_, found, problem) => {
    const model = { w: new Parameter(tensor([5, 6])), v: new Parameter(tensor([7, 8])) }
    const error = errorOf(() => loadState(model, { w: good, v: found } as never))
    expect(error).toBeInstanceOf(StateError)
    expect(error.message).toContain(
      `mismatched: 'v' ${problem}`.replace("'v' data", "'v' is float32 [2], but data"),
    )
    expect([model.w.toArray(), model.v.toArray()]).toEqual([
      [5, 6],
      [7, 8],
    ])
  })

  test('all problems are listed at once', () => {
    const model = Object.fromEntries(['a', 'b', 'c'].map(name => [name, new Parameter(tensor([5, 6]))]))
    const error = errorOf(() => loadState(model, json({ a: good, b: 3, c: { ...good, data: [] }, d: good })))
    expect(error).toMatchObject({ missing: [], unexpected: ['d'], mismatched: ['b', 'c'] })
    expect(error).toBeInstanceOf(ArgumentError)
    expect(parameters(model).every(x => x.version === 0)).toBe(true)
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
    const layers = (model: Module<never, unknown>): (string | undefined)[] =>
      summary(model)
        .split('\n')
        .slice(1, -1)
        .map(line => line.split(/\s+/)[1])
    expect(layers(sequential(new LeakyRelu(0.2), linear, new Softmax()))).toEqual([
      'LeakyRelu(0.2)',
      'linear',
      'Softmax()',
    ])
    expect(layers(sequential(new Softmax({ layout: 'columns' })))).toEqual(['Softmax(columns)'])
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

describe('what is not trainable', () => {
  const make = () => ({
    layer: new Dense(2, 1, { rng: new Rng(0) }),
    mean: new Parameter(tensor([5]), 'mean', { trainable: false }),
  })

  test('is no parameter, but part of the state', () => {
    const model = make()
    expect(Object.keys(namedParameters(model))).toEqual(['layer.weight', 'layer.bias'])
    expect(parameters(model)).toHaveLength(2)
    const state = stateOf(model)
    expect(Object.keys(state)).toEqual(['layer.weight', 'layer.bias', 'mean'])
    const other = make()
    other.mean.assign(tensor([7]))
    loadState(other, state)
    expect(other.mean.toArray()).toEqual([5])
  })

  test('freeze and thaw: running statistics stay what they are', () => {
    const model = make()
    const thaw = freeze(model)
    expect(parameters(model)).toEqual([])
    thaw()
    expect(Object.keys(namedParameters(model))).toEqual(['layer.weight', 'layer.bias'])
    expect(model.mean.trainable).toBe(false)
  })

  test('summaries count it', () => {
    const model = { ...make(), forward: (x: Tensor) => x }
    const words = summary(model)
      .split('\n')
      .slice(-2)
      .map(line => line.split(/ {2,}/))
    expect(words).toEqual([
      ['total', '4'],
      ['not trainable', '1'],
    ])
  })
})
