// Derivatives of the user's own: every order and mode follows from one rule, and a wrong or dead rule is an error.
import {
  customJvp,
  customVjp,
  development,
  grad,
  gradients,
  hessian,
  jvp,
  linearize,
  noGrad,
  Parameter,
  straightThrough,
  type Tensor,
  tensor,
  vmap,
} from '@adjoint/core'
import { checkGradients } from '@adjoint/testing'
import { checkLaws, lawsOf } from '@adjoint/testing/laws'
import { describe, expect, test } from 'vitest'
import { errorOf, randomTensor } from './support.ts'

/** log(1 + e^z) - y z, with the derivative written as it is taught: σ(z) - y. */
const logistic = customVjp({
  name: 'logistic',
  forward: (z: Tensor, y: Tensor) => z.exp().add(1).log().sub(y.mul(z)),
  vjp: (cotangent, { inputs: [z, y] }) => [cotangent.mul(z.sigmoid().sub(y)), cotangent.mul(z.neg())],
  sample: draw => {
    const shape = draw.shape(0, 3)
    return { inputs: [{ shape }, { shape }], attributes: {} }
  },
})

const cube = customJvp({
  name: 'cube',
  forward: (x: Tensor) => x.mul(x).mul(x),
  jvp: ([tangent], { inputs: [x] }) => tangent.mul(x.square()).mul(3),
  sample: draw => ({ inputs: [{ shape: draw.shape(0, 3) }], attributes: {} }),
})

describe.each([logistic, cube] as const)('$primitive.name', op => {
  test('obeys all laws: both modes, both orders, vmap', () => {
    // Several float32 ops in a row round several times: that law is for kernels.
    const laws = lawsOf(op.primitive).flatMap(({ name }) => (name === 'float32' ? [] : [name]))
    expect(checkLaws(op.primitive, { runs: 30, laws }).laws).toContain('adjoint of the gradient')
  })
})

describe('customVjp', () => {
  const z = randomTensor([2, 3], 1)
  const y = tensor([
    [0, 1, 1],
    [1, 0, 1],
  ]).cast('float64')

  test('a custom loss passes checkGradients to second order, in both modes', () => {
    const report = checkGradients((w: Tensor) => logistic(w, y).mean(), z, { order: 2 })
    expect(String(report)).toContain('reverse and forward mode, first and second order')
  })

  test('the rule runs, not the derivative of forward', () => {
    const found = grad((w: Tensor) => logistic(w, tensor(1)))(tensor(1000))
    // The literal derivative is e^z / (1 + e^z) = Infinity / Infinity.
    expect(found.item()).toBe(0)
  })

  test('inside of every other transform', () => {
    const f = (w: Tensor) => logistic(w, y.slice(0)).sum()
    const plain = (w: Tensor) => w.softplus().sub(y.slice(0).mul(w)).sum()
    const point = z.slice(0)
    type Derivative = (g: typeof f) => (x: Tensor) => Tensor
    for (const derivative of [grad, hessian] as unknown as Derivative[]) {
      expect(derivative(f)(point).sub(derivative(plain)(point)).abs().max().item()).toBeLessThan(1e-15)
      expect(
        vmap(derivative(f))(z)
          .sub(vmap(derivative(plain))(z))
          .abs()
          .max()
          .item(),
      ).toBeLessThan(1e-15)
    }
    const third = (g: typeof f) => grad((w: Tensor) => hessian(g)(w).sum())(point)
    expect(third(f).sub(third(plain)).abs().max().item()).toBeLessThan(1e-15)
    const tangent = linearize(f, point).pushforward(point).item()
    expect(tangent).toBeCloseTo(linearize(plain, point).pushforward(point).item(), 14)
  })

  test('null is a zero in forward mode too', () => {
    const first = customVjp({
      name: 'first',
      forward: (a: Tensor, b: Tensor) => a.add(b),
      vjp: cotangent => [cotangent, null],
      surrogate: true,
    })
    expect(
      jvp((b: Tensor) => first(tensor([1, 2]), b), tensor([3, 4]), tensor([1, 1])).tangent.toArray(),
    ).toEqual([0, 0])
  })

  test('null is a zero', () => {
    const first = customVjp({
      name: 'first',
      forward: (a: Tensor, b: Tensor) => a.add(b),
      vjp: cotangent => [cotangent, null],
      surrogate: true,
    })
    const [a, b] = grad((u: Tensor, v: Tensor) => first(u, v), { wrt: [0, 1] })(tensor(1), tensor(2))
    expect([a.item(), b.item()]).toEqual([1, 0])
  })

  test('forward runs once for a batch when it says that it can', () => {
    let runs = 0
    const counted = (batch?: 'leading') =>
      customVjp({
        name: 'counted',
        forward: (x: Tensor) => {
          runs++
          return x.square().sum(-1)
        },
        vjp: (cotangent, { inputs: [x] }) => cotangent.unsqueeze(-1).mul(x).mul(2),
        ...(batch && { batch }),
      })
    const once = vmap(grad((x: Tensor) => counted('leading')(x)))(z)
    expect(runs).toBe(1)
    const each = vmap(grad((x: Tensor) => counted()(x)))(z)
    expect(runs).toBe(1 + z.shape[0]!)
    expect(once.toArray()).toEqual(each.toArray())
    expect(once.toArray()).toEqual(z.mul(2).toArray())
  })

  test('a forward rule of its own is used in forward mode', () => {
    let used = 0
    const double = customVjp({
      name: 'double',
      forward: (x: Tensor) => x.mul(2),
      vjp: cotangent => cotangent.mul(2),
      jvp: ([tangent]) => {
        used++
        return tangent.mul(2)
      },
    })
    expect(jvp((x: Tensor) => double(x), tensor(3), tensor(5)).tangent.item()).toBe(10)
    expect(used).toBe(1)
  })
})

