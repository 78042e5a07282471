// Schedules: pure functions against step-by-step recursions, compositions, the walker, the plateau, saved states.
import { Parameter, tensor } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import {
  Adam,
  annealTo,
  chained,
  constantFactor,
  cosineAnnealing,
  cosineWarmRestarts,
  cyclic,
  cyclicMomentum,
  exponentialDecay,
  inverseSquareRoot,
  linearRamp,
  multipliedBy,
  multiStepDecay,
  OptimizerStateError,
  oneCycle,
  oneCycleMomentum,
  polynomialDecay,
  ReduceOnPlateau,
  type Schedule,
  Scheduler,
  SGD,
  scaledBy,
  sequence,
  stepDecay,
  warmUp,
} from '../src/index.ts'

const json = (value: unknown): never => JSON.parse(JSON.stringify(value)) as never

const SCHEDULES: Readonly<Record<string, () => Schedule>> = {
  stepDecay: () => stepDecay({ every: 7, factor: 0.5 }),
  multiStepDecay: () => multiStepDecay({ milestones: [3, 3, 20] }),
  constantFactor: () => constantFactor(),
  linearRamp: () => linearRamp({ steps: 12 }),
  exponentialDecay: () => exponentialDecay({ factor: 0.95 }),
  polynomialDecay: () => polynomialDecay({ steps: 30, power: 2 }),
  cosineAnnealing: () => cosineAnnealing({ steps: 30, minimum: 0.01 }),
  cosineWarmRestarts: () => cosineWarmRestarts({ period: 3, growth: 2 }),
  oneCycle: () => oneCycle({ steps: 40 }),
  oneCycleThreePhase: () => oneCycle({ steps: 40, threePhase: true, annealing: 'linear', maximum: 2 }),
  oneCycleMomentum: () => oneCycleMomentum({ steps: 40 }),
  cyclic: () =>
    cyclic({ minimum: 0.1, maximum: 1, stepsUp: 4, stepsDown: 6, mode: 'exponential', factor: 0.9 }),
  cyclicMomentum: () => cyclicMomentum({ stepsUp: 5, mode: 'triangular2' }),
  scaledBy: () => scaledBy(t => 1 / (1 + t)),
  multipliedBy: () => multipliedBy(t => 1 - 1 / (t + 2)),
  inverseSquareRoot: () => inverseSquareRoot({ warmUp: 10 }),
  annealTo: () => annealTo({ rate: 0.05 }),
  sequence: () => sequence([constantFactor({ steps: 5 }), exponentialDecay({ factor: 0.9 })], [5]),
  chained: () => chained(constantFactor({ steps: 5 }), exponentialDecay({ factor: 0.9 })),
  warmUp: () => warmUp(cosineAnnealing({ steps: 20 }), 10),
}

describe.each(Object.entries(SCHEDULES))('%s', (_, make) => {
  const steps = Array.from({ length: 50 }, (__, t) => t)

  test('depends on the step and the base alone, in whatever order it is asked', () => {
    const schedule = make()
    const forward = steps.map(t => schedule(t, 0.8))
    const backward = [...steps]
      .reverse()
      .map(t => schedule(t, 0.8))
      .reverse()
    const single = steps.map(t => make()(t, 0.8))
    expect(backward).toEqual(forward)
    expect(single).toEqual(forward)
    expect(forward.every(rate => Number.isFinite(rate) && rate >= 0)).toBe(true)
  })

  test('is resumed by a saved state, to the bit', () => {
    const optimizerOf = () => new SGD([new Parameter(tensor([1]))], { learningRate: 0.8 })
    const whole = new Scheduler(optimizerOf(), make())
    const rates = steps.map(() => {
      whole.step()
      return whole.optimizer.groups[0]!.settings.learningRate
    })
    const first = new Scheduler(optimizerOf(), make())
    for (let t = 0; t < 20; t++) first.step()
    const optimizer = optimizerOf()
    // The rate that was saved with the optimizer is not the base.
    optimizer.learningRate = first.optimizer.groups[0]!.settings.learningRate
    const second = new Scheduler(optimizer, make())
    second.loadState(json(first.state))
    expect(optimizer.learningRate).toBe(rates[19])
    for (const rate of rates.slice(20)) {
      second.step()
      expect(optimizer.learningRate).toBe(rate)
    }
  })
})

