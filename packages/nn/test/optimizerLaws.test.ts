// What holds of every optimizer that is a rule: its formula by hand, saved states, groups, zero gradients, dtypes, derivatives.
import { type DType, grad, gradients, Parameter, Rng, type Tensor, tensor } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import * as nn from '../src/index.ts'
import * as references from './optimizerReferences.ts'
import { distance } from './support.ts'

type AnyOptimizer = nn.Optimizer<never, never>
type Options = Readonly<Record<string, number | boolean>>

interface Kind {
  readonly name: string
  readonly make: (over: unknown, options?: Options) => AnyOptimizer
  readonly rule: nn.UpdateRule<never, never>
  readonly reference: references.Reference
  /** A rate at which the bowl below is descended. */
  readonly learningRate: number
  /** Options beside the rate; the formula is tried with each. */
  readonly variants: readonly Options[]
  /** What a step with a gradient of zeros does to a value of 1, with learningRate 0.1 and no weight decay. Default: nothing. */
  readonly atZero?: number
}

const both = [{}, { maximize: true }, { weightDecay: 0.1 }, { weightDecay: 0.1, maximize: true }] as const
const adamLike = [...both, { beta1: 0.8, beta2: 0.95, weightDecay: 0.1 }]

const kind = (
  name: string,
  make: unknown,
  rule: unknown,
  reference: references.Reference,
  learningRate: number,
  variants: readonly Options[],
  atZero?: number,
): Kind => ({
  name,
  make: (over, options = {}) =>
    new (make as new (over: unknown, options: object) => AnyOptimizer)(over, options),
  rule: rule as Kind['rule'],
  ...{ reference, learningRate, variants },
  ...(atZero !== undefined && { atZero }),
})

const KINDS: readonly Kind[] = [
  kind('SGD', nn.SGD, nn.sgdRule, references.sgd, 0.1, [
    ...both,
    { momentum: 0.9 },
    { momentum: 0.9, dampening: 0.3, weightDecay: 0.1 },
    { momentum: 0.8, nesterov: true, maximize: true },
  ]),
  kind('Adam', nn.Adam, nn.adamRule, references.adam, 0.1, [...adamLike, { amsgrad: true }]),
  kind('AdamW', nn.AdamW, nn.adamWRule, references.adamW, 0.1, [...adamLike, { amsgrad: true }], 0.999),
  kind('NAdam', nn.NAdam, nn.nadamRule, references.nadam, 0.1, [...adamLike, { momentumDecay: 0.1 }]),
  kind('RAdam', nn.RAdam, nn.radamRule, references.radam, 0.1, adamLike),
  kind('Adamax', nn.Adamax, nn.adamaxRule, references.adamax, 0.1, adamLike),
  kind('Adagrad', nn.Adagrad, nn.adagradRule, references.adagrad, 0.5, [
    ...both,
    { learningRateDecay: 0.05, initialAccumulator: 0.2 },
  ]),
  kind('Adadelta', nn.Adadelta, nn.adadeltaRule, references.adadelta, 1, [
    ...both,
    { decay: 0.8, epsilon: 1e-3 },
  ]),
  kind('RMSprop', nn.RMSprop, nn.rmspropRule, references.rmsprop, 0.02, [
    ...both,
    { centered: true },
    { momentum: 0.9, decay: 0.9 },
    { centered: true, momentum: 0.5, weightDecay: 0.1 },
  ]),
  kind('Rprop', nn.Rprop, nn.rpropRule, references.rprop, 0.05, [
    {},
    { maximize: true },
    { decrease: 0.4, increase: 1.3, minimumStep: 0.001, maximumStep: 0.1 },
  ]),
  kind(
    'ASGD',
    nn.ASGD,
    nn.asgdRule,
    references.asgd,
    0.1,
    [
      ...both,
      { decayTerm: 0.1, power: 0.5, averageFrom: 3 },
      // (1 − λ η) W of the decay term, in single precision.
    ],
    1 - 1e-4 * Math.fround(0.1),
  ),
  kind('Lion', nn.Lion, nn.lionRule, references.lion, 0.02, [...both, { beta1: 0.7, beta2: 0.8 }]),
  kind('LAMB', nn.LAMB, nn.lambRule, references.lamb, 0.02, adamLike),
  kind('Muon', nn.Muon, nn.muonRule, references.muon, 0.02, [
    ...both,
    { nesterov: false, momentum: 0.5 },
    { iterations: 2 },
  ]),
]