describe('a rule that cannot be differentiated again', () => {
  const readsValues = customVjp({
    name: 'readsValues',
    forward: (x: Tensor) => x.square(),
    vjp: (cotangent, { inputs: [x] }) => cotangent.mul(tensor(Array.from(x.data(), value => 2 * value))),
  })
  const first = grad((x: Tensor) => readsValues(x).sum())

  test('serves for a first derivative', () => {
    expect(first(tensor([1, 2])).toArray()).toEqual([2, 4])
  })

  test('is an error for a second one, and in forward mode', () => {
    const message =
      "GraphError: data: the rule vjp of 'readsValues' reads a value, and its result is to be differentiated again: that would silently be wrong. Write the rule with ops."
    expect(errorOf(() => grad((x: Tensor) => first(x).sum())(tensor([1, 2])))).toBe(message)
    expect(errorOf(() => jvp((x: Tensor) => readsValues(x), tensor([1]), tensor([1])))).toBe(message)
    const x = tensor([1, 2], { requiresGrad: true })
    expect(errorOf(() => gradients(readsValues(x).sum(), [x], { createGraph: true }))).toBe(message)
  })

  test('so is one that cuts off what it is given', () => {
    type Rule = (cotangent: Tensor, call: { readonly inputs: [Tensor] }) => Tensor
    const withRule = (vjp: Rule, surrogate = false) =>
      customVjp({ name: 'cuts', forward: (x: Tensor) => x.square(), vjp, surrogate })
    const rules: Record<string, Rule> = {
      noGrad: (cotangent, { inputs: [x] }) => noGrad(() => cotangent.mul(x).mul(2)),
      'detach of the input': (cotangent, { inputs: [x] }) => cotangent.mul(x.detach()).mul(2),
      'detach of the cotangent': (cotangent, { inputs: [x] }) => cotangent.detach().mul(x).mul(2),
    }
    for (const rule of Object.values(rules)) {
      const f = (x: Tensor) => withRule(rule)(x).square().sum()
      expect(grad(f)(tensor([3])).toArray()).toEqual([108])
      expect(vmap(grad(f))(tensor([[3]])).toArray()).toEqual([[108]])
      expect(errorOf(() => grad((x: Tensor) => grad(f)(x).sum())(tensor([3])))).toContain(
        'GraphError: cuts: the rule vjp uses detach or noGrad on what it is given, and its result is to be differentiated again',
      )
      expect(errorOf(() => jvp(grad(f), tensor([3]) as Tensor, tensor([1])))).toContain('GraphError: cuts: ')
    }
    const meant = withRule(rules['detach of the input']!, true)
    const second = grad((x: Tensor) => grad((v: Tensor) => meant(v).sum())(x).sum())
    expect(second(tensor([3])).toArray()).toEqual([0])
  })

  test('so is one that uses what forward saved', () => {
    let saved: Tensor | undefined
    const saving = customVjp({
      name: 'saving',
      forward: (x: Tensor) => {
        saved = x.mul(2)
        return x.mul(x)
      },
      vjp: cotangent => cotangent.mul(saved!),
    })
    const f = (x: Tensor) => saving(x).sum()
    expect(grad(f)(tensor([3])).toArray()).toEqual([6])
    expect(errorOf(() => hessian(f)(tensor([3])))).toContain(
      'GraphError: saving: the rule vjp uses a tensor that forward saved',
    )
  })

  test('so is one that makes a constant of something else', () => {
    const constant = customVjp({ name: 'constant', forward: (x: Tensor) => x.mul(2), vjp: () => tensor([2]) })
    const f = (x: Tensor) => constant(x).square().sum()
    expect(errorOf(() => grad((x: Tensor) => grad(f)(x).sum())(tensor([3])))).toBe(
      'GraphError: constant: the result of the rule vjp does not depend on its cotangent through ops, so it cannot be differentiated again. Write the rule with ops, without noGrad and detach.',
    )
  })
})

