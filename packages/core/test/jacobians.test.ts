// linearize, jacfwd, jacrev, hessian, hvp, and gradients of chosen arguments, against each other and by hand.
import {
  grad,
  hessian,
  hvp,
  jacfwd,
  jacrev,
  jvp,
  linearize,
  noGrad,
  Parameter,
  type Tensor,
  tensor,
  valueAndGrad,
  vjp,
} from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { errorOf, randomTensor } from './support.ts'

/** The largest difference between two tensors, relative to the largest element. */
function gap(x: Tensor, y: Tensor): number {
  expect(x.shape).toEqual(y.shape)
  return x.size === 0 ? 0 : x.sub(y).abs().max().item() / Math.max(1, y.abs().max().item())
}

const x = randomTensor([3], 1)

describe('Jacobians', () => {
  const f = (v: Tensor) =>
    v
      .matmul(randomTensor([3, 4], 2))
      .tanh()
      .reshape([2, 2])

  test('forward, reverse and by columns agree', () => {
    const forward = jacfwd(f)(x)
    expect(forward.shape).toEqual([2, 2, 3])
    expect(gap(forward, jacrev(f)(x))).toBeLessThan(1e-15)
    for (const k of [0, 1, 2]) {
      const unit = tensor([0, 0, 0].map((_, i) => (i === k ? 1 : 0))).cast('float64')
      expect(gap(forward.slice('...', k), jvp(f, x, unit).tangent)).toBeLessThan(1e-15)
    }
  })

  test('of a matrix with respect to a matrix', () => {
    const square = (m: Tensor) => m.matmul(m)
    const m = randomTensor([2, 2], 3)
    const jacobian = jacrev(square)(m)
    // d(MM)ij / dMkl = δik Mlj + Mik δlj
    for (const [i, j, k, l] of [
      [0, 0, 0, 0],
      [0, 1, 1, 0],
      [1, 0, 1, 1],
      [1, 1, 0, 1],
    ] as const) {
      const want = (i === k ? m.slice(l, j).item() : 0) + (l === j ? m.slice(i, k).item() : 0)
      expect(jacobian.slice(i, j, k, l).item()).toBeCloseTo(want, 14)
    }
    expect(gap(jacfwd(square)(m), jacobian)).toBeLessThan(1e-15)
  })

  test('of trees with respect to trees', () => {
    const g = ({ a, b }: { a: Tensor; b: Tensor }) => ({ sum: a.add(b), products: [a.mul(b).sum()] })
    const point = { a: randomTensor([2], 4), b: randomTensor([2], 5) }
    for (const jacobian of [jacfwd(g)(point), jacrev(g)(point)]) {
      expect(jacobian.sum.a.toArray()).toEqual([
        [1, 0],
        [0, 1],
      ])
      expect(gap(jacobian.products[0]!.b, point.a)).toBe(0)
    }
  })

  test('further arguments are passed on', () => {
    const scale = (v: Tensor, k: number) => v.mul(k)
    expect(jacfwd(scale)(tensor([1, 2]), 3).toArray()).toEqual([
      [3, 0],
      [0, 3],
    ])
    expect(jacrev(scale)(tensor([1, 2]), 3).toArray()).toEqual([
      [3, 0],
      [0, 3],
    ])
  })

  test('an empty input, an empty output, a constant', () => {
    const empty = tensor([], { shape: [0], dtype: 'float64' })
    expect(jacrev((v: Tensor) => v.sum())(empty).shape).toEqual([0])
    expect(jacfwd((v: Tensor) => v.slice([0, 0]))(x).shape).toEqual([0, 3])
    expect(jacfwd((_: Tensor) => tensor([1, 2]))(x).toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ])
    expect(jacrev((_: Tensor) => tensor([1, 2]))(x).shape).toEqual([2, 3])
  })

  test('integers have none', () => {
    const whole = tensor([1], { dtype: 'int32' })
    for (const transform of [jacfwd, jacrev]) {
      expect(errorOf(() => transform((v: Tensor) => v)(whole))).toContain('DTypeError')
    }
  })
})

