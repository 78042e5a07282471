// Training steps that are traced once and run from the trace, beside the same steps run eagerly: the same bits.
import {
  bernoulli,
  beta,
  categorical,
  choice,
  dirichlet,
  dropoutMask,
  exponential,
  GraphError,
  gamma,
  gumbelSoftmax,
  laplace,
  multivariateNormal,
  normal,
  orthogonal,
  Parameter,
  permutation,
  poisson,
  Rng,
  randomIntegers,
  relu,
  studentT,
  type Tensor,
  tensor,
  truncatedNormal,
  uniform,
} from '@adjoint/core'
import { trace } from '@adjoint/core/engine'
import { describe, expect, test } from 'vitest'
import * as nn from '../src/index.ts'
import { replayed } from './replayed.ts'
import { errorOf } from './support.ts'

type AnyOptimizer = nn.Optimizer<never, never>
type Options = Readonly<Record<string, number | boolean>>

const OPTIMIZERS: Readonly<Record<string, readonly [unknown, ...Options[]]>> = {
  SGD: [
    nn.SGD,
    {},
    { momentum: 0.9, weightDecay: 0.1 },
    { momentum: 0.9, dampening: 0.3, maximize: true },
    { momentum: 0.8, nesterov: true },
  ],
  Adam: [nn.Adam, {}, { amsgrad: true, weightDecay: 0.1, maximize: true }],
  AdamW: [nn.AdamW, {}, { weightDecay: 0, amsgrad: true }],
  NAdam: [nn.NAdam, {}, { legacyProduct: true, momentumDecay: 0.1 }],
  RAdam: [nn.RAdam, {}, { beta2: 0.9, weightDecay: 0.1 }],
  Adamax: [nn.Adamax, {}, { weightDecay: 0.1 }],
  Adagrad: [nn.Adagrad, {}, { learningRateDecay: 0.05, initialAccumulator: 0.2 }],
  Adadelta: [nn.Adadelta, {}, { decay: 0.8 }],
  RMSprop: [nn.RMSprop, {}, { centered: true, momentum: 0.5, weightDecay: 0.1 }],
  Rprop: [nn.Rprop, {}, { decrease: 0.4, increase: 1.3 }],
  ASGD: [nn.ASGD, {}, { decayTerm: 0.1, averageFrom: 3, weightDecay: 0.1 }],
  Lion: [nn.Lion, {}, { weightDecay: 0.1, maximize: true }],
  LAMB: [nn.LAMB, {}, { weightDecay: 0.1 }],
  Muon: [nn.Muon, {}, { nesterov: false, weightDecay: 0.1 }],
}

/** Optimizers whose step takes another branch now and then: they are traced once for each. */
const BRANCHES: Readonly<Record<string, number>> = { RAdam: 2, ASGD: 2 }

const CASES = Object.entries(OPTIMIZERS).flatMap(([name, [make, ...variants]]) =>
  variants.map(options => ({ name, make: make as never, options })),
)

/** What there is to train, the same every time. */
function setUp(make: unknown, options: Options, dtype: 'float32' | 'float64' = 'float32') {
  const draw = (seed: number, shape: [number, number]): Parameter =>
    new Parameter(new Rng(seed).normal(shape, { dtype }) as Tensor, `w${seed}`)
  const [w, v] = [draw(1, [3, 2]), draw(2, [2, 2])]
  const groups = [{ parameters: [w] }, { parameters: [v], learningRate: 0.02 }]
  const optimizer = new (make as new (over: unknown, options: object) => AnyOptimizer)(groups, {
    learningRate: 0.05,
    ...options,
  })
  const step = (x: Tensor): readonly Tensor[] => {
    const loss = (x.matmul(w).tanh().matmul(v) as Tensor).square().mean()
    loss.backward()
    const norm = nn.clipGradientNorm([w, v], 0.1)
    nn.clipGradientValue([v], 0.05)
    optimizer.step()
    return [loss, norm]
  }
  return { w, v, optimizer, step }
}

type SetUp = ReturnType<typeof setUp>

const batch = (i: number, dtype: 'float32' | 'float64' = 'float32'): Tensor =>
  new Rng(100 + i).normal([4, 3], { dtype }) as Tensor