describe('development', () => {
  const wrong = () =>
    customVjp({
      name: 'wrong',
      forward: (x: Tensor) => x.square(),
      vjp: (cotangent, { inputs: [x] }) => cotangent.mul(x),
    })

  test('the first use finds a rule that is not the derivative', () => {
    expect(errorOf(() => development(() => wrong()(tensor([1, 2]))))).toMatch(
      /^GraphError: wrong: the rule is not the derivative of forward: along a random direction the rule gives \S+, a difference quotient \S+\. Correct the rule \(checkGradients of @adjoint\/testing shows which entry is wrong\), or declare \{ surrogate: true \} when it is meant to differ\.$/,
    )
    expect(wrong()(tensor([1, 2])).toArray()).toEqual([1, 4])
  })

  test('a forward rule is checked as well', () => {
    const half = customJvp({
      name: 'half',
      forward: (x: Tensor) => x.square(),
      jvp: ([t], { inputs: [x] }) => t.mul(x),
    })
    expect(errorOf(() => development(() => half(tensor([1, 2]))))).toContain(
      'half: the rule is not the derivative',
    )
  })

  test('right rules pass, float32 ones and those with labels too', () => {
    development(() => {
      expect(logistic(tensor([0.5, -2]), tensor([1, 0])).shape).toEqual([2])
      expect(cube(tensor([[1, -2]])).toArray()).toEqual([[1, -8]])
      const narrow = customVjp({
        name: 'narrow',
        forward: (x: Tensor) => x.cast('float32').exp(),
        vjp: (cotangent, { output }) => cotangent.mul(output),
      })
      expect(narrow(tensor([0.5, 1])).dtype).toBe('float32')
    })
  })

  test('large and rounded values are no mistake', () => {
    const logarithm = customVjp({
      name: 'logarithm',
      forward: (x: Tensor) => x.log(),
      vjp: (c, { inputs: [x] }) => c.div(x),
    })
    development(() => expect(logarithm(tensor([1e12, 3e15], { dtype: 'float64' })).shape).toEqual([2]))
    const double = customVjp({
      name: 'double',
      forward: (x: Tensor) => x.cast('float32').mul(2),
      vjp: c => c.mul(2),
    })
    development(() => expect(double(tensor([1e6, 3e7])).shape).toEqual([2]))
  })

  test('of two rules both are checked', () => {
    const twice = customVjp({
      name: 'twice',
      forward: (x: Tensor) => x.mul(2),
      vjp: cotangent => cotangent.mul(2),
      jvp: ([tangent]) => tangent.mul(77),
    })
    expect(errorOf(() => development(() => twice(tensor([1, 2]))))).toContain(
      'twice: the rule jvp is not the derivative of forward',
    )
  })

  test('a kink is no mistake', () => {
    const hinge = customVjp({
      name: 'hinge',
      forward: (x: Tensor) => x.relu(),
      vjp: (cotangent, { inputs: [x] }) => cotangent.mul(x.greater(0)),
    })
    development(() => expect(hinge(tensor([0, 0, 1])).toArray()).toEqual([0, 0, 1]))
  })

  test('a surrogate is meant to differ', () => {
    const round = customVjp({
      name: 'round',
      forward: (x: Tensor) => x.add(0.5).cast('int32').cast('float32'),
      vjp: cotangent => cotangent,
      surrogate: true,
    })
    const gradient = development(() => grad((x: Tensor) => round(x).sum())(tensor([0.2, 1.7])))
    expect(gradient.toArray()).toEqual([1, 1])
  })
})

