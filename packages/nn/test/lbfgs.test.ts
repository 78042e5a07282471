// LBFGS: known minima, its line search, what it refuses, saved states.
import { Parameter, Rng, solve, type Tensor, tensor } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { cosineAnnealing, LBFGS, type LBFGSOptions, OptimizerStateError, Scheduler } from '../src/index.ts'
import { STRONG_WOLFE, strongWolfe } from '../src/optimizers/strongWolfe.ts'
import { distance } from './support.ts'

const float64 = { dtype: 'float64' } as const
const json = (value: unknown): never => JSON.parse(JSON.stringify(value)) as never

/** Rosenbrock's valley; its minimum is 0, at (1, 1). */
const valley = (w: Parameter) => (): Tensor => {
  const [x, y] = [w.slice(0), w.slice(1)] as [Tensor, Tensor]
  return x.sub(1).square().add(y.sub(x.square()).square().mul(100)) as Tensor
}

const start = (values = [-1.2, 1], dtype: 'float32' | 'float64' = 'float64'): Parameter =>
  new Parameter(tensor(values, { dtype }) as Tensor, 'w')

test('finds the minimum of a quadratic, with and without line search', () => {
  const rng = new Rng(0)
  const root = rng.normal([6, 6], float64)
  const A = root.matmul(root.transpose()).add(tensor(1)) as Tensor
  const b = rng.normal([6], float64) as Tensor
  const expected = solve(A, b) as Tensor
  for (const lineSearch of [null, 'strongWolfe'] as const) {
    const w = start([0, 0, 0, 0, 0, 0])
    const optimizer = new LBFGS([w], {
      lineSearch,
      learningRate: lineSearch === null ? 0.5 : 1,
      maximumIterations: 60,
    })
    const loss = (): Tensor =>
      w
        .mul(A.matmul(w as Tensor))
        .sum()
        .div(2)
        .sub(w.mul(b).sum()) as Tensor
    for (let i = 0; i < 5; i++) optimizer.step(loss)
    expect(distance(w.data(), expected.data())).toBeLessThan(1e-4)
  }
})

test("follows Rosenbrock's valley to its end", () => {
  const w = start()
  const optimizer = new LBFGS([w], {
    ...{ lineSearch: 'strongWolfe', maximumIterations: 100 },
    ...{ changeTolerance: 1e-20, gradientTolerance: 1e-10 },
  })
  expect(optimizer.step(valley(w))).toBeCloseTo(24.2, 12)
  expect(distance(w.data(), [1, 1])).toBeLessThan(1e-7)
})

test('moves several parameters of different shapes and dtypes together, and leaves no gradients behind', () => {
  const [w, v] = [start([3, -4]), new Parameter(tensor([[2]]) as Tensor, 'v')]
  const optimizer = new LBFGS([w, v], { lineSearch: 'strongWolfe' })
  const loss = (): Tensor => w.sub(1).square().sum().add(v.add(2).square().sum().cast('float64')) as Tensor
  optimizer.step(loss)
  expect(distance(w.data(), [1, 1])).toBeLessThan(1e-6)
  expect(distance(v.data(), [-2])).toBeLessThan(1e-6)
  expect([w.grad, v.grad]).toEqual([null, null])
  expect(v.dtype).toBe('float32')
})

test('stays at a minimum, after one call of the loss', () => {
  const w = start([1, 1])
  let calls = 0
  const optimizer = new LBFGS([w])
  optimizer.step(() => {
    calls++
    return valley(w)()
  })
  expect([calls, w.version, optimizer.state.iterations]).toEqual([1, 0, 0])
})

test('stops after the iterations and evaluations that it may', () => {
  const count = (options: LBFGSOptions): number => {
    const w = start()
    let calls = 0
    new LBFGS([w], options).step(() => {
      calls++
      return valley(w)()
    })
    return calls
  }
  expect(count({ learningRate: 1e-3, maximumIterations: 4 })).toBe(4)
  expect(count({ learningRate: 1e-3, maximumIterations: 1 })).toBe(1)
  expect(count({ learningRate: 1e-3, maximumEvaluations: 3 })).toBe(3)
})

describe('the strong Wolfe conditions hold where the search ends', () => {
  const functions: readonly [string, (x: number) => number, (x: number) => number][] = [
    ['a parabola', x => (x - 3) ** 2, x => 2 * (x - 3)],
    ['a steep wall', x => Math.exp(x) - 20 * x, x => Math.exp(x) - 20],
    ['a flat start', x => -x / (x * x + 2), x => (x * x - 2) / (x * x + 2) ** 2],
    ['waves', x => Math.sin(3 * x) - x + x ** 2 / 20, x => 3 * Math.cos(3 * x) - 1 + x / 10],
  ]
  test.each(functions)('%s', (_, f, slope) => {
    for (const curvature of [0.9, 0.1]) {
      for (const first of [1e-3, 0.1, 1, 30]) {
        const direction = Float64Array.of(-slope(0))
        const at = (x: number) => ({ loss: f(x), gradient: Float64Array.of(slope(x)) })
        const along = (t: number) => at(t * direction[0]!)
        const from = { ...at(0), step: 0, slope: slope(0) * direction[0]! }
        const settings = { ...STRONG_WOLFE, curvature }
        const { point, evaluations } = strongWolfe(along, direction, from, first, settings)
        expect(point.loss).toBeLessThanOrEqual(from.loss + 1e-4 * point.step * from.slope)
        expect(Math.abs(point.slope)).toBeLessThanOrEqual(curvature * Math.abs(from.slope))
        expect(evaluations).toBeLessThanOrEqual(26)
      }
    }
  })
})