/** Everything that a run leaves, as text. */
const all = ({ w, v, optimizer }: SetUp): string => JSON.stringify([w, v, optimizer.state])
const copyOf = (x: Tensor): Tensor => tensor(x.data(), { shape: [...x.shape], dtype: x.dtype }) as Tensor
const numbers = (outputs: readonly Tensor[]): string => JSON.stringify(outputs)

/** Rates of a warm-up. */
function setRates({ optimizer }: SetUp, i: number): void {
  optimizer.groups[0]!.learningRate = 0.01 * (i + 1)
  optimizer.groups[1]!.learningRate = 0.1 / (i + 1)
}

describe.each(CASES)('$name with $options', ({ name, make, options }) => {
  test.each(['float32', 'float64'] as const)('takes the same steps from a trace, %s', dtype => {
    const [eager, traced] = [setUp(make, options, dtype), setUp(make, options, dtype)]
    const step = replayed(traced.step)
    for (let i = 0; i < 10; i++) {
      for (const one of [eager, traced]) setRates(one, i)
      const expected = eager.step(batch(i, dtype))
      expect(numbers(step(batch(i, dtype)))).toBe(numbers(expected))
      expect(all(traced)).toBe(all(eager))
    }
    expect(step.traces).toBeLessThanOrEqual(BRANCHES[name] ?? 1)
  })

  test('and alternates with eager steps, and goes on from saved states', () => {
    const [eager, traced] = [setUp(make, options), setUp(make, options)]
    const step = replayed(traced.step)
    let saved: [nn.OptimizerState, Tensor, Tensor] | undefined
    let text = ''
    for (let i = 0; i < 10; i++) {
      for (const one of [eager, traced]) setRates(one, i)
      eager.step(batch(i))
      if (i % 3 === 1) traced.step(batch(i))
      else step(batch(i))
      expect(all(traced)).toBe(all(eager))
      if (i === 4) {
        saved = [traced.optimizer.state, copyOf(traced.w), copyOf(traced.v)]
        text = JSON.stringify(saved)
      }
    }
    // What was saved is not what later steps have made of it.
    expect(JSON.stringify(saved)).toBe(text)
    for (const one of [eager, traced]) {
      one.optimizer.loadState(saved![0])
      one.w.assign(saved![1])
      one.v.assign(saved![2])
    }
    for (let i = 5; i < 8; i++) {
      eager.step(batch(i))
      step(batch(i))
      expect(all(traced)).toBe(all(eager))
    }
    expect(step.traces).toBeLessThanOrEqual(BRANCHES[name] ?? 1)
  })

  test('changes nothing while it is traced', () => {
    const one = setUp(make, options)
    one.step(batch(0))
    const gradients = [one.w.grad, one.v.grad]
    const before = all(one)
    trace([{ shape: [4, 3], dtype: 'float32' }], ([x]) => one.step(x!))
    expect(all(one)).toBe(before)
    expect([one.w.grad, one.v.grad]).toEqual(gradients)
    expect(() => one.optimizer.step()).toThrow('belong to values from before the last update')
    const fresh = setUp(make, options)
    const start = all(fresh)
    trace([{ shape: [4, 3], dtype: 'float32' }], ([x]) => fresh.step(x!))
    expect(all(fresh)).toBe(start)
  })
})