const float64 = { dtype: 'float64' } as const
const json = (value: unknown): never => JSON.parse(JSON.stringify(value)) as never
const start = (seed: number, dtype: DType = 'float64'): Parameter =>
  new Parameter(new Rng(seed).normal([2, 3], { dtype: dtype as 'float64' }) as Tensor, 'w')

/** A bowl with its bottom away from 0. */
const bowl = (w: Tensor): Tensor =>
  w
    .sub(1)
    .mul(tensor([1, 0.5, 2]))
    .square()
    .sum()

function run(w: Parameter, optimizer: AnyOptimizer, steps: number, loss = bowl): void {
  for (let step = 0; step < steps; step++) {
    loss(w).backward()
    optimizer.step()
  }
}

test('every rule that is exported is here', () => {
  const exported = Object.entries(nn)
    .filter(([name]) => name.endsWith('Rule'))
    .map(([, rule]) => rule)
  expect(new Set(KINDS.map(({ rule }) => rule))).toEqual(new Set(exported))
})

describe.each(KINDS)('$name', ({ name, make, rule, reference, learningRate, variants, atZero }) => {
  test.each(variants)('computes its formula, with %o', variant => {
    const rng = new Rng(5)
    const w = start(1)
    const optimizer = make([w], { ...variant, learningRate: 0.05 })
    const settings = Object.fromEntries(
      Object.entries({ ...variant, learningRate: 0.05 }).map(([key, value]) => [key, Number(value)]),
    )
    const [byHand, memory] = [Float64Array.from(w.data()), {} as references.Memory]
    for (let t = 1; t <= 15; t++) {
      const g = rng.normal([2, 3], float64)
      w.grad = g as Tensor
      optimizer.step()
      reference(byHand, g.data() as Float64Array, memory, t, settings)
      expect(distance(w.data(), byHand)).toBeLessThan(1e-12)
    }
    const { slots } = optimizer.state.parameters[0]!
    for (const [slot, value] of Object.entries(slots)) {
      if (value.shape.length > 0) expect(distance(value.data(), memory[slot]!), slot).toBeLessThan(1e-12)
    }
  })

  test('descends', () => {
    const w = start(2)
    const before = bowl(w).item()
    run(w, make([w], { learningRate }), 200)
    expect(bowl(w).item()).toBeLessThan(name === 'Adadelta' ? before : before / 10)
  })

  test.each(variants)('goes on from a state that was saved half-way, to the bit, with %o', variant => {
    const w = start(3)
    const first = make([w], { ...variant, learningRate })
    run(w, first, 4)
    const v = new Parameter(tensor(w.data(), { shape: [2, 3], ...float64 }) as Tensor, 'w')
    // The settings are in the state as well.
    const second = make([v], { learningRate: 0.7 })
    second.loadState(json(first.state))
    expect(json(second.state)).toEqual(json(first.state))
    run(w, first, 8)
    run(v, second, 8)
    expect(v.toArray()).toEqual(w.toArray())
    expect(json(second.state)).toEqual(json(first.state))
  })

  test('keeps groups apart', () => {
    const make2 = (): [Parameter, Parameter] => [start(4), start(5)]
    const [a, b] = make2()
    const together = make([{ parameters: [a] }, { parameters: [b], learningRate: learningRate / 3 }], {
      learningRate,
    })
    const [c, d] = make2()
    const apart = [make([c], { learningRate }), make([d], { learningRate: learningRate / 3 })]
    for (let step = 0; step < 5; step++) {
      bowl(a).add(bowl(b)).backward()
      together.step()
      bowl(c).add(bowl(d)).backward()
      for (const optimizer of apart) optimizer.step()
    }
    expect([a.toArray(), b.toArray()]).toEqual([c.toArray(), d.toArray()])
    expect(together.groups.map(group => group.learningRate)).toEqual([learningRate, learningRate / 3])
  })

  test('does with a gradient of zeros what its formula says', () => {
    const w = new Parameter(
      tensor(
        [
          [1, 1, 1],
          [1, 1, 1],
        ],
        float64,
      ) as Tensor,
    )
    const optimizer = make([w], { learningRate: 0.1 })
    w.grad = tensor(
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
      float64,
    ) as Tensor
    optimizer.step()
    for (const value of w.data()) expect(value).toBe(atZero ?? 1)
  })

  test('keeps the dtype, and rounds float32 only at the end of each operation', () => {
    const [single, double] = [start(6, 'float32'), new Parameter(start(6, 'float32').cast('float64'), 'w')]
    run(single, make([single], { learningRate }), 5)
    run(double, make([double], { learningRate }), 5)
    expect(single.dtype).toBe('float32')
    // Muon multiplies differences of the start by 3.4⁵ at most.
    expect(distance(single.data(), double.data())).toBeLessThan(name === 'Muon' ? 1e-4 : 2e-5)
  })

  test('is a function that can be differentiated by the value and by the gradient', () => {
    const { settings } = make([start(7)], { learningRate }).groups[0]!
    const [value, gradient] = [start(8), start(9)].map(x => tensor(x.data(), { shape: [2, 3], ...float64 }))
    const weights = new Rng(10).normal([2, 3], float64)
    const after = (x: Tensor, g: Tensor): Tensor => {
      // A second step, so that the state takes part.
      const first = rule.update({
        ...{ value: x, gradient: g, settings: settings as never, step: 1 },
        state: rule.init(x, settings as never),
      })
      const second = rule.update({
        ...{ value: first.value, gradient: g.mul(0.9), settings: settings as never, step: 2 },
        state: first.state,
      })
      return second.value.mul(weights).sum()
    }
    for (const [f, at] of [
      [(x: Tensor) => after(x, gradient as Tensor), value],
      [(g: Tensor) => after(value as Tensor, g), gradient],
    ] as const) {
      const slope = grad(f)(at as Tensor)
      const direction = new Rng(11).normal([2, 3], float64)
      const h = 1e-6
      const ahead = f((at as Tensor).add(direction.mul(h)) as Tensor).item()
      const behind = f((at as Tensor).sub(direction.mul(h)) as Tensor).item()
      const expected = (ahead - behind) / (2 * h)
      const found = slope.mul(direction).sum().item()
      expect(Math.abs(found - expected)).toBeLessThan(1e-6 * Math.max(1, Math.abs(expected)))
    }
  })

  test('changes nothing when a state does not fit', () => {
    const w = start(12)
    const optimizer = make([w], { learningRate })
    run(w, optimizer, 1)
    const before = json(optimizer.state)
    for (const wrong of [
      null,
      {},
      { optimizer: name },
      { ...optimizer.state, parameters: [{ step: 1 }, {}] },
    ]) {
      expect(() => optimizer.loadState(wrong as never)).toThrow(nn.OptimizerStateError)
    }
    expect(json(optimizer.state)).toEqual(before)
  })
})