describe('second derivatives', () => {
  const f = (v: Tensor) => v.prod().add(v.square().sum().exp())

  test('every mixture of modes gives the same matrix', () => {
    const want = hessian(f)(x)
    expect(gap(want, want.transpose())).toBeLessThan(1e-14)
    for (const other of [
      jacrev(grad(f)),
      jacfwd(jacrev(f)),
      jacrev(jacfwd(f)),
      jacfwd(jacfwd(f)),
      jacrev(jacrev(f)),
    ])
      expect(gap(other(x), want)).toBeLessThan(1e-14)
  })

  test('of a tree is a tree of trees', () => {
    const g = ({ a, b }: { a: Tensor; b: Tensor }) => a.square().sum().mul(b)
    const { a, b } = hessian(g)({ a: tensor([1, 2]), b: tensor(3) })
    expect(a.a.toArray()).toEqual([
      [6, 0],
      [0, 6],
    ])
    expect(a.b.toArray()).toEqual([2, 4])
    expect(b.a.toArray()).toEqual([2, 4])
    expect(b.b.item()).toBe(0)
  })

  test('hvp is the matrix times the vector', () => {
    const v = randomTensor([3], 7)
    expect(gap(hvp(f, x, v), hessian(f)(x).matmul(v))).toBeLessThan(1e-14)
    const tree = { a: x, b: randomTensor([2, 2], 8) }
    const g = ({ a, b }: typeof tree) => a.sum().mul(b.square().sum())
    const product = hvp(g, tree, { a: v, b: tree.b })
    expect(product.a.shape).toEqual([3])
    expect(product.b.shape).toEqual([2, 2])
  })

  test('third derivatives in mixed modes', () => {
    const third = jacfwd(hessian(f))(x)
    expect(gap(third, jacrev(hessian(f))(x))).toBeLessThan(1e-13)
    expect(third.shape).toEqual([3, 3, 3])
  })

  test('through a gradient with respect to a parameter', () => {
    const w = new Parameter(x, 'w')
    const loss = hessian((v: Tensor) => v.mul(w).sum().square())(x).sum()
    loss.backward()
    // Σij 2 wi wj = 2 (Σ w)², so the gradient is 4 Σ w.
    expect(w.grad?.sub(x.sum().mul(4)).abs().max().item()).toBeLessThan(1e-14)
  })
})

describe('linearize', () => {
  test('runs the function once for any number of directions', () => {
    let runs = 0
    const f = (v: Tensor) => {
      runs++
      return v.square()
    }
    const { value, pushforward } = linearize(f, tensor([1, 2, 3]))
    expect(value.toArray()).toEqual([1, 4, 9])
    expect(pushforward(tensor([1, 0, 0])).toArray()).toEqual([2, 0, 0])
    expect(pushforward(tensor([0, 1, 1])).toArray()).toEqual([0, 4, 6])
    expect(runs).toBe(1)
  })

  test('takes and gives trees, and can be differentiated', () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor }) => [a.mul(b), b.square()]
    const slope = (b: Tensor) => {
      const { pushforward } = linearize(f, { a: tensor(2), b })
      const [first, second] = pushforward({ a: tensor(1), b: tensor(1) })
      return first!.add(second!)
    }
    // d(ab) + d(b²) along (1, 1) is b + a + 2b.
    expect(slope(tensor(5)).item()).toBe(17)
    expect(grad(slope)(tensor(5)).item()).toBe(3)
  })

  test('names the tangent that does not fit', () => {
    const { pushforward } = linearize(({ a }: { a: Tensor }) => a, { a: tensor([1, 2]) })
    expect(errorOf(() => pushforward({ a: tensor([1]) as never }))).toBe(
      "ShapeError: linearize: the tangent of 'a' has shape [1], its input has [2]; they must be equal.",
    )
  })
})