describe('a traced step', () => {
  const specs = [{ shape: [2], dtype: 'float32' }] as const

  test('has no constant that changes: rate, step and batch are read before every run', () => {
    const one = setUp(nn.Adam, {})
    const { calls, events } = trace([{ shape: [4, 3], dtype: 'float32' }], ([x]) => one.step(x!))
    // Two groups of one rate and one correction each, and the counting.
    expect(events).toHaveLength(5)
    expect(calls.length).toBeGreaterThan(0)
  })

  test('shares its numbers among the parameters of a group, until their steps differ', () => {
    const make = () => {
      const [a, b] = [new Parameter(tensor([1, 2]), 'a'), new Parameter(tensor([3, 4]), 'b')]
      const optimizer = new nn.Adam([a, b], { learningRate: 0.1 })
      const step = (x: Tensor): readonly Tensor[] => {
        a.mul(b)
          .mul(x as Tensor<[number]>)
          .sum()
          .backward()
        optimizer.step()
        return []
      }
      const half = (): void => {
        a.square().sum().backward()
        b.grad = null
        optimizer.step()
      }
      return { a, b, optimizer, step, half }
    }
    const [eager, traced] = [make(), make()]
    const step = replayed(traced.step)
    const x = tensor([1, -1])
    for (let i = 0; i < 6; i++) {
      if (i === 3) for (const one of [eager, traced]) one.half()
      eager.step(x)
      step(x)
      expect(JSON.stringify([traced.a, traced.b, traced.optimizer.state])).toBe(
        JSON.stringify([eager.a, eager.b, eager.optimizer.state]),
      )
    }
    expect(step.traces).toBe(2)
  })

  test('may be one of several in a function, of one optimizer or of two', () => {
    const make = () => {
      const [a, b] = [new Parameter(tensor([1, 2]), 'a'), new Parameter(tensor([3, 4]), 'b')]
      const first = new nn.Adam([a], { learningRate: 0.1 })
      const second = new nn.SGD([a, b], { learningRate: 0.05, momentum: 0.9 })
      const scheduler = new nn.Scheduler(first, nn.exponentialDecay({ factor: 0.5 }))
      const step = (x: Tensor): readonly Tensor[] => {
        const loss = (): Tensor =>
          a
            .mul(b)
            .mul(x as Tensor<[number]>)
            .square()
            .sum()
        loss().backward()
        first.step()
        second.step()
        scheduler.step()
        const next = loss()
        next.backward()
        first.step()
        first.zeroGrad()
        return [next]
      }
      return { a, b, first, second, scheduler, step }
    }
    const [eager, traced] = [make(), make()]
    const step = replayed(traced.step)
    const x = tensor([1, -1])
    for (let i = 0; i < 6; i++) {
      const expected = eager.step(x)
      expect(numbers(step(x))).toBe(numbers(expected))
      const [found, wanted] = [traced, eager].map(({ a, b, first, second, scheduler }) =>
        JSON.stringify([a, b, first.state, second.state, scheduler.state]),
      )
      expect(found).toBe(wanted)
    }
    // From the second call on a gradient waits on b, and might be part of the step.
    expect(step.traces).toBe(2)
  })

  test('leaves gradients that it does not use, and uses those that wait outside', () => {
    const w = new Parameter(tensor([1, 2]), 'w')
    const optimizer = new nn.SGD([w], { learningRate: 0.5 })
    const gradient = replayed((x: Tensor) => {
      w.mul(x as Tensor<[number]>)
        .sum()
        .backward()
      return []
    })
    gradient(tensor([1, 2]))
    expect(w.grad!.toArray()).toEqual([1, 2])
    const alone = replayed(() => {
      optimizer.step()
      return []
    })
    alone()
    expect(w.toArray()).toEqual([0.5, 1])
    expect(() => alone()).toThrow('has a gradient; call backward() on a loss first')
    gradient(tensor([1, 2]))
    alone()
    expect(w.toArray()).toEqual([0, 0])
  })

  test('is traced again when settings other than the rate change, when a parameter is frozen or one is added', () => {
    const [a, b] = [new Parameter(tensor([1, 2]), 'a'), new Parameter(tensor([3, 4]), 'b')]
    const optimizer = new nn.SGD([a], { learningRate: 0.5 })
    const step = replayed((x: Tensor) => {
      a.mul(b)
        .mul(x as Tensor<[number]>)
        .sum()
        .backward()
      optimizer.step()
      return []
    })
    const x = tensor([1, -1])
    step(x)
    optimizer.learningRate = 0.25
    step(x)
    expect(step.traces).toBe(1)
    optimizer.groups[0]!.change({ momentum: 0.5 })
    step(x)
    expect(step.traces).toBe(2)
    // There is a velocity now.
    step(x)
    step(x)
    expect(step.traces).toBe(3)
    optimizer.addGroup({ parameters: [b] })
    step(x)
    expect(step.traces).toBe(4)
    b.trainable = false
    const before = b.toArray()
    step(x)
    step(x)
    expect(b.toArray()).toEqual(before)
    expect(step.traces).toBe(5)
  })

  test('says what a rule of one own may not read, and runs one that asks', () => {
    const w = new Parameter(tensor([3, -4]), 'w')
    const baked: nn.UpdateRule<nn.Slots, { learningRate: number }> = {
      init: () => ({}),
      update: ({ value, gradient, state, settings }) => ({
        value: value.sub(gradient.sign().mul(settings.learningRate)),
        state,
      }),
    }
    const step = (optimizer: { step(): void }) => () =>
      trace([...specs], ([x]) => {
        w.mul(x as Tensor<[number]>)
          .sum()
          .backward()
        optimizer.step()
        return []
      })
    const wrong = new nn.Optimizer('signs', [w], baked, { learningRate: 0.5 })
    expect(step(wrong)).toThrow(
      'signs.step: the rule reads settings.learningRate, which is another one in every run of a function that is traced. Take ' +
        'it with stepNumber(inputs, (settings, step) => settings.learningRate)',
    )
    const counting: typeof baked = {
      ...baked,
      update: ({ value, state, step }) => ({ value: value.mul(step), state }),
    }
    expect(step(new nn.Optimizer('counts', [w], counting, { learningRate: 0.5 }))).toThrow(
      'the rule reads step',
    )
    const right: nn.UpdateRule<{ readonly before: Tensor }, { learningRate: number }> = {
      init: parameter => ({ before: parameter.mul(0) }),
      // The memory is the value itself, before it changes.
      update: inputs => ({
        value: inputs.value.sub(
          inputs.gradient
            .sign()
            .mul(nn.stepNumber(inputs, ({ learningRate }, t) => learningRate / t))
            .add(inputs.state.before),
        ),
        state: { before: inputs.value },
      }),
    }
    const optimizer = new nn.Optimizer('signs', [w], right, { learningRate: 0.5 })
    const run = replayed((x: Tensor) => {
      w.mul(x as Tensor<[number]>)
        .sum()
        .backward()
      optimizer.step()
      return []
    })
    run(tensor([1, 1]))
    expect(w.toArray()).toEqual([2.5, -4.5])
    run(tensor([1, 1]))
    expect(w.toArray()).toEqual([2.5 - 0.25 - 3, -4.5 - 0.25 + 4])
    expect(optimizer.state.parameters[0]!.slots.before!.toArray()).toEqual([2.5, -4.5])
  })

  test('refuses what can only happen outside', () => {
    const w = new Parameter(tensor([3, -4]), 'w')
    const optimizer = new nn.SGD([w], { learningRate: 0.5 })
    const inTrace = (body: (x: Tensor<[number]>) => unknown) => () =>
      trace([...specs], ([x]) => {
        body(x as Tensor<[number]>)
        return []
      })
    expect(inTrace(() => optimizer.step())).toThrow(GraphError)
    expect(
      inTrace(() => {
        optimizer.learningRate = 0.1
      }),
    ).toThrow('the learning rate is read before every run')
    expect(optimizer.learningRate).toBe(0.5)
    expect(inTrace(() => w.item())).toThrow("item: 'w' has other values in every run")
    expect(inTrace(() => nn.stateOf({ w }))).toThrow("data: 'w' has other values in every run")
    expect(inTrace(() => optimizer.loadState(optimizer.state))).toThrow(GraphError)
    const lazy = nn.lazy(x => new nn.Dense(x.shape[0]!, 1, { rng: new Rng(0) }))
    expect(inTrace(x => lazy.forward(x))).toThrow('lazy: has not been built yet')
    const attention = new nn.MultiHeadAttention(2, 1, { rng: new Rng(0) })
    const cache = new nn.AttentionCache()
    expect(inTrace(x => attention.forward({ query: x.reshape([1, 1, 2]), cache }))).toThrow('a cache grows')
    expect(cache.length).toBe(0)
    const lbfgs = new nn.LBFGS([w])
    expect(inTrace(x => lbfgs.step(() => w.mul(x).sum()))).toThrow(
      'LBFGS.step: decides by values of the loss',
    )
  })

  test('moves averages and slow values along', () => {
    const make = () => {
      const w = new Parameter(tensor([1, 2]), 'w')
      const fast = new nn.Adam([w], { learningRate: 0.1 })
      const optimizer = new nn.Lookahead(fast, { every: 3, share: 0.3 })
      const moving = new nn.ExponentialMovingAverage([w], { decay: 0.9 })
      const mean = new nn.StochasticWeightAverage([w])
      const step = (x: Tensor): readonly Tensor[] => {
        w.mul(x as Tensor<[number]>)
          .square()
          .sum()
          .backward()
        optimizer.step()
        moving.update()
        mean.update()
        return [moving.withAverage(() => w.sum())]
      }
      return { w, fast, optimizer, moving, mean, step }
    }
    const [eager, traced] = [make(), make()]
    const step = replayed(traced.step)
    const snapshots: [unknown, string][] = []
    for (let i = 0; i < 10; i++) {
      const expected = eager.step(tensor([1, i]))
      const found = i === 4 ? traced.step(tensor([1, i])) : step(tensor([1, i]))
      expect(numbers(found)).toBe(numbers(expected))
      const [have, want] = [traced, eager].map(
        ({ w, fast, optimizer, moving, mean }) =>
          [w, fast.state, optimizer.state, moving.state, mean.state, moving.averages, mean.updates] as const,
      )
      expect(JSON.stringify(have)).toBe(JSON.stringify(want))
      snapshots.push([have!.slice(1), JSON.stringify(have!.slice(1))])
    }
    for (const [kept, text] of snapshots) expect(JSON.stringify(kept)).toBe(text)
    // The first update of the mean is a copy.
    expect(step.traces).toBeLessThanOrEqual(2)
  })
})