describe('what rules refuse', () => {
  const w = new Parameter(tensor([[1]]), 'w')
  const refused: readonly [string, () => unknown, string][] = [
    ['beta1 of 1', () => new nn.NAdam([w], { beta1: 1 }), 'NAdam: beta1 must be below 1, got 1.'],
    [
      'a decay above 1',
      () => new nn.Adadelta([w], { decay: 2 }),
      'Adadelta: decay must be at most 1, got 2.',
    ],
    [
      'an increase below 1',
      () => new nn.Rprop([w], { increase: 0.9 }),
      'Rprop: decrease must be between 0 and 1 and increase above 1, got 0.5 and 0.9.',
    ],
    [
      'steps in the wrong order',
      () => new nn.Rprop([w], { minimumStep: 2, maximumStep: 1 }),
      'Rprop: minimumStep is 2, above maximumStep, which is 1.',
    ],
    [
      'a vector for Muon',
      () => new nn.Muon([new Parameter(tensor([1, 2]), 'bias')]),
      "Muon: 'bias' is no matrix; give it to another optimizer, as AdamW, with a step of its own.",
    ],
    [
      'a number for a switch',
      () => new nn.Adam([w], { amsgrad: 1 as never }),
      'Adam: amsgrad must be true or false, got 1.',
    ],
    [
      'a parameter in two groups',
      () => new nn.Adam([{ parameters: [w] }, { parameters: [w] }]),
      "Adam: 'w' is in two groups; a parameter has one rule.",
    ],
    [
      'an unknown setting of a group',
      () => new nn.Adam([{ parameters: [w], lr: 1 } as never]),
      "Adam: knows no option 'lr'; it is learningRate.",
    ],
    [
      'an empty group',
      () => new nn.Adam([{ parameters: [] }]),
      'Adam: got no parameters; there is nothing to learn.',
    ],
    [
      'a group without a rate',
      () => new nn.SGD([{ parameters: [w] }]),
      'SGD: learningRate must be a finite number from 0 up, got nothing.',
    ],
  ]
  test.each(refused)('%s', (_, make, message) => expect(make).toThrow(message))
})

