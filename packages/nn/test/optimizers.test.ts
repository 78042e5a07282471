// SGD and Adam: PyTorch's trajectories, hand-written formulas, what a step refuses, saved states, rules as functions.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { ArgumentError, GraphError, grad, noGrad, Parameter, Rng, type Tensor, tensor } from '@adjoint/core'
import { afterAll, describe, expect, test } from 'vitest'
import {
  Adam,
  adamRule,
  Dense,
  Optimizer,
  type OptimizerState,
  OptimizerStateError,
  parameters,
  SGD,
  type Slots,
  sgdRule,
  type UpdateRule,
} from '../src/index.ts'
import { distance, errorOf } from './support.ts'

interface Stored {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

interface Trajectory {
  readonly id: string
  readonly op: string
  readonly attrs: Readonly<Record<string, unknown>>
  readonly problem: string
  readonly problemData: {
    readonly params: readonly Stored[]
    readonly grads?: readonly (readonly Stored[])[]
    readonly X?: Stored
    readonly Y?: Stored
  }
  readonly steps: number
  readonly losses: readonly number[]
  readonly params: readonly (readonly Stored[])[]
  readonly tol: { readonly rtol: number; readonly atol: number }
}

const fixture = JSON.parse(
  gunzipSync(readFileSync(new URL('./fixtures/optimizers.json.gz', import.meta.url))).toString('utf8'),
) as { readonly count: number; readonly cases: readonly Trajectory[] }

const load = ({ shape, data }: Stored): Tensor => tensor(data, { shape, dtype: 'float64' })

function expectAgrees(
  what: string,
  actual: ArrayLike<number>,
  expected: readonly number[],
  tol: Trajectory['tol'],
): void {
  expect(actual.length).toBe(expected.length)
  expected.forEach((e, i) => {
    const close = Math.abs(actual[i]! - e) <= tol.atol + tol.rtol * Math.abs(e)
    if (!close) expect.fail(`${what}[${i}] is ${actual[i]}, expected is ${e}`)
  })
}

/** PyTorch's names for our settings; an unknown one fails. */
const SETTINGS: Readonly<Record<string, (value: never) => object>> = {
  lr: (learningRate: number) => ({ learningRate }),
  momentum: (momentum: number) => ({ momentum }),
  dampening: (dampening: number) => ({ dampening }),
  nesterov: (nesterov: boolean) => ({ nesterov }),
  weight_decay: (weightDecay: number) => ({ weightDecay }),
  betas: ([beta1, beta2]: [number, number]) => ({ beta1, beta2 }),
  eps: (epsilon: number) => ({ epsilon }),
}

function optimizerOf({ op, attrs }: Trajectory, over: readonly Parameter[]): SGD | Adam {
  let options = {}
  for (const [name, value] of Object.entries(attrs)) {
    if (!Object.hasOwn(SETTINGS, name)) expect.fail(`unknown setting ${name}`)
    options = { ...options, ...SETTINGS[name]!(value as never) }
  }
  if (op === 'SGD') return new SGD(over, options as { learningRate: number })
  if (op === 'Adam') return new Adam(over, options)
  return expect.fail(`unknown optimizer ${op}`)
}

function lossOf(
  { problem, problemData: data }: Trajectory,
  over: readonly Parameter[],
  step: number,
): Tensor {
  const [first, second] = over as readonly Tensor[]
  switch (problem) {
    case 'given_grads':
      // The gradient of Σ p g is g.
      return over
        .map((p, i) => p.mul(load(data.grads![step]![i]!)).sum())
        .reduce((sum, term) => sum.add(term))
    case 'least_squares': {
      const residual = load(data.X!).matmul(first!).add(second!).sub(load(data.Y!))
      return residual.square().mean().add(first!.pow(4).sum().mul(0.05))
    }
    case 'rosenbrock': {
      const [p0, p1] = [first!.slice(0), first!.slice(1)]
      const [left, right] = [p0.neg().add(1), p1.sub(p0.square())]
      return left.square().add(right.square().mul(100))
    }
    default:
      return expect.fail(`unknown problem ${problem}`)
  }
}

describe("PyTorch's trajectories", () => {
  let passed = 0
  afterAll(() => console.log(`optimizer oracle: ${passed} of ${fixture.count} trajectories agree`))

  test('the fixture is whole', () => expect(fixture.cases).toHaveLength(fixture.count))

  test.each(fixture.cases)('$id $problem $attrs', trajectory => {
    const over = trajectory.problemData.params.map(start => new Parameter(load(start)))
    const optimizer = optimizerOf(trajectory, over)
    expect(trajectory.params).toHaveLength(trajectory.steps)
    for (let step = 0; step < trajectory.steps; step++) {
      const loss = lossOf(trajectory, over, step)
      if (trajectory.losses.length > 0) {
        expectAgrees(`loss ${step}`, [loss.item()], [trajectory.losses[step]!], trajectory.tol)
      }
      loss.backward()
      optimizer.step()
      over.forEach((p, i) => {
        expectAgrees(
          `parameter ${i} after step ${step}`,
          p.data(),
          trajectory.params[step]![i]!.data,
          trajectory.tol,
        )
      })
    }
    passed++
  })
})

/** One step of a formula on plain numbers, for the element w with gradient g, in step t from 1 on. */
type Formula = (w: number, g: number, memory: number[], t: number) => number

/** Runs an optimizer and a formula over random gradients for some steps and gives the largest relative difference. */
function compareWithFormula(make: (over: Parameter[]) => SGD | Adam, formula: Formula): number {
  const rng = new Rng(11)
  const w = new Parameter(rng.normal([3, 2], { dtype: 'float64' }))
  const optimizer = make([w])
  const byHand = Float64Array.from(w.data())
  const memories = Array.from(byHand, () => [0, 0])
  let worst = 0
  for (let t = 1; t <= 12; t++) {
    const g = rng.normal([3, 2], { dtype: 'float64' })
    w.mul(g).sum().backward()
    optimizer.step()
    const gradient = g.data()
    byHand.forEach((value, i) => {
      byHand[i] = formula(value, gradient[i]!, memories[i]!, t)
    })
    worst = Math.max(worst, distance(w.data(), byHand))
  }
  return worst
}

describe('hand-written formulas', () => {
  const alpha = 0.05

  test('SGD: W - alpha dW, bit for bit', () => {
    expect(
      compareWithFormula(
        over => new SGD(over, { learningRate: alpha }),
        (w, g) => w - alpha * g,
      ),
    ).toBe(0)
  })

  test('weight decay', () => {
    const formula: Formula = (w, g) => w - alpha * (g + 0.1 * w)
    const make = (over: Parameter[]): SGD => new SGD(over, { learningRate: alpha, weightDecay: 0.1 })
    expect(compareWithFormula(make, formula)).toBeLessThan(1e-15)
  })

  test('momentum, with and without dampening', () => {
    for (const dampening of [0, 0.3]) {
      const formula: Formula = (w, g, memory, t) => {
        memory[0] = t === 1 ? g : 0.9 * memory[0]! + (1 - dampening) * g
        return w - alpha * memory[0]
      }
      const make = (over: Parameter[]): SGD =>
        new SGD(over, { learningRate: alpha, momentum: 0.9, dampening })
      expect(compareWithFormula(make, formula)).toBeLessThan(1e-15)
    }
  })

  test('Nesterov', () => {
    const formula: Formula = (w, g, memory, t) => {
      memory[0] = t === 1 ? g : 0.8 * memory[0]! + g
      return w - alpha * (g + 0.8 * memory[0])
    }
    const make = (over: Parameter[]): SGD =>
      new SGD(over, { learningRate: alpha, momentum: 0.8, nesterov: true })
    expect(compareWithFormula(make, formula)).toBeLessThan(1e-15)
  })

  test('Adam, with and without weight decay', () => {
    for (const weightDecay of [0, 0.1]) {
      const formula: Formula = (w, dw, memory, t) => {
        const g = dw + weightDecay * w
        memory[0] = 0.9 * memory[0]! + 0.1 * g
        memory[1] = 0.99 * memory[1]! + 0.01 * g * g
        const mHat = memory[0] / (1 - 0.9 ** t)
        const vHat = memory[1] / (1 - 0.99 ** t)
        return w - (alpha * mHat) / (Math.sqrt(vHat) + 1e-6)
      }
      const settings = { learningRate: alpha, beta2: 0.99, epsilon: 1e-6, weightDecay }
      expect(compareWithFormula(over => new Adam(over, settings), formula)).toBeLessThan(1e-14)
    }
  })
})

describe('a step', () => {
  const make = (): { w: Parameter; v: Parameter; optimizer: SGD } => {
    const w = new Parameter(tensor([1, 2]), 'w')
    const v = new Parameter(tensor([3]), 'v')
    return { w, v, optimizer: new SGD([w, v], { learningRate: 0.5 }) }
  }

  test('without any gradient is an error', () => {
    const { optimizer } = make()
    const error = errorOf(() => optimizer.step())
    expect(error).toBeInstanceOf(GraphError)
    expect(error.message).toBe(
      "SGD.step: none of 'w' and 1 more has a gradient; call backward() on a loss first.",
    )
  })

  test('a second time without a backward between is an error, and changes nothing', () => {
    const { w, optimizer } = make()
    w.square().sum().backward()
    optimizer.step()
    expect(w.toArray()).toEqual([0, 0])
    w.assign(tensor([5, 6]))
    const error = errorOf(() => optimizer.step())
    expect(error.message).toBe(
      "SGD.step: the gradients of 'w' and 1 more belong to values from before the last update. " +
        'Compute the loss again and call backward() before every step.',
    )
    expect(w.toArray()).toEqual([5, 6])
  })

  test('leaves parameters without a fresh gradient as they are', () => {
    const { w, v, optimizer } = make()
    w.sum().add(v.sum()).backward()
    optimizer.step()
    w.sum().backward()
    optimizer.step()
    expect(w.toArray()).toEqual([0, 1])
    expect(v.toArray()).toEqual([2.5])
    expect(optimizer.state.parameters.map(({ step }) => step)).toEqual([2, 1])
  })

  test('uses the sum of the gradients of several backward passes, and starts afresh afterwards', () => {
    const { w, optimizer } = make()
    w.sum().backward()
    w.sum().backward()
    optimizer.step()
    expect(w.toArray()).toEqual([0, 1])
    w.sum().backward()
    optimizer.step()
    expect(w.toArray()).toEqual([-0.5, 0.5])
  })

  test('follows a rate that was changed', () => {
    const { w, optimizer } = make()
    optimizer.learningRate = 2
    w.sum().backward()
    optimizer.step()
    expect(w.toArray()).toEqual([-1, 0])
    expect(errorOf(() => (optimizer.learningRate = -1)).message).toBe(
      'SGD: learningRate must be a finite number from 0 up, got -1.',
    )
    expect(optimizer.learningRate).toBe(2)
  })

  test('records nothing, also when the gradients were recorded', () => {
    const { w, optimizer } = make()
    w.square().sum().backward({ createGraph: true })
    expect(w.grad!.requiresGrad).toBe(true)
    optimizer.step()
    expect(w.node).toBeNull()
    const adam = new Adam([w])
    w.square().sum().backward({ createGraph: true })
    adam.step()
    const { slots } = adam.state.parameters[0]!
    expect(Object.values(slots).some(slot => slot.requiresGrad)).toBe(false)
  })

  test('zeroGrad forgets', () => {
    const { w, optimizer } = make()
    w.sum().backward()
    optimizer.zeroGrad()
    expect(w.grad).toBeNull()
    expect(() => optimizer.step()).toThrow(GraphError)
  })

  test('names one parameter and counts the others in its error', () => {
    const many = Array.from({ length: 9 }, (_, i) => new Parameter(tensor([i]), `p${i}`))
    expect(errorOf(() => new Adam(many).step()).message).toBe(
      "Adam.step: none of 'p0' and 8 more has a gradient; call backward() on a loss first.",
    )
  })
})

describe('what is refused', () => {
  const w = new Parameter(tensor([1]), 'w')
  const refused: readonly [string, () => unknown, string][] = [
    [
      'no parameters',
      () => new SGD([], { learningRate: 1 }),
      'SGD: got no parameters; there is nothing to learn.',
    ],
    [
      'a model',
      () => new Adam(new Dense(1, 1, { rng: new Rng(0) }) as never),
      'Adam: takes a list of parameters, as parameters(model) gives it; got an object.',
    ],
    [
      'a tensor',
      () => new SGD([w, tensor([1]) as never], { learningRate: 1 }),
      'SGD: takes a list of parameters, as parameters(model) gives it; entry 1 is a tensor.',
    ],
    [
      'a rate of NaN',
      () => new SGD([w], { learningRate: Number.NaN }),
      'SGD: learningRate must be a finite number from 0 up, got NaN.',
    ],
    [
      'negative momentum',
      () => new SGD([w], { learningRate: 1, momentum: -1 }),
      'SGD: momentum must be a finite number from 0 up, got -1.',
    ],
    [
      'nesterov without momentum',
      () => new SGD([w], { learningRate: 1, nesterov: true }),
      'SGD: nesterov needs momentum above 0 and dampening 0.',
    ],
    [
      'nesterov with dampening',
      () => new SGD([w], { learningRate: 1, nesterov: true, momentum: 0.9, dampening: 0.1 }),
      'SGD: nesterov needs momentum above 0 and dampening 0.',
    ],
    ['a beta of 1', () => new Adam([w], { beta2: 1 }), 'Adam: beta2 must be below 1, got 1.'],
    [
      'a negative epsilon',
      () => new Adam([w], { epsilon: -1 }),
      'Adam: epsilon must be a finite number from 0 up, got -1.',
    ],
    [
      'no options',
      () => new (SGD as never as new (list: unknown) => SGD)([w]),
      'SGD: learningRate must be a finite number from 0 up, got nothing.',
    ],
    [
      'no rate',
      () => new SGD([w], {} as never),
      'SGD: learningRate must be a finite number from 0 up, got nothing.',
    ],
    [
      'a rate in place of the options',
      () => new Adam([w], 0.1 as never),
      'Adam: takes options, { learningRate: 0.1 }, got 0.1.',
    ],
    [
      'options that are null',
      () => new Adam([w], null as never),
      'Adam: takes options, { learningRate: 0.1 }, got null.',
    ],
    ['lr', () => new Adam([w], { lr: 0.5 } as never), "Adam: knows no option 'lr'; it is learningRate."],
    [
      'betas',
      () => new Adam([w], { betas: [0.9, 0.99] } as never),
      "Adam: knows no option 'betas'; it is beta1 and beta2.",
    ],
    ['eps', () => new Adam([w], { eps: 1e-3 } as never), "Adam: knows no option 'eps'; it is epsilon."],
    [
      'weight_decay',
      () => new SGD([w], { learningRate: 1, weight_decay: 1 } as never),
      "SGD: knows no option 'weight_decay'; it is weightDecay.",
    ],
    [
      'an option that nobody knows',
      () => new SGD([w], { learningRate: 1, toString: 1 } as never),
      "SGD: knows no option 'toString'; it is one of learningRate, momentum, dampening, nesterov, weightDecay, maximize.",
    ],
    [
      'a rate that is an object',
      () => new Adam([w], { learningRate: { toString: 1 } } as never),
      'Adam: learningRate must be a finite number from 0 up, got an object.',
    ],
  ]
  test.each(refused)('%s', (_, run, message) => {
    const error = errorOf(run)
    expect(error).toBeInstanceOf(ArgumentError)
    expect(error.message).toBe(message)
  })

  test('a parameter that is given twice counts once', () => {
    expect(new SGD([w, w], { learningRate: 1 }).state.parameters).toHaveLength(1)
  })
})

describe('a saved state', () => {
  /** Trains a small model for some steps and gives its values. */
  const train = (w: Parameter, optimizer: Adam | SGD, steps: number): unknown => {
    for (let step = 0; step < steps; step++) {
      w.sub(tensor([3, -1], { dtype: 'float64' }))
        .square()
        .sum()
        .backward()
      optimizer.step()
    }
    return w.toArray()
  }
  const start = (): Parameter => new Parameter(tensor([0, 0], { dtype: 'float64' }), 'w')
  const kinds: readonly [string, (w: Parameter) => Adam | SGD][] = [
    ['SGD', w => new SGD([w], { learningRate: 0.05 })],
    ['SGD with momentum', w => new SGD([w], { learningRate: 0.05, momentum: 0.9, dampening: 0.2 })],
    ['Adam', w => new Adam([w], { learningRate: 0.05 })],
  ]

  test.each(kinds)('of %s goes on as if there had been no break', (_, make) => {
    const whole = start()
    const expected = train(whole, make(whole), 10)
    const first = start()
    const before = make(first)
    before.learningRate = 0.05
    train(first, before, 4)
    const state = before.state
    const second = start()
    second.assign(first)
    const after = make(second)
    after.learningRate = 0.7
    after.loadState(state)
    expect(after.learningRate).toBe(0.05)
    // Going on with the first one must not change what was saved.
    train(first, before, 3)
    expect(train(second, after, 6)).toEqual(expected)
  })

  test('says everything that does not fit, and changes nothing', () => {
    const [w, v] = [start(), new Parameter(tensor([[1]]), 'v')]
    const adam = new Adam([w, v], { learningRate: 0.1 })
    w.sum().add(v.sum()).backward()
    adam.step()
    const before = adam.state
    const wrong: OptimizerState = {
      optimizer: 'Adam',
      groups: [{ settings: { ...adam.groups[0]!.settings, learningRate: -1 }, parameters: 2 }],
      parameters: [
        { name: 'w', step: 1.5, slots: { mean: tensor([1, 2]), extra: tensor([1]) } },
        { name: 'v', step: 0, slots: {} },
      ],
    }
    const error = errorOf(() => adam.loadState(wrong))
    expect(error).toBeInstanceOf(OptimizerStateError)
    expect(error.message).toBe(
      [
        'Adam.loadState: the state does not fit, nothing was changed:',
        '  group 0: Adam: learningRate must be a finite number from 0 up, got -1.',
        "  parameter 0 ('w'): step is 1.5, needed is a whole number from 0 up",
      ].join('\n'),
    )
    const slots = errorOf(() => adam.loadState({ ...wrong, groups: before.groups }))
    expect(slots.message.split('\n').slice(1)).toEqual([
      "  parameter 0 ('w'): step is 1.5, needed is a whole number from 0 up",
      "  parameter 0 ('w'): 'mean' is float32 [2], needed is float64 [2]",
      "  parameter 0 ('w'): 'square' is nothing, needed is float64 [2]",
      "  parameter 0 ('w'): 'extra' is float32 [1], needed is nothing",
    ])
    expect(adam.state).toEqual(before)
    const none = { optimizer: 'Adam', groups: [], parameters: [] }
    expect(errorOf(() => adam.loadState(none)).message).toContain(
      'the number of parameters is 0, needed is 2',
    )
  })
})

describe('a saved state as JSON', () => {
  const json = (value: unknown): never => JSON.parse(JSON.stringify(value)) as never
  const start = (): Parameter => new Parameter(tensor([0.5, -3], { dtype: 'float64' }), 'w')
  const step = (w: Parameter, optimizer: Optimizer<never, never>): void => {
    w.square().sum().backward()
    optimizer.step()
  }

  test('goes on to the bit', () => {
    const [w, v] = [start(), start()]
    const [first, second] = [new Adam([w], { learningRate: 0.1 }), new Adam([v])]
    for (let i = 0; i < 3; i++) step(w, first as never)
    second.loadState(json(first.state))
    v.assign(w)
    for (let i = 0; i < 3; i++) {
      step(w, first as never)
      step(v, second as never)
    }
    expect(v.toArray()).toEqual(w.toArray())
    expect(json(second.state)).toEqual(json(first.state))
  })

  test('of another kind is refused, also before its first step', () => {
    const sgd = new SGD([start()], { learningRate: 0.1 })
    const adam = new Adam([start()], { learningRate: 0.7 })
    const error = errorOf(() => adam.loadState(sgd.state))
    expect(error).toBeInstanceOf(OptimizerStateError)
    expect(error.message).toContain("optimizer is 'SGD', needed is 'Adam'")
    expect(adam.learningRate).toBe(0.7)
  })

  const { settings } = new Adam([start()]).groups[0]!
  const groups = [{ settings, parameters: 1 }]
  const good = { optimizer: 'Adam', groups, parameters: [] as unknown[] }
  const slot = { shape: [2], dtype: 'float64', data: [1, 2] }
  const one = (parameter: unknown): object => ({ ...good, parameters: [parameter] })
  const hostile: readonly [string, unknown, string[]][] = [
    [
      'an empty object',
      {},
      ["optimizer is nothing, needed is 'Adam'", 'groups is 0, needed is 1', 'parameters is 0'],
    ],
    ['null', null, ["optimizer is nothing, needed is 'Adam'"]],
    [
      'a rate that is text',
      { ...good, groups: [{ settings: { ...settings, learningRate: '1' }, parameters: 1 }] },
      ["group 0: Adam: learningRate must be a finite number from 0 up, got '1'"],
    ],
    [
      'a group without its settings',
      { ...good, groups: [{ parameters: 1 }] },
      ['group 0: learningRate is nothing'],
    ],
    [
      'a group of another size',
      { ...good, groups: [{ settings, parameters: 2 }] },
      ['group 0: the number of parameters is 2, needed is 1'],
    ],
    [
      'a setting that does not exist',
      { ...good, groups: [{ settings: JSON.parse('{"__proto__":1}'), parameters: 1 }] },
      ['group 0: learningRate is nothing'],
    ],
    [
      'parameters that are no list',
      { ...good, parameters: { length: 1 } },
      ['the number of parameters is 0, needed is 1'],
    ],
    ['a parameter that is null', one(null), ['step is nothing']],
    [
      'a step that is text',
      one({ step: '1', slots: {} }),
      ["step is '1'", "'mean' is nothing", "'square' is nothing"],
    ],
    ['slots that are null', one({ step: 1, slots: null }), ["'mean' is nothing, needed is float64 [2]"]],
    [
      'a slot of too few numbers',
      one({ step: 1, slots: { mean: slot, square: { ...slot, data: [1] } } }),
      ["'square' is float64 [2], but data is not an array of 2 numbers"],
    ],
    [
      'a slot that is not asked for',
      one({ step: 1, slots: JSON.parse('{"__proto__":1}') }),
      ["'__proto__' is 1, needed is nothing", "'mean' is nothing"],
    ],
  ]
  test.each(hostile)('%s is refused, and nothing is changed', (_, state, problems) => {
    const w = start()
    const adam = new Adam([w], { learningRate: 0.1 })
    step(w, adam as never)
    const before = json(adam.state)
    const error = errorOf(() => adam.loadState(state as never))
    expect(error).toBeInstanceOf(OptimizerStateError)
    expect(error).toBeInstanceOf(ArgumentError)
    expect(error.message.startsWith('Adam.loadState: ')).toBe(true)
    for (const problem of problems) expect(error.message).toContain(problem)
    expect(json(adam.state)).toEqual(before)
  })
})

describe('rules are functions', () => {
  test('a step of SGD can be differentiated: of ½ (w − α 2w)², the derivative by w is (1 − 2 α)² w', () => {
    const { settings } = new SGD([new Parameter(tensor(0))], { learningRate: 0.25 }).groups[0]!
    const after = (value: Tensor): Tensor =>
      sgdRule
        .update({ value, gradient: value.mul(2), state: {}, settings, step: 1 })
        .value.square()
        .sum()
        .mul(0.5)
    const slope = grad(after)(tensor([3, -1], { dtype: 'float64' }))
    expect(slope.toArray()).toEqual([0.5 ** 2 * 3, 0.5 ** 2 * -1])
  })

  test('and one of Adam: its first step is w − α sign(g), nearly, whose derivative by w is 1', () => {
    const { settings } = new Adam([new Parameter(tensor(0))], { learningRate: 0.25, epsilon: 0 }).groups[0]!
    const after = (value: Tensor): Tensor =>
      adamRule
        .update({ value, gradient: value, state: adamRule.init(value, settings), settings, step: 1 })
        .value.mul(tensor([1, 10]))
        .sum()
    const slope = grad(after)(tensor([3, -4], { dtype: 'float64' }))
    expect(distance(slope.data(), [1, 10])).toBeLessThan(1e-12)
  })

  test('a rule of the reader works with the same walker', () => {
    const halve: UpdateRule<Slots, { learningRate: number }> = {
      init: () => ({}),
      update: ({ value, state }) => ({ value: value.mul(0.5), state }),
    }
    const w = new Parameter(tensor([8]), 'w')
    const optimizer = new Optimizer('halve', [w], halve, { learningRate: 0 })
    w.sum().backward()
    optimizer.step()
    expect(w.toArray()).toEqual([4])
    expect(errorOf(() => optimizer.step()).message).toContain('halve.step')
  })

  test('a frozen parameter is one that gets no gradient', () => {
    const rng = new Rng(0)
    const [frozen, learned] = [new Dense(2, 2, { rng }), new Dense(2, 1, { rng })]
    const optimizer = new SGD([...parameters(frozen), ...parameters(learned)], { learningRate: 0.1 })
    const before = frozen.weight.toArray()
    const features = noGrad(() => frozen.forward(tensor([[1, 2]])))
    learned.forward(features).sum().backward()
    optimizer.step()
    expect(frozen.weight.toArray()).toEqual(before)
    expect(learned.bias!.version).toBe(1)
  })
})

test('a gradient is applied once, also when the next loss was recorded before the step', () => {
  const w = new Parameter(tensor(0, { dtype: 'float64' }), 'w')
  const optimizer = new SGD([w], { learningRate: 0.1 })
  const loss = () => w.add(0).sub(1).square()
  const [first, second] = [loss(), loss()]
  first.backward()
  optimizer.step()
  second.backward()
  expect(w.grad?.item()).toBe(-2)
  optimizer.step()
  expect(w.item()).toBe(0.4)
})

test('an option that is a number is no boolean', () => {
  const w = new Parameter(tensor(0), 'w')
  expect(() => new SGD([w], { learningRate: 0.1, momentum: true as never })).toThrow(
    'momentum must be a finite number',
  )
})