describe('forms that are computed step by step give the same', () => {
  const close = (schedule: Schedule, rates: readonly number[]): void => {
    for (const [t, rate] of rates.entries()) expect(schedule(t, rates[0]!)).toBeCloseTo(rate, 12)
  }

  test('cosine annealing as a recursion of its ratio', () => {
    const [steps, minimum] = [17, 0.02]
    const rates = [0.8]
    for (let t = 1; t < steps; t++) {
      const ratio = (1 + Math.cos((Math.PI * t) / steps)) / (1 + Math.cos((Math.PI * (t - 1)) / steps))
      rates.push(minimum + ratio * (rates[t - 1]! - minimum))
    }
    close(cosineAnnealing({ steps, minimum }), rates)
  })

  test('restarts, counted one by one', () => {
    for (const growth of [1, 2, 1.5]) {
      const schedule = cosineWarmRestarts({ period: 4, growth })
      let [since, period] = [0, 4]
      for (let t = 0; t < 60; t++) {
        expect(schedule(t, 1)).toBeCloseTo((1 + Math.cos((Math.PI * since) / period)) / 2, 12)
        since++
        if (since >= period) {
          since -= period
          period *= growth
        }
      }
    }
  })

  test('one cycle meets its corners', () => {
    const shape = { steps: 21, warmUp: 0.5, startDivisor: 10, endDivisor: 100 }
    const schedule = oneCycle(shape)
    expect(schedule(0, 1)).toBeCloseTo(0.1, 14)
    // The top lies at 0.5 · 21 − 1 steps.
    expect(schedule(9, 1)).toBeLessThan(1)
    expect(schedule(10, 1)).toBeLessThan(1)
    expect(schedule(20, 1)).toBeCloseTo(0.001, 14)
    expect(schedule(1000, 1)).toBe(schedule(20, 1))
    expect(oneCycle({ steps: 1, startDivisor: 2, endDivisor: 2 })(0, 1)).toBeLessThanOrEqual(1)
  })

  test('a height of its own for a cycle or a step', () => {
    const byCycle = cyclic({ minimum: 0, maximum: 1, stepsUp: 2, heightOfCycle: cycle => 1 / cycle })
    expect([2, 6, 10].map(t => byCycle(t, 1))).toEqual([1, 1 / 2, 1 / 3])
    const byStep = cyclic({ minimum: 0, maximum: 1, stepsUp: 2, heightOfStep: step => 1 / step })
    expect([2, 6].map(t => byStep(t, 1))).toEqual([1 / 2, 1 / 6])
  })
})

describe('compositions', () => {
  test('a sequence counts each part from its beginning', () => {
    const count: Schedule = step => step
    const schedule = sequence([count, count, count], [3, 5])
    expect([0, 1, 2, 3, 4, 5, 6].map(t => schedule(t, 1))).toEqual([0, 1, 2, 0, 1, 0, 1])
  })

  test('a warm-up ends where the schedule begins, and never stands still at 0', () => {
    const schedule = warmUp(constantFactor({ factor: 0.5, steps: 2 }), 4)
    expect([0, 3, 4, 5, 6].map(t => schedule(t, 1))).toEqual([0.1, 0.4, 0.5, 0.5, 1])
    expect(warmUp(constantFactor(), 4, { from: 0 })(0, 1)).toBe(0)
    expect(warmUp(stepDecay({ every: 1 }), 0)(0, 1)).toBe(1)
  })
})