describe('groups', () => {
  const [w, v] = [new Parameter(tensor([1]), 'w'), new Parameter(tensor([2]), 'v')]

  test('change their settings through one door, which is checked', () => {
    const optimizer = new nn.SGD([{ parameters: [w] }, { parameters: [v], momentum: 0.5 }], {
      learningRate: 0.1,
    })
    const [first, second] = optimizer.groups
    expect(second!.settings.momentum).toBe(0.5)
    second!.change({ momentum: 0.9, nesterov: true })
    expect(second!.settings).toMatchObject({ momentum: 0.9, nesterov: true, learningRate: 0.1 })
    expect(() => first!.change({ nesterov: true })).toThrow('nesterov needs momentum above 0')
    expect(first!.settings.nesterov).toBe(false)
    expect(() => {
      first!.learningRate = Number.NaN
    }).toThrow('SGD: learningRate must be a finite number')
  })

  test('with different rates have no common one; setting one sets all', () => {
    const optimizer = new nn.Adam([{ parameters: [w] }, { parameters: [v], learningRate: 0.5 }])
    expect(() => optimizer.learningRate).toThrow('ask for groups[i].learningRate')
    optimizer.learningRate = 0.25
    expect(optimizer.groups.map(group => group.learningRate)).toEqual([0.25, 0.25])
    expect(optimizer.learningRate).toBe(0.25)
  })

  test('can be added later, and are saved', () => {
    const [a, b] = [new Parameter(tensor([1]), 'a'), new Parameter(tensor([2]), 'b')]
    const optimizer = new nn.SGD([a], { learningRate: 0.5, momentum: 0.9 })
    a.sum().backward()
    optimizer.step()
    optimizer.addGroup({ parameters: [b], learningRate: 0.25 })
    expect(() => optimizer.addGroup({ parameters: [a] })).toThrow("'a' is in two groups")
    a.sum().add(b.sum()).backward()
    optimizer.step()
    expect(b.toArray()).toEqual([1.75])
    expect(optimizer.groups[1]!.settings.momentum).toBe(0.9)
    expect(optimizer.state.groups.map(group => group.parameters)).toEqual([1, 1])
    expect(() => new nn.SGD([a, b], { learningRate: 1 }).loadState(optimizer.state)).toThrow(
      'the number of groups is 2, needed is 1',
    )
  })

  test('momentum that is switched on in the middle starts from rest', () => {
    const a = new Parameter(tensor([1]), 'a')
    const optimizer = new nn.SGD([a], { learningRate: 0.5 })
    a.sum().backward()
    optimizer.step()
    optimizer.groups[0]!.change({ momentum: 0.5 })
    a.sum().backward()
    optimizer.step()
    expect(a.toArray()).toEqual([0])
  })

  test('of decay: weights with it, biases and norms without', () => {
    const model = {
      dense: new nn.Dense(2, 3, { rng: new Rng(0), layout: 'columns' }),
      norm1: { weight: new Parameter(tensor([[1]])) },
    }
    const paths = (groups: nn.DecayGroup[]): unknown =>
      groups.map(({ parameters, weightDecay }) => [weightDecay, parameters.map(({ shape }) => shape)])
    expect(paths(nn.decayGroups(model, { weightDecay: 0.1 }))).toEqual([
      [0.1, [[3, 2]]],
      [
        0,
        [
          [3, 1],
          [1, 1],
        ],
      ],
    ])
    expect(paths(nn.decayGroups(model, { weightDecay: 0.1, decays: () => true }))).toHaveLength(1)
    expect(
      paths(nn.decayGroups(model, { weightDecay: 0.1, decays: path => path === 'norm1.weight' })),
    ).toEqual([
      [0.1, [[1, 1]]],
      [
        0,
        [
          [3, 2],
          [3, 1],
        ],
      ],
    ])
  })
})

