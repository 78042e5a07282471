import {
  add,
  checkpoint,
  customVjp,
  grad,
  gradients,
  hessian,
  hvp,
  jvp,
  mul,
  Parameter,
  Rng,
  relu,
  scan,
  sum,
  type Tensor,
  tanh,
  tensor,
  vmap,
} from '@adjoint/core'
import {
  Dense,
  functionalCall,
  loadState,
  meanSquaredError,
  namedParameters,
  sequential,
  stateOf,
  withParameters,
} from '@adjoint/nn'
import { describe, expect, test } from 'vitest'
import { distance, errorOf } from './support.ts'

const rng = new Rng(7)
const make = (seed: number) => {
  const rng = new Rng(seed)
  return sequential(
    new Dense(3, 4, { rng, dtype: 'float64' }),
    relu,
    new Dense(4, 2, { rng, dtype: 'float64' }),
  )
}
const [model, other] = [make(1), make(2)]
const x = rng.normal([5, 3], { dtype: 'float64' })
const y = rng.normal([5, 2], { dtype: 'float64' })
const loss = (state: Record<string, Tensor>, x: Tensor, y: Tensor): Tensor =>
  meanSquaredError(functionalCall(model, state, x), y)

/** Loss and gradients of a model that really has these values. */
function byLoading(state: Record<string, Tensor>): Record<string, unknown> {
  const fresh = make(3)
  loadState(fresh, state)
  meanSquaredError(fresh.forward(x), y).backward()
  return Object.fromEntries(
    Object.entries(namedParameters(fresh)).map(([path, p]) => [path, p.grad!.toArray()]),
  )
}

const toArrays = (tree: Record<string, Tensor>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(tree).map(([path, value]) => [path, value.toArray()]))

test('the output is that of a model with these values, and the model keeps its own', () => {
  const before = model.forward(x).toArray()
  expect(functionalCall(model, stateOf(other), x).toArray()).toEqual(other.forward(x).toArray())
  expect(model.forward(x).toArray()).toEqual(before)
})

test('gradients flow to the values and not to the parameters', () => {
  const state = stateOf(other)
  expect(toArrays(grad(loss)(state, x, y))).toEqual(byLoading(state))
  expect(model.layers[0].weight.grad).toBeNull()
})

test('the parameters themselves may be the values', () => {
  expect(toArrays(grad(loss)(namedParameters(model), x, y))).toEqual(byLoading(stateOf(model)))
})

test('the parameters themselves may be the values in forward mode, and in every order', () => {
  const named = namedParameters(model)
  const direction = stateOf(other)
  const at = (state: Record<string, Tensor>) => (values: Record<string, Tensor>) =>
    loss({ ...state, ...values }, x, y)
  const [own, copied] = [named, stateOf(model)].map(state => jvp(at(state), state, direction).tangent.item())
  expect(own).toBe(copied)
  expect(toArrays(hvp(at(named), named, direction))).toEqual(
    toArrays(hvp(at(stateOf(model)), stateOf(model), direction)),
  )
  const second = hessian(at(named))(named)
  const expected = hessian(at(stateOf(model)))(stateOf(model))
  for (const [path, row] of Object.entries(second)) expect(toArrays(row)).toEqual(toArrays(expected[path]!))
})

test('a gradient inside of the scope goes through what the values were made of', () => {
  const [p, q] = [3, 5].map(value => new Parameter(tensor(value, { dtype: 'float64' })) as Parameter)
  const h = mul(p!, q!)
  const [slope] = withParameters({ p }, { p: h }, () => gradients(mul(p!, 2), [q!]))
  expect(slope!.item()).toBe(6)
  withParameters({ p }, { p: h }, () => mul(p!, 2).backward())
  expect([p!.grad?.item(), q!.grad?.item(), h.grad?.item()]).toEqual([10, 6, 2])
})

test('paths that are not given keep the values of the model', () => {
  const { '2.bias': bias } = stateOf(other)
  const expected = { ...stateOf(model), '2.bias': bias! }
  expect(functionalCall(model, { '2.bias': bias! }, x).toArray()).toEqual(
    functionalCall(model, expected, x).toArray(),
  )
})

test('scopes nest: the inner values go first, and what they leave out comes from outside', () => {
  const state = stateOf(other)
  const nested = withParameters(model, { '0.weight': state['0.weight']! }, () =>
    functionalCall(model, { '2.weight': state['2.weight']! }, x),
  )
  const expected = { ...stateOf(model), '0.weight': state['0.weight']!, '2.weight': state['2.weight']! }
  expect(nested.toArray()).toEqual(functionalCall(model, expected, x).toArray())
})

test('gradients per example by vmap equal those of a loop', () => {
  const state = namedParameters(model)
  const each = vmap(grad(loss), { inAxes: [null, 0, 0] })(state, x, y)
  for (let i = 0; i < 5; i++) {
    const alone = grad(loss)(state, x.slice(i) as Tensor, y.slice(i) as Tensor)
    for (const [path, gradient] of Object.entries(alone)) {
      const found = each[path]!.slice(i).data()
      expect(distance(found, gradient.data())).toBeLessThan(1e-14)
    }
  }
})

test('an ensemble by vmap over stacked values', () => {
  const states = [stateOf(model), stateOf(other)]
  const stacked = Object.fromEntries(
    Object.keys(states[0]!).map(path => [
      path,
      tensor(
        states.flatMap(state => [...state[path]!.data()]),
        { shape: [2, ...states[0]![path]!.shape], dtype: 'float64' },
      ) as Tensor,
    ]),
  )
  const outputs = vmap((state: Record<string, Tensor>) => functionalCall(model, state, x) as Tensor)(stacked)
  states.forEach((state, i) => {
    const alone = functionalCall(model, state, x).data()
    const found = (outputs as Tensor).slice(i).data()
    expect(distance(found, alone)).toBeLessThan(1e-14)
  })
})