describe('the walker', () => {
  const [w, v] = [new Parameter(tensor([1])), new Parameter(tensor([2]))]
  const half = exponentialDecay({ factor: 0.5 })
  const groups = () =>
    new Adam([
      { parameters: [w], learningRate: 0.8 },
      { parameters: [v], learningRate: 0.4 },
    ])
  const rates = (optimizer: Adam): number[] => optimizer.groups.map(group => group.learningRate)

  test('scales every group from its own base', () => {
    const optimizer = groups()
    const scheduler = new Scheduler(optimizer, half)
    scheduler.step()
    expect(rates(optimizer)).toEqual([0.4, 0.2])
    expect(scheduler.steps).toBe(1)
  })

  test('has a schedule for each group, or for several settings', () => {
    const optimizer = groups()
    const scheduler = new Scheduler(optimizer, [
      half,
      { learningRate: constantFactor(), beta1: half, weightDecay: half },
    ])
    scheduler.step()
    expect(rates(optimizer)).toEqual([0.4, 0.4 / 3])
    expect(optimizer.groups.map(({ settings }) => settings.beta1)).toEqual([0.9, 0.45])
  })

  test('leaves a group that is added later alone', () => {
    const optimizer = new SGD([w], { learningRate: 0.8 })
    const scheduler = new Scheduler(optimizer, half)
    optimizer.addGroup({ parameters: [v] })
    scheduler.step()
    expect(optimizer.groups.map(group => group.learningRate)).toEqual([0.4, 0.8])
  })

  test('saves plain data', () => {
    expect(new Scheduler(groups(), half).state).toEqual({
      step: 0,
      bases: [{ learningRate: 0.8 }, { learningRate: 0.4 }],
    })
  })

  test.each([
    [{}, 'step is nothing, needed is a whole number from 0 up'],
    [{ step: 1.5, bases: [] }, 'the number of groups is 0, needed is 2'],
    [
      { step: 1, bases: [{ learningRate: 1 }, { learningRate: '1' }] },
      "group 1: the base of 'learningRate' is '1'",
    ],
    [
      { step: 1, bases: [{ learningRate: 1 }, { beta1: 1 }] },
      "group 1: the base of 'beta1' is 1, needed is nothing",
    ],
    [{ step: 1, bases: [{ learningRate: 1 }, JSON.parse('{"__proto__":1}')] }, "the base of '__proto__'"],
  ])('refuses a state that does not fit: %j', (state, message) => {
    const optimizer = groups()
    const scheduler = new Scheduler(optimizer, half)
    expect(() => scheduler.loadState(state as never)).toThrow(OptimizerStateError)
    expect(() => scheduler.loadState(state as never)).toThrow(message)
    expect(scheduler.steps).toBe(0)
    expect(rates(optimizer)).toEqual([0.8, 0.4])
  })

  test.each([
    [() => new Scheduler(groups(), [half]), 'got 1 schedules for the 2 groups of Adam.'],
    [
      () => new Scheduler(groups(), { momentum: half }),
      "Adam has no number 'momentum' to schedule; it has learningRate, beta1",
    ],
    [() => new Scheduler(groups(), { amsgrad: half }), "Adam has no number 'amsgrad'"],
    [() => new Scheduler(groups(), 0.1 as never), 'takes a schedule, as cosineAnnealing(...) makes it'],
    [() => cosineAnnealing({} as never), 'steps must be a finite number from 1 up, got nothing.'],
    [() => cosineAnnealing({ T_max: 3 } as never), "knows no 'T_max'"],
    [() => stepDecay({ every: 0 }), 'every must be a finite number from 1 up, got 0.'],
    [() => multiStepDecay({ milestones: ['1'] as never }), 'milestones must be a list of step numbers.'],
    [() => oneCycle({ steps: 5, warmUp: 2 }), 'warmUp is a share of the steps, at most 1; got 2.'],
    [
      () => oneCycle({ steps: 5, annealing: 'cos' as never }),
      "annealing is 'cosine' or 'linear', got 'cos'.",
    ],
    [() => cyclic({ minimum: 0, maximum: 1, heightOfCycle: () => 1, heightOfStep: () => 1 }), 'not both'],
    [() => sequence([half], [3]), 'one fewer than schedules; got 1 schedules'],
    [() => sequence([half, half, half], [3, 2]), 'takes growing milestones'],
    [() => warmUp(half, 1.5), 'steps must be a whole number from 0 up, got 1.5.'],
  ])('and schedules refuse: %#', (run, message) => expect(run).toThrow(message))
})