describe('refuses', () => {
  test('tensors that want gradients and are no arguments', () => {
    const message =
      'GraphError: captures: forward uses a tensor that a gradient is wanted of and that is not an argument: its gradient would be lost. Pass it as an argument, or detach() it.'
    const withWeights = (w: Tensor) =>
      customVjp({ name: 'captures', forward: (x: Tensor) => x.mul(w), vjp: cotangent => cotangent.mul(w) })
    const w = new Parameter(tensor([1, 2]), 'w')
    expect(errorOf(() => withWeights(w)(tensor([1, 2])))).toBe(message)
    const alongWeights = () =>
      jvp((v: Tensor) => withWeights(v)(tensor([1, 2])), tensor([1, 2]), tensor([1, 1]))
    expect(errorOf(alongWeights)).toContain(
      'GraphError: read: a tensor that jvp carries a tangent for was used where the tangent would be lost',
    )
    expect(withWeights(w.detach())(tensor([1, 2])).toArray()).toEqual([1, 4])
  })

  test('cotangents that do not fit', () => {
    const returning = (found: unknown) =>
      customVjp({ name: 'odd', forward: (a: Tensor, b: Tensor) => a.mul(b), vjp: () => found as never })
    const walk = (found: unknown) =>
      errorOf(() => grad((a: Tensor) => returning(found)(a, tensor([1, 2])).sum())(tensor([1, 2])))
    expect(walk([tensor([1, 2])])).toBe(
      'GraphError: odd: the rule vjp must return one cotangent, or null, for each of 2 inputs, it returned 1.',
    )
    expect(walk([tensor([1, 2, 3]), null])).toBe(
      'ShapeError: odd: the rule vjp returned shape [3] for input 0 of shape [2]; sum over axes that were broadcast.',
    )
    expect(walk([7, null])).toBe(
      'ShapeError: odd: the rule vjp returned 7 for input 0 of shape [2]; sum over axes that were broadcast.',
    )
    expect(walk(undefined)).toContain('it returned undefined')
  })

  test('a forward that returns no tensor, an argument that is none', () => {
    const none = customVjp({ name: 'none', forward: () => 3 as never, vjp: cotangent => cotangent })
    expect(errorOf(() => none())).toBe('GraphError: none: forward must return a tensor, it returned 3.')
    expect(errorOf(() => cube(3 as never))).toContain('cube')
  })
})

test('straightThrough has the value of one and the gradient of the other', () => {
  const x = tensor([0.2, 0.7, -3])
  const f = (v: Tensor) =>
    straightThrough(v, v.greater(0.5))
      .mul(tensor([3, 5, 7]))
      .sum()
  expect(straightThrough(x, x.greater(0.5)).toArray()).toEqual([0, 1, 0])
  expect(grad(f)(x).toArray()).toEqual([3, 5, 7])
  expect(jvp(f, x as Tensor, tensor([1, 0, 0])).tangent.item()).toBe(3)
  expect(errorOf(() => straightThrough(x, tensor(1)))).toContain('ShapeError: straightThrough: the value []')
})