test('forward mode and curvature agree with reverse mode', () => {
  const state = stateOf(other)
  const direction = Object.fromEntries(
    Object.entries(state).map(([path, { shape }]) => [
      path,
      rng.normal(shape, { dtype: 'float64' }) as Tensor,
    ]),
  )
  const along = (tree: Record<string, Tensor>): number =>
    Object.entries(tree).reduce((total, [path, g]) => total + g.mul(direction[path]!).sum().item(), 0)
  const { tangent } = jvp((s: Record<string, Tensor>) => loss(s, x, y), state, direction)
  expect((tangent as Tensor).item()).toBeCloseTo(along(grad(loss)(state, x, y)), 12)
  const curvature = hvp((s: Record<string, Tensor>) => loss(s, x, y), state, direction)
  const step = 1e-5
  const at = (factor: number) =>
    along(
      grad(loss)(
        Object.fromEntries(
          Object.entries(state).map(([path, value]) => [
            path,
            value.add(direction[path]!.mul(factor)) as Tensor,
          ]),
        ),
        x,
        y,
      ),
    )
  expect(along(curvature as Record<string, Tensor>)).toBeCloseTo((at(step) - at(-step)) / (2 * step), 5)
})

describe('functions that run again later meet the same values', () => {
  const w = new Parameter(tensor([0.5, -0.25], { dtype: 'float64' }), 'w')
  const v = tensor([1.5, 0.75], { dtype: 'float64' }) as Tensor
  const input = tensor(
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    { dtype: 'float64' },
  )
  const expected = (f: (w: Tensor) => Tensor): unknown => grad(f)(v).toArray()

  test('checkpoint', () => {
    const f = (w: Tensor): Tensor => sum(checkpoint((x: Tensor): Tensor => tanh(mul(x, w)))(input))
    const found = grad((state: { w: Tensor }) => withParameters({ w }, state, () => f(w)))({ w: v })
    expect(found.w.toArray()).toEqual(expected(f))
  })

  test('checkpoint of a function that takes the parameter', () => {
    const run = (w: Tensor): Tensor =>
      sum(checkpoint((x: Tensor, w: Tensor): Tensor => tanh(mul(x, w)))(input, w))
    const found = grad((state: { w: Tensor }) => withParameters({ w }, state, () => run(w)))({ w: v })
    expect(found.w.toArray()).toEqual(expected(run))
  })

  test('scan, with the parameter in the step and as the first state', () => {
    const f = (w: Tensor): Tensor => {
      const [last, all] = scan(
        (state: Tensor, x: Tensor): [Tensor, Tensor] => {
          const next: Tensor = tanh(add(mul(state, w), x))
          return [next, mul(next, w)]
        },
        w,
        input as Tensor,
      )
      return add(sum(last), sum(all as Tensor)) as Tensor
    }
    const found = grad((state: { w: Tensor }) => withParameters({ w }, state, () => f(w)))({ w: v })
    expect(found.w.toArray()).toEqual(expected(f))
  })

  test('a function with a rule of its own that uses a frozen weight, in both modes', () => {
    const frozen = new Parameter(tensor([2, 3], { dtype: 'float64' }), 'frozen', { trainable: false })
    const scaled = customVjp({
      name: 'scaled',
      forward: (x: Tensor): Tensor => mul(x, frozen),
      vjp: (cotangent: Tensor): Tensor => mul(cotangent, frozen),
    })
    const values = { frozen: tensor([5, 7], { dtype: 'float64' }) as Tensor }
    const f = (x: Tensor): Tensor => withParameters({ frozen }, values, () => sum(scaled(x)))
    const x = tensor([1, 1], { dtype: 'float64' })
    expect(f(x).item()).toBe(12)
    expect(grad(f)(x as Tensor).toArray()).toEqual([5, 7])
    const { value, tangent } = jvp(f, x as Tensor, tensor([1, 0], { dtype: 'float64' }) as Tensor)
    expect([value.item(), tangent.item()]).toEqual([12, 5])
  })

  test('a backward pass after the scope is over', () => {
    const value = tensor([1.5, 0.75], { dtype: 'float64', requiresGrad: true }) as Tensor
    const result: Tensor = withParameters({ w }, { w: value }, () =>
      sum(checkpoint((x: Tensor): Tensor => tanh(mul(x, w)))(input)),
    )
    const [found, ofParameter] = gradients(result, [value, w])
    expect(found!.toArray()).toEqual(expected(w => sum(tanh(mul(input, w)))))
    expect(ofParameter!.toArray()).toEqual([0, 0])
  })
})

describe('mistakes', () => {
  test('a path that the model does not have', () => {
    expect(errorOf(() => functionalCall(model, { '0.weights': x }, x)).message).toBe(
      "functionalCall: the model has no parameter '0.weights'; it has '0.weight', '0.bias', '2.weight', '2.bias'.",
    )
  })

  test('a value of another shape', () => {
    expect(errorOf(() => functionalCall(model, { '0.weight': x }, x)).message).toBe(
      "functionalCall: '0.weight' is float64 [4, 3], the value given for it is float64 [5, 3].",
    )
  })

  test('an asynchronous body', () => {
    expect(errorOf(() => withParameters(model, {}, async () => 1)).message).toContain('synchronous')
  })
})