describe('the plateau', () => {
  const make = (options: object = {}) => {
    const optimizer = new SGD([new Parameter(tensor([1]))], { learningRate: 1 })
    return { optimizer, plateau: new ReduceOnPlateau(optimizer, { factor: 0.5, patience: 1, ...options }) }
  }
  const ratesOf = (metrics: readonly number[], options: object = {}): number[] => {
    const { optimizer, plateau } = make(options)
    return metrics.map(metric => {
      plateau.step(metric)
      return optimizer.learningRate
    })
  }

  test('waits, reduces, and cools down', () => {
    expect(ratesOf([3, 2, 2, 2, 2, 2])).toEqual([1, 1, 1, 0.5, 0.5, 0.25])
    expect(ratesOf([2, 2, 2, 2, 2, 2], { cooldown: 2 })).toEqual([1, 1, 0.5, 0.5, 0.5, 0.5])
    expect(ratesOf([1, 2, 3, 3, 3], { mode: 'maximize' })).toEqual([1, 1, 1, 1, 0.5])
    expect(ratesOf([1, 1, 1, 1, 1], { minimum: 0.4 }).at(-1)).toBe(0.4)
  })

  test('has a threshold', () => {
    expect(ratesOf([1, 0.95, 0.91], { threshold: 0.1 }).at(-1)).toBe(0.5)
    expect(ratesOf([10, 9.95, 9.5], { threshold: 0.1 }).at(-1)).toBe(0.5)
    expect(ratesOf([10, 9.95, 9.5], { threshold: 0.1, thresholdMode: 'absolute' }).at(-1)).toBe(1)
  })

  test('does not take what is not finite for an improvement', () => {
    expect(ratesOf([1, Number.NaN, -Infinity])).toEqual([1, 1, 0.5])
  })

  test('goes on from a saved state', () => {
    const metrics = [3, 2, 2, 2, 2, 2, 1.9, 1.9, 1.9, 1.9]
    const expected = ratesOf(metrics, { cooldown: 1 })
    const [first, second] = [make({ cooldown: 1 }), make({ cooldown: 1 })]
    second.plateau.loadState(json(first.plateau.state))
    for (const metric of metrics.slice(0, 5)) first.plateau.step(metric)
    second.plateau.loadState(json(first.plateau.state))
    second.optimizer.loadState(json(first.optimizer.state))
    const rates = metrics.slice(5).map(metric => {
      second.plateau.step(metric)
      return second.optimizer.learningRate
    })
    expect(rates).toEqual(expected.slice(5))
    expect(() => second.plateau.loadState({ best: 'x', waited: -1 } as never)).toThrow(OptimizerStateError)
  })

  test.each([
    [{ factor: 1 }, 'factor must be below 1, got 1.'],
    [{ mode: 'min' }, "mode is 'minimize' or 'maximize', got 'min'."],
    [{ minimum: [0, 0] }, 'or one for each of the 1 groups.'],
    [{ minimum: -1 }, 'minimum must be a rate from 0 up'],
  ])('refuses %j', (options, message) => expect(() => make(options)).toThrow(message))

  test('takes a number', () => {
    expect(() => make().plateau.step(tensor(1) as never)).toThrow('takes the metric, a number; got a tensor.')
  })
})
