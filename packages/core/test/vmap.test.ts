// vmap against loops: axes, trees, nesting, other transforms inside and outside, and what it refuses.
import {
  backward,
  development,
  grad,
  graphOf,
  hessian,
  jvp,
  noGrad,
  Parameter,
  stack,
  stopGradient,
  type Tensor,
  tensor,
  valueAndGrad,
  vjp,
  vmap,
  where,
} from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { errorOf, randomTensor } from './support.ts'

/** The largest difference between two tensors. */
function gap(x: Tensor, y: Tensor): number {
  expect(x.shape).toEqual(y.shape)
  return x.size === 0 ? 0 : x.sub(y).abs().max().item()
}

describe('axes', () => {
  const x = randomTensor([4, 3, 2], 1)
  const f = (row: Tensor) => row.softmax().mul(row.sum())

  test.each([0, 1, 2, -1])('maps over axis %i', axis => {
    const size = x.shape.at(axis)!
    const at = (i: number) => x.slice(...x.shape.map((_, k) => (k === (axis + 3) % 3 ? i : null)))
    const each = stack(Array.from({ length: size }, (_, i) => f(at(i))))
    expect(gap(vmap(f, { inAxes: axis })(x), each)).toBeLessThan(1e-15)
  })

  test.each([0, 1, 2, -1])('puts the batch axis of the result at %i', axis => {
    const result = vmap(f, { outAxes: axis })(x)
    const first = vmap(f)(x)
    const order = [1, 2]
    order.splice((axis + 3) % 3, 0, 0)
    expect(gap(result, first.permute(order))).toBe(0)
  })

  test('null shares an argument, which may be anything', () => {
    const scale = (row: Tensor, w: Tensor, options: { factor: number }) => row.mul(w).mul(options.factor)
    const result = vmap(scale, { inAxes: [0, null, null] })(x, tensor(2), { factor: 10 })
    expect(gap(result, x.mul(20))).toBe(0)
  })

  test('operands of different rank are aligned after the batch axis', () => {
    const scalars = randomTensor([4], 2)
    const result = vmap((s: Tensor, m: Tensor) => s.mul(m).add(m.matmul(m.transpose()).sum()))(scalars, x)
    const each = stack(
      [0, 1, 2, 3].map(i => {
        const m = x.slice(i)
        return scalars.slice(i).mul(m).add(m.matmul(m.transpose()).sum())
      }),
    )
    expect(gap(result, each)).toBeLessThan(1e-14)
  })

  test('a result that is the same for all examples is repeated, or returned once', () => {
    const constant = (_: Tensor) => tensor([1, 2])
    expect(vmap(constant)(x).shape).toEqual([4, 2])
    const both = (row: Tensor) => ({ row: row.mul(2), shared: tensor(5) })
    const { shared } = vmap(both, { outAxes: { row: 0, shared: null } })(x)
    expect(shared.shape).toEqual([])
  })

  test('trees go in and out, with axes for their parts', () => {
    const model = { w: randomTensor([2, 4, 3], 3), b: randomTensor([2, 4], 4), scale: tensor(2) }
    const run = (m: typeof model, v: Tensor) => ({ y: [m.w.matmul(v).add(m.b)], s: v.sum().mul(m.scale) })
    const v = randomTensor([4, 3], 5)
    const out = vmap(run, { inAxes: [{ w: 1, b: 1, scale: null }, 0] })(model as never, v)
    expect(out.y[0]!.shape).toEqual([4, 2])
    const first = run(
      { w: model.w.slice(null, 1), b: model.b.slice(null, 1), scale: model.scale } as never,
      v.slice(1),
    )
    expect(gap(out.y[0]!.slice(1), first.y[0]!)).toBeLessThan(1e-15)
    expect(out.s.slice(1).item()).toBeCloseTo(first.s.item(), 14)
  })

  test('a batch of no examples gives an empty result', () => {
    expect(vmap((row: Tensor) => row.exp().sum())(tensor([], { shape: [0, 3] })).shape).toEqual([0])
  })
})