describe('chosen arguments and auxiliary results', () => {
  const f = (a: Tensor, k: number, b: Tensor) => a.mul(b.square()).sum().mul(k)

  test('by position', () => {
    expect(grad(f, { wrt: 2 })(tensor(2), 10, tensor(3)).item()).toBe(120)
    const [a, b] = grad(f, { wrt: [0, 2] })(tensor(2), 10, tensor(3))
    expect([a.item(), b.item()]).toEqual([90, 120])
    expect(errorOf(() => grad(f, { wrt: 3 as never })(tensor(2), 10, tensor(3)))).toBe(
      'ArgumentError: grad: wrt names argument 3, but the call has 3.',
    )
    expect(errorOf(() => grad(f, { wrt: [0, 0] })(tensor(2), 10, tensor(3)))).toBe(
      'ArgumentError: grad: wrt names argument 0 twice.',
    )
  })

  test('something beside the value comes along without a graph', () => {
    const withParts = (a: Tensor) => [a.square().sum(), { double: a.mul(2), note: 'kept' }] as const
    const { value, grad: gradient, auxiliary } = valueAndGrad(withParts, { auxiliary: true })(tensor([1, 2]))
    expect(value.item()).toBe(5)
    expect(gradient.toArray()).toEqual([2, 4])
    expect(auxiliary.note).toBe('kept')
    expect(auxiliary.double.toArray()).toEqual([2, 4])
    expect(auxiliary.double.requiresGrad).toBe(false)
    expect(grad(withParts, { auxiliary: true })(tensor([1, 2])).auxiliary.note).toBe('kept')
    expect(errorOf(() => grad((() => tensor(1)) as never, { auxiliary: true })(tensor(1) as never))).toBe(
      'GraphError: grad: with { auxiliary: true } the function must return [a single number, anything].',
    )
  })
})

describe('forward mode', () => {
  test('leaves no graph behind', () => {
    const seen: Tensor[] = []
    const f = (v: Tensor) => {
      const h = v.exp()
      seen.push(h)
      return h.mul(h)
    }
    const { value, tangent } = jvp(f, x, x)
    for (const made of [...seen, value, tangent]) {
      expect(made.node).toBeNull()
      expect(made.requiresGrad).toBe(false)
    }
  })

  test('values may be read on the way: conditions follow the point', () => {
    const f = (v: Tensor) => (v.item() > 0 ? v.square() : v.mul(3))
    expect(jvp(f, tensor(2) as Tensor, tensor(1)).tangent.item()).toBe(4)
    expect(jvp(f, tensor(-2) as Tensor, tensor(1)).tangent.item()).toBe(3)
    expect(
      jvp(v => tensor(v.toArray() as number[]), tensor([1, 2]), tensor([1, 1])).tangent.toArray(),
    ).toEqual([0, 0])
  })

  test('a tensor that got out is refused, not taken for a constant', () => {
    let leaked: Tensor | undefined
    jvp(
      (v: Tensor) => {
        leaked = v
        return v
      },
      tensor(1),
      tensor(1),
    )
    expect(errorOf(() => leaked?.add(1))).toContain('a tensor that jvp carries a tangent for was used')
  })

  test('takes and gives trees', () => {
    const { value, tangent } = jvp(
      ({ a, b }: { a: Tensor; b: Tensor }) => ({ product: a.mul(b), constant: tensor(7) }),
      { a: tensor(2), b: tensor(3) },
      { a: tensor(1), b: tensor(10) },
    )
    expect([value.product.item(), tangent.product.item(), tangent.constant.item()]).toEqual([6, 23, 0])
  })

  test('levels do not mix', () => {
    // d/dx (x · d/dy (x + y)) = 1: the inner derivative is 1, not 2.
    const f = (u: Tensor) => u.mul(jvp((y: Tensor) => u.add(y), tensor(1), tensor(1)).tangent)
    expect(jvp(f, tensor(5) as Tensor, tensor(1)).tangent.item()).toBe(1)
    expect(grad(f)(tensor(5)).item()).toBe(1)
  })
})

test('a function that uses a parameter itself and not its argument is refused', () => {
  const w = new Parameter(tensor([1, 2]), 'w')
  const closed = (_: Tensor[]) => w.square().sum()
  const message = (op: string) =>
    `GraphError: ${op}: the function uses the tensor 'w' of shape [2] itself, and not the argument that stands for it: its gradient would be 0. ` +
    'Use the argument, or take the gradients of a model with backward() or gradients().'
  expect(errorOf(() => grad(closed)([w]))).toBe(message('grad'))
  expect(errorOf(() => valueAndGrad(closed)([w]))).toBe(message('valueAndGrad'))
  expect(errorOf(() => vjp(closed, [w]))).toBe(message('vjp'))
  expect(errorOf(() => jacrev(closed)([w]))).toBe(message('jacrev'))
  expect(errorOf(() => hvp(closed, [w], [tensor([1, 1])]))).toBe(message('hvp'))
  // The same tensor as another argument is used by that name.
  expect(grad((_: Tensor, b: Tensor) => b.square().sum())(w, w).toArray()).toEqual([0, 0])
  expect(grad((a: Tensor, b: Tensor) => a.detach().mul(b).sum())(w, w).toArray()).toEqual([0, 0])
  // Used beside the argument, or by the argument's own history, it is what was meant.
  expect(grad((v: Tensor) => v.mul(w).sum())(w).toArray()).toEqual([1, 2])
  expect(grad((v: Tensor) => v.sum())(w.mul(2)).toArray()).toEqual([1, 1])
  expect(grad((v: Tensor) => v.sum().mul(0).add(w.sum()))(tensor([5, 6])).toArray()).toEqual([0, 0])
})