test('Muon takes a kernel as a matrix, and a tall one as its transpose', () => {
  const g = new Rng(0).normal([6, 4], float64)
  const kernel = new Parameter(g.reshape([6, 2, 2]) as Tensor, 'kernel')
  const matrix = new Parameter(g as Tensor, 'matrix')
  const wide = new Parameter(g.transpose() as Tensor, 'wide')
  for (const w of [kernel, matrix, wide]) w.square().sum().backward()
  new nn.Muon([kernel, matrix, wide], { learningRate: 0.5 }).step()
  expect(kernel.reshape([6, 4]).toArray()).toEqual(matrix.toArray())
  const [moved, across] = [g.sub(matrix), g.transpose().sub(wide).transpose()]
  // √(6 / 4) for the tall one.
  expect(distance(moved.data(), across.mul(Math.sqrt(1.5)).data())).toBeLessThan(1e-12)
})

test('LAMB moves a parameter of zeros, and one whose direction is 0 stays', () => {
  const w = new Parameter(tensor([0, 0], float64) as Tensor)
  const optimizer = new nn.LAMB([w], { learningRate: 0.1 })
  w.grad = tensor([1, -1], float64) as Tensor
  optimizer.step()
  expect(distance(w.data(), [-0.1, 0.1])).toBeLessThan(1e-6)
  expect(gradients(w.sum(), [w])[0]!.toArray()).toEqual([1, 1])
})

test('NAdam has the product of PyTorch 1.13 when it is asked to', () => {
  const after = (legacyProduct: boolean): number => {
    const w = new Parameter(tensor(1, float64) as Tensor)
    w.grad = tensor(1, float64) as Tensor
    new nn.NAdam([w], { learningRate: 1, epsilon: 0, legacyProduct }).step()
    return 1 - w.item()
  }
  const mu = (t: number): number => 0.9 * (1 - 0.5 * 0.96 ** (t * 4e-3))
  expect(after(false)).toBeCloseTo(1 + (0.1 * mu(2)) / (1 - mu(1) * mu(2)), 12)
  expect(after(true)).toBeCloseTo(1 + (0.1 * mu(2)) / (1 - mu(1) ** 2 * mu(2)), 6)
})