describe('with other transforms', () => {
  const w = randomTensor([3], 1)
  const xs = randomTensor([5, 3], 2)
  const loss = (p: Tensor, x: Tensor) => p.mul(x).tanh().sum().square()

  test('per-sample gradients', () => {
    const perSample = vmap(grad(loss), { inAxes: [null, 0] })(w, xs)
    const each = stack([0, 1, 2, 3, 4].map(i => grad(loss)(w, xs.slice(i))))
    expect(gap(perSample, each)).toBeLessThan(1e-15)
    expect(perSample.requiresGrad).toBe(false)
  })

  test('per-sample gradients of a parameter of a model', () => {
    const p = new Parameter(w, 'w')
    const { value, grad: found } = vmap(valueAndGrad(loss), { inAxes: [null, 0] })(p, xs)
    expect(gap(found, vmap(grad(loss), { inAxes: [null, 0] })(w, xs))).toBe(0)
    // The parameter itself wants gradients, so what was made of it is recorded as usual.
    expect(value.requiresGrad).toBe(true)
    noGrad(() => expect(vmap(grad(loss), { inAxes: [null, 0] })(p, xs).requiresGrad).toBe(false))
  })

  test('a gradient through vmap is the sum of those through the loop', () => {
    const total = (p: Tensor) => vmap((x: Tensor) => loss(p, x))(xs).sum()
    const looped = (p: Tensor) => stack([0, 1, 2, 3, 4].map(i => loss(p, xs.slice(i)))).sum()
    expect(gap(grad(total)(w), grad(looped)(w))).toBeLessThan(1e-14)
    expect(gap(hessian(total)(w), hessian(looped)(w))).toBeLessThan(1e-13)
    const p = new Parameter(w, 'w')
    backward(total(p))
    expect(gap(p.grad!, grad(looped)(w))).toBeLessThan(1e-14)
  })

  test('forward mode inside, outside, and both', () => {
    const f = (x: Tensor) => x.exp().cumsum().prod()
    const inside = vmap((x: Tensor, v: Tensor) => jvp(f, x, v).tangent)(xs, xs)
    const each = stack([0, 1, 2, 3, 4].map(i => jvp(f, xs.slice(i), xs.slice(i)).tangent))
    expect(gap(inside.div(each), each.div(each))).toBeLessThan(1e-14)
    const outside = jvp((all: Tensor) => vmap(f)(all), xs, xs).tangent
    expect(gap(outside.div(each), each.div(each))).toBeLessThan(1e-14)
    const third = vmap((x: Tensor) => jvp((y: Tensor) => grad(f)(y), x, x).tangent)(xs)
    expect(
      gap(
        third.slice(2).div(jvp(grad(f), xs.slice(2), xs.slice(2)).tangent),
        third.slice(2).div(third.slice(2)),
      ),
    ).toBeLessThan(1e-13)
  })

  test('nested, with the inner one over another axis', () => {
    const a = randomTensor([2, 3], 3)
    const b = randomTensor([4, 3], 4)
    const table = vmap((row: Tensor) => vmap((other: Tensor) => row.mul(other).sum())(b))(a)
    expect(gap(table, a.matmul(b.transpose()))).toBeLessThan(1e-15)
  })

  test('Hessians of many points at once', () => {
    const f = (x: Tensor) => x.square().sum().mul(x.prod())
    const all = vmap(hessian(f))(xs)
    expect(gap(all, stack([0, 1, 2, 3, 4].map(i => hessian(f)(xs.slice(i)))))).toBeLessThan(1e-13)
  })

  test('many cotangents through one recorded graph', () => {
    const { value, pullback } = vjp((x: Tensor) => x.softmax(), w)
    const identity = tensor([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]).cast('float64')
    const rows = vmap((c: Tensor) => pullback(c))(identity)
    expect(gap(rows, stack([0, 1, 2].map(i => pullback(identity.slice(i)))))).toBe(0)
    expect(rows.requiresGrad || value.requiresGrad).toBe(false)
  })

  test('stopGradient and noGrad inside', () => {
    const f = (x: Tensor) =>
      x
        .mul(stopGradient(x))
        .add(noGrad(() => x.square()))
        .sum()
    expect(gap(vmap(grad(f))(xs), xs)).toBe(0)
  })

  test('a parameter used inside is recorded once, at the batch', () => {
    const p = new Parameter(tensor([1, 2, 3]), 'p')
    const y = vmap((x: Tensor) => x.mul(p).sum())(
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    )
    expect(graphOf(y).entries.map(entry => entry.op)).not.toContain('stack')
    y.sum().backward()
    expect(p.grad?.toArray()).toEqual([5, 7, 9])
  })
})