describe('generators in a traced function', () => {
  /** Every way to draw a tensor. */
  const DRAWS: Readonly<Record<string, (rng: Rng, x: Tensor) => Tensor>> = {
    uniform: rng => uniform(rng, [3, 2]),
    'uniform between tensors': (rng, x) => uniform(rng, [4, 3], { low: x, high: x.add(1) }),
    normal: rng => normal(rng, [700]),
    'normal about tensors': (rng, x) => normal(rng, [4, 3], { mean: x, std: 0.5 }),
    truncatedNormal: rng => truncatedNormal(rng, [5]),
    randomIntegers: rng => randomIntegers(rng, [7], { high: 1000 }),
    dropoutMask: rng => dropoutMask(rng, [600], 0.5),
    orthogonal: rng => orthogonal(rng, [3, 3]),
    bernoulli: (rng, x) => bernoulli(rng, x.sigmoid()),
    beta: (rng, x) => beta(rng, x.exp(), 2),
    categorical: (rng, x) => categorical(rng, x),
    choice: (rng, x) => choice(rng, x, [3]),
    'choice without replacement': (rng, x) => choice(rng, x, [3], { replace: false, weights: [1, 2, 3, 4] }),
    dirichlet: (rng, x) => dirichlet(rng, x.exp()),
    exponential: (rng, x) => exponential(rng, [4, 3], { rate: x.exp() }),
    gamma: (rng, x) => gamma(rng, x.exp()),
    gumbelSoftmax: (rng, x) => gumbelSoftmax(rng, x),
    laplace: rng => laplace(rng, [3]),
    multivariateNormal: rng =>
      multivariateNormal(
        rng,
        tensor([1, 2]),
        tensor([
          [2, 1],
          [1, 2],
        ]),
      ),
    poisson: (rng, x) => poisson(rng, x.exp()),
    studentT: rng => studentT(rng, 4, [3]),
    'a child': rng => rng.foldIn(7).normal([2]),
    'children of children': rng => {
      const [a, b] = rng.split(2)
      return a
        .split(3)[2]!
        .normal([2])
        .add(b.foldIn(3).uniform([2]))
    },
    'a generator of its own': rng =>
      rng
        .normal([2])
        .add(new Rng(3).normal([2]))
        .add(new Rng(3).split(2)[1].uniform([2])),
    'in turn with a child': rng => {
      const child = rng.foldIn(1)
      return child
        .normal([2])
        .add(rng.normal([2]))
        .add(child.normal([2]))
        .add(rng.split(1)[0].normal([2]))
    },
  }

  test.each(Object.keys(DRAWS))('%s: captured, drawn anew in every run, and moved on', name => {
    const draw = DRAWS[name]!
    const [eager, traced] = [new Rng(5), new Rng(5)]
    const run = replayed((x: Tensor) => [draw(traced, x)])
    for (let i = 0; i < 4; i++) {
      const expected = draw(eager, batch(i))
      const found = i === 2 ? [draw(traced, batch(i))] : run(batch(i))
      expect(numbers(found)).toBe(numbers([expected]))
      expect(traced.state).toEqual(eager.state)
    }
    expect(run.traces).toBe(1)
    const before = traced.state
    trace([{ shape: [4, 3], dtype: 'float32' }], ([x]) => [draw(traced, x!)])
    expect(traced.state).toEqual(before)
  })

  test.each(Object.keys(DRAWS))('%s: passed, another one in every call', name => {
    const draw = DRAWS[name]!
    const [eager, traced] = [new Rng(5), new Rng(5)]
    const run = replayed((x: Tensor, rng: Rng) => [draw(rng, x)])
    for (let i = 0; i < 3; i++) {
      const [a, b] = [eager.foldIn(i), traced.foldIn(i)]
      expect(numbers(run(batch(i), b))).toBe(numbers([draw(a, batch(i))]))
      expect(b.state).toEqual(a.state)
    }
    expect(run.traces).toBe(1)
  })

  test('plain numbers are refused, as they would be the same in every run', () => {
    const rng = new Rng(0)
    const plain: readonly (() => unknown)[] = [
      () => rng.next(),
      () => rng.integer(3),
      () => rng.state,
      () => rng.fill(new Float64Array(2)),
      () => permutation(rng, 5),
      () => new Rng(rng.state),
    ]
    for (const read of plain) {
      expect(() =>
        trace([], () => {
          read()
          return []
        }),
      ).toThrow('would be the same in every run of a function that is traced')
    }
    expect(rng.state).toEqual(new Rng(0).state)
  })
})