test('the search comes back from where the loss is not defined', () => {
  const w = start([0.5])
  const optimizer = new LBFGS([w], { lineSearch: 'strongWolfe', learningRate: 50 })
  // Defined for w < 2, with its minimum at 1.
  const loss = (): Tensor => w.sub(2).neg().log().neg().sub(w).sum() as Tensor
  for (let i = 0; i < 3; i++) optimizer.step(loss)
  expect(w.item()).toBeCloseTo(1, 5)
})

describe('a saved state', () => {
  const variants: readonly LBFGSOptions[] = [
    { learningRate: 0.01, maximumIterations: 4 },
    { lineSearch: 'strongWolfe', maximumIterations: 3, historySize: 2 },
    { lineSearch: { curvature: 0.5 }, maximumIterations: 3 },
  ]
  test.each(variants)('goes on to the bit, with %o', options => {
    const w = start()
    const first = new LBFGS([w], options)
    for (let i = 0; i < 2; i++) first.step(valley(w))
    const v = start([...w.data()])
    const second = new LBFGS([v])
    second.loadState(json(first.state))
    expect(json(second.state)).toEqual(json(first.state))
    for (let i = 0; i < 3; i++) expect(second.step(valley(v))).toBe(first.step(valley(w)))
    expect(v.toArray()).toEqual(w.toArray())
    expect(json(second.state)).toEqual(json(first.state))
  })

  test('that does not fit is refused, and nothing is changed', () => {
    const w = start()
    const optimizer = new LBFGS([w])
    optimizer.step(valley(w))
    const good = json(optimizer.state) as Record<string, object>
    const wrong: readonly [unknown, string][] = [
      [null, "optimizer is nothing, needed is 'LBFGS'"],
      [{ ...good, optimizer: 'SGD' }, "optimizer is 'SGD'"],
      [{ ...good, iterations: -1 }, 'iterations is -1, needed is a whole number from 0 up'],
      [{ ...good, length: 'x' }, "length is 'x'"],
      [{ ...good, settings: { learningRate: -1 } }, 'LBFGS: learningRate must be a finite number'],
      [{ ...good, last: { ...good.last, shape: [1, 2] } }, 'last is no list of pairs'],
      [
        { ...good, last: { ...good.last, shape: [2, 3] } },
        'last is float64 [2, 3], needed is float64 [2, 2]',
      ],
      [
        { ...good, history: { ...good.history, shape: [2e9, 2] } },
        'history holds other numbers than its shape says',
      ],
    ]
    for (const [state, message] of wrong) {
      expect(() => optimizer.loadState(state as never)).toThrow(message)
      expect(() => optimizer.loadState(state as never)).toThrow(OptimizerStateError)
      expect(json(optimizer.state)).toEqual(good)
    }
  })
})

describe('what is refused', () => {
  const w = start()
  const refused: readonly [string, () => unknown, string][] = [
    ['no parameters', () => new LBFGS([]), 'LBFGS: got no parameters'],
    [
      'no iterations',
      () => new LBFGS([w], { maximumIterations: 0 }),
      'maximumIterations must be a whole number from 1 up',
    ],
    [
      'another search',
      () => new LBFGS([w], { lineSearch: 'backtracking' as never }),
      "lineSearch is 'strongWolfe'",
    ],
    ['an unknown constant', () => new LBFGS([w], { lineSearch: { c1: 1 } as never }), "knows no 'c1'"],
    ['an unknown option', () => new LBFGS([w], { maxIter: 1 } as never), "knows no option 'maxIter'"],
    [
      'a number for the loss',
      () => new LBFGS([w]).step(() => 1 as never),
      'the closure must return the loss, a tensor; got 1.',
    ],
    [
      'a loss from before',
      () => new LBFGS([w]).step(() => tensor(1) as Tensor),
      'the closure must compute the loss anew',
    ],
  ]
  test.each(refused)('%s', (_, run, message) => expect(run).toThrow(message))
})

test('its rate can be scheduled', () => {
  const optimizer = new LBFGS([start()], { learningRate: 0.5 })
  const scheduler = new Scheduler(optimizer, cosineAnnealing({ steps: 2 }))
  scheduler.step()
  expect(optimizer.learningRate).toBe(0.25)
})