describe('refuses', () => {
  const xs = tensor([
    [1, 2],
    [3, 4],
  ])

  test('to read a value', () => {
    const branch = vmap((x: Tensor) => (x.sum().item() > 0 ? x : x.neg()))
    expect(errorOf(() => branch(xs))).toBe(
      'GraphError: item: inside of vmap a tensor of shape [] stands for 2 examples at once: it has no single value to read. ' +
        'Write conditions with where, return what you want to look at, or use stopGradient on the result of vmap.',
    )
    const reading = (read: 'data' | 'toArray' | 'toJSON') =>
      vmap((x: Tensor) => {
        x[read]()
        return x
      })
    for (const read of ['data', 'toArray', 'toJSON'] as const) {
      expect(errorOf(() => reading(read)(xs))).toContain(`GraphError: ${read}: inside of vmap`)
    }
  })

  test('but shows what it is', () => {
    let shown = ''
    vmap((x: Tensor) => {
      shown = String(x)
      return x
    })(xs)
    expect(shown).toBe('Tensor [2] float32, one of 2 examples inside of vmap')
  })

  test('a tensor that got out', () => {
    let leaked: Tensor | undefined
    vmap((x: Tensor) => {
      leaked = x
      return x
    })(xs)
    expect(errorOf(() => leaked?.add(1))).toContain(
      'inside of vmap a tensor of shape [2] stands for 2 examples',
    )
  })

  test('backward inside', () => {
    const p = new Parameter(tensor([1, 2]), 'p')
    const step = vmap((x: Tensor) => {
      x.mul(p).sum().backward()
      return x
    })
    expect(errorOf(() => step(xs))).toBe(
      'GraphError: backward: cannot fill .grad inside of vmap; use grad there.',
    )
  })

  test('axes that do not fit', () => {
    const add = (x: Tensor, y: Tensor) => x.add(y)
    expect(errorOf(() => vmap(add)(xs, tensor([1, 2, 3])))).toBe(
      'ShapeError: vmap: the batch axes have different lengths: 2 (axis 0 of [2, 2], argument 0) and 3 (axis 0 of [3], argument 1).',
    )
    expect(errorOf(() => vmap(add, { inAxes: [null, null] })(xs, xs))).toBe(
      'ArgumentError: vmap: no argument has a batch axis; at least one entry of inAxes must be a number.',
    )
    expect(errorOf(() => vmap(add, { inAxes: [0] })(xs, xs))).toBe(
      'ArgumentError: vmap: inAxes has no entry for argument 1; use null for one that all examples share.',
    )
    expect(errorOf(() => vmap((x: Tensor) => x, { inAxes: [0, 0] })(xs))).toBe(
      'ArgumentError: vmap: inAxes has 2 entries for 1 argument.',
    )
    expect(errorOf(() => vmap(add, { inAxes: 2 })(xs, xs))).toContain('AxisError: vmap: argument 0: axis 2')
    expect(errorOf(() => vmap((x: Tensor, k: number) => x.mul(k))(xs, 3 as never))).toBe(
      'ArgumentError: vmap: argument 1 is 3, which has no batch axis; give it null in inAxes.',
    )
    expect(errorOf(() => vmap((x: Tensor) => x, { outAxes: null })(xs))).toBe(
      'ArgumentError: vmap: outAxes says null for the result, but it differs from example to example.',
    )
  })

  test('a promise and a number', () => {
    expect(errorOf(() => vmap((async (x: Tensor) => x) as never)(xs as never))).toContain('a promise')
    expect(errorOf(() => vmap((() => 3) as never)(xs as never))).toContain('it returned number')
  })
})

test('where instead of if', () => {
  const relu = vmap((x: Tensor) => where(x.greater(0), x, 0))
  expect(relu(tensor([-1, 2])).toArray()).toEqual([0, 2])
  expect(development(() => relu(tensor([-1, 2]))).toArray()).toEqual([0, 2])
})