describe('a network in a traced step', () => {
  const make = () => {
    const rng = new Rng(3)
    const model = nn.sequential(
      new nn.Dense(3, 8, { rng }),
      new nn.BatchNorm(8),
      relu,
      new nn.Dropout(0.4),
      new nn.Dense(8, 3, { rng }),
    )
    const optimizer = new nn.AdamW(nn.decayGroups(model, { weightDecay: 0.1 }), { learningRate: 0.01 })
    const captured = new Rng(11)
    const step = (x: Tensor, y: Tensor, rng: Rng): readonly Tensor[] => {
      const noisy = x.add(captured.normal([4, 3], { std: 0.1 }) as Tensor)
      const loss = nn.crossEntropy(model.forward(noisy as Tensor<[number, 3]>, { training: true, rng }), y, {
        labelSmoothing: 0.1,
      })
      loss.backward()
      nn.clipGradientNorm(nn.parameters(model), 1)
      optimizer.step()
      return [loss]
    }
    return { model, optimizer, captured, step, rng: new Rng(17) }
  }

  test('with batch norm, dropout and noise of a captured and of a passed generator', () => {
    const [eager, traced] = [make(), make()]
    const step = replayed(traced.step)
    const y = tensor([0, 1, 2, 1], { dtype: 'int32' })
    const left = ({ model, optimizer, captured, rng }: ReturnType<typeof make>): string =>
      JSON.stringify([nn.stateOf(model), optimizer.state, captured.state, rng.state])
    for (let i = 0; i < 10; i++) {
      for (const one of [eager, traced]) one.optimizer.learningRate = 0.01 / (i + 1)
      const expected = eager.step(batch(i), y, eager.rng)
      const found = i === 5 ? traced.step(batch(i), y, traced.rng) : step(batch(i), y, traced.rng)
      expect(numbers(found)).toBe(numbers(expected))
      expect(left(traced)).toBe(left(eager))
    }
    expect(step.traces).toBe(1)
    const [batchNorm] = traced.model.layers.filter(layer => layer instanceof nn.BatchNorm)
    expect(batchNorm!.batchesTracked!.item()).toBe(10)
  })

  test('labels that are out of range are found in every run', () => {
    const traced = make()
    const step = replayed(traced.step)
    step(batch(0), tensor([0, 1, 2, 1], { dtype: 'int32' }), traced.rng)
    const wrong = tensor([0, 1, 3, 1], { dtype: 'int32' })
    expect(errorOf(() => step(batch(0), wrong, traced.rng)).message).toContain('crossEntropy')
  })
})