test('what runs under noGrad is a constant in both modes', () => {
  const f = (v: Tensor) =>
    noGrad(() => v.mul(2))
      .mul(v.square())
      .sum()
  const point = tensor([1.5])
  expect(grad(f)(point).toArray()).toEqual([9])
  expect(jvp(f, point as Tensor, tensor([1])).tangent.item()).toBe(9)
  expect(hessian(f)(point).toArray()).toEqual(jacrev(grad(f))(point).toArray())
  expect(noGrad(() => hvp(f, point as Tensor, tensor([1]))).toArray()).toEqual([6])
})

test('an auxiliary result keeps its own graph where something outside wants it', () => {
  const outer = (x: Tensor) => {
    const inner = valueAndGrad((y: Tensor) => [y.sum(), x.mul(y)] as const, { auxiliary: true })
    return inner(tensor([1, 2])).auxiliary.sum()
  }
  expect(grad(outer)(tensor([5, 6])).toArray()).toEqual([1, 2])
  const w = new Parameter(tensor([3]), 'w')
  const { auxiliary } = valueAndGrad((x: Tensor) => [x.sum(), w.mul(2)] as const, { auxiliary: true })(
    tensor([1, 2]),
  )
  expect(auxiliary.requiresGrad).toBe(true)
})

test('a pullback under noGrad leaves no graph', () => {
  const w = new Parameter(tensor([3]), 'w')
  const { pullback } = vjp((x: Tensor) => x.mul(w).square(), tensor([2]))
  expect(noGrad(() => pullback(tensor([1]))).requiresGrad).toBe(false)
  const { pushforward } = linearize((x: Tensor) => x.mul(w).square(), tensor([2]))
  expect(noGrad(() => pushforward(tensor([1]))).requiresGrad).toBe(false)
})

test('keys with dots are no paths', () => {
  const f = (t: { 'a.b': Tensor; a: { b: Tensor } }) => t['a.b'].mul(10).add(t.a.b)
  const at = (left: number, right: number) => ({ 'a.b': tensor(left), a: { b: tensor(right) } })
  expect(jvp(f, at(1, 1), at(2, 1)).tangent.item()).toBe(21)
})

test('inner gradients in a long loop take time in proportion', () => {
  const inner = grad((v: Tensor) => v.square().sum())
  const descended = (start: Tensor) => {
    let v = start
    for (let i = 0; i < 2000; i++) v = v.sub(inner(v).mul(1e-3))
    return v.sum()
  }
  expect(grad(descended)(tensor([1]).cast('float64')).item()).toBeCloseTo(0.998 ** 2000, 10)
})

test('trees without tensors have empty derivatives', () => {
  for (const transform of [jacfwd, jacrev]) {
    expect(transform((_: Tensor[]) => tensor([1, 2]))([])).toEqual([])
  }
  expect(grad((_: Tensor[]) => tensor(1))([])).toEqual([])
})

test('hvp passes further arguments on', () => {
  const f = (v: Tensor, k: number) => v.square().sum().mul(k)
  expect(hvp(f, tensor([1, 2]), tensor([1, 0]), 3).toArray()).toEqual([6, 0])
})

test('vjp takes cotangents in the form of a tree', () => {
  const { value, pullback } = vjp((v: Tensor) => ({ sum: v.sum(), all: [v.square()] }), tensor([1, 2]))
  expect(value.all[0]!.toArray()).toEqual([1, 4])
  expect(pullback({ sum: tensor(10), all: [tensor([1, 0])] }).toArray()).toEqual([12, 10])
  expect(errorOf(() => pullback({ sum: tensor(10) } as never))).toContain("'all.0' is missing")
})
