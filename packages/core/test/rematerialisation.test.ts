// checkpoint and scan: the gradients of plain code, with less kept.
import {
  checkpoint,
  grad,
  gradients,
  graphOf,
  hessian,
  hvp,
  jvp,
  linearize,
  onGradient,
  Parameter,
  Rng,
  recompute,
  type ScanOptions,
  scan,
  stack,
  type Tensor,
  tensor,
  vmap,
} from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { errorOf, randomTensor } from './support.ts'

function gap(x: Tensor, y: Tensor): number {
  expect(x.shape).toEqual(y.shape)
  return x.sub(y).abs().max().item() / Math.max(1, y.abs().max().item())
}

const w = new Parameter(randomTensor([3, 3], 1), 'w')
const b = new Parameter(randomTensor([3], 2), 'b')

/** What to compare two versions of a function of a tensor by. */
const MEASURES: Readonly<Record<string, (f: (x: Tensor) => Tensor, x: Tensor) => readonly Tensor[]>> = {
  value: (f, x) => [f(x)],
  'gradient of the argument': (f, x) => [grad(f)(x)],
  'gradients of captured parameters': (f, x) => gradients(f(x), [w, b]),
  'second derivatives of captured parameters': (f, x) => {
    const [first] = gradients(f(x), [w], { createGraph: true })
    return gradients(first!.square().sum(), [w, b])
  },
  'forward mode': (f, x) => [jvp(f, x, x).tangent],
  'a linearization': (f, x) => [linearize(f, x).pushforward(x)],
  'forward over reverse': (f, x) => [hvp(f, x, x)],
  'reverse over forward over reverse': (f, x) => [grad((v: Tensor) => hvp(f, v, v).sum())(x)],
  'a batch of gradients': (f, x) => [vmap(grad(f))(stack([x, x.mul(2)]))],
}

describe('checkpoint', () => {
  const block = (x: Tensor) => x.matmul(w).add(b).tanh().matmul(w).tanh()
  const kept = (x: Tensor) => block(x).square().sum()
  const light = (x: Tensor) => checkpoint(block)(x).square().sum()
  const x = randomTensor([2, 3], 3)

  test.each(Object.entries(MEASURES))('%s is that of the plain function', (_, measure) => {
    const [want, got] = [measure(kept, x), measure(light, x)]
    for (const [i, part] of got.entries()) expect(gap(part, want[i]!)).toBeLessThan(1e-14)
  })

  test('the graph keeps the arguments and the result only', () => {
    expect(graphOf(light(x)).entries.map(entry => entry.op)).not.toContain('tanh')
    const bytes = (f: typeof kept) => graphOf(f(randomTensor([500, 3], 4))).memory().bytes
    expect(bytes(light)).toBeLessThan(0.6 * bytes(kept))
  })

  test('trees in and out, whole numbers beside them, nested', () => {
    const f = checkpoint((parts: { a: Tensor; b: Tensor }, k: number) => {
      const inner = checkpoint((v: Tensor) => v.exp().mul(k))
      return { y: inner(parts.a).mul(parts.b), index: parts.a.argmax() }
    })
    const loss = ({ a, b: other }: { a: Tensor; b: Tensor }) => f({ a, b: other }, 3).y.sum()
    const point = { a: tensor([0, 1]), b: tensor([2, 3]) }
    expect(f(point, 3).index.item()).toBe(1)
    expect(grad(loss)(point).b.slice(0).item()).toBe(3)
    expect(grad(loss)(point).a.slice(0).item()).toBe(6)
  })

  test('a function that draws differently the second time is refused', () => {
    const rng = new Rng(1)
    const noisy = checkpoint((v: Tensor) => v.mul(rng.uniform([2])))
    const loss = noisy(tensor([1, 2], { requiresGrad: true })).sum()
    expect(errorOf(() => loss.backward())).toContain(
      'GraphError: checkpoint: the function gave another result when it ran again for the gradient.',
    )
  })

  test('a parameter that was assigned since is named', () => {
    const p = new Parameter(tensor([1, 2]), 'p')
    const loss = checkpoint((v: Tensor) => v.mul(p))(tensor([3, 4])).sum()
    p.assign(tensor([5, 6]))
    expect(errorOf(() => loss.backward())).toContain("the parameter 'p' was assigned")
  })

  test('can be computed again with other arguments', () => {
    const p = tensor([1, 2], { requiresGrad: true })
    const y = checkpoint((v: Tensor) => v.square())(p)
    expect(recompute(y.sum(), new Map([[p as Tensor, tensor([3, 4])]])).item()).toBe(25)
  })
})

describe('scan', () => {
  const step = (h: Tensor, x: Tensor) => {
    const next = x.add(h.matmul(w)).add(b).tanh()
    return [next, next.square()] as const
  }
  const start = randomTensor([2, 3], 5)
  const viaScan = (xs: Tensor, options: ScanOptions = {}) => {
    const [h, ys] = scan(step, start, xs, options)
    return h.sum().add(ys.mul(h).sum())
  }
  const viaLoop = (xs: Tensor) => {
    let h: Tensor = start
    const ys: Tensor[] = []
    for (let t = 0; t < xs.shape[0]!; t++) {
      const [next, y] = step(h, xs.slice(t))
      h = next
      ys.push(y)
    }
    return h.sum().add(stack(ys).mul(h).sum())
  }
  const xs = randomTensor([6, 2, 3], 6)

  test.each(Object.entries(MEASURES))('%s is that of the loop', (_, measure) => {
    const [want, got] = [measure(viaLoop, xs), measure(viaScan, xs)]
    for (const [i, part] of got.entries()) expect(gap(part, want[i]!)).toBeLessThan(1e-13)
  })

  test.each(Object.entries(MEASURES))('%s, with all steps kept, is that of the loop', (_, measure) => {
    const want = measure(viaLoop, xs)
    const got = measure(x => viaScan(x, { keep: 'steps' }), xs)
    for (const [i, part] of got.entries()) expect(gap(part, want[i]!)).toBeLessThan(1e-13)
  })

  test('with all steps kept, nothing runs again for a first derivative, and more is kept', () => {
    let runs = 0
    const counting = (h: Tensor, x: Tensor) => {
      runs++
      return step(h, x)
    }
    const loss = scan(counting, start, xs, { keep: 'steps' })[0].sum()
    const [once] = gradients(loss, [w])
    expect(runs).toBe(6)
    // The graph may be walked again, and both walks are the same.
    expect(gradients(loss, [w])[0]!.toArray()).toEqual(once!.toArray())
    expect(runs).toBe(6)
    expect(gap(once!, gradients(scan(step, start, xs)[0].sum(), [w])[0]!)).toBeLessThan(1e-14)
    const bytes = (keep: 'states' | 'steps') => graphOf(viaScan(xs, { keep })).memory().bytes
    expect(bytes('steps')).toBeGreaterThan(1.3 * bytes('states'))
    expect(errorOf(() => scan(step, start, xs, { keep: 'all' as never }))).toBe(
      "ArgumentError: scan: keep must be 'states' or 'steps', got 'all'.",
    )
  })

  test('with all steps kept, a loop inside of a loop captures what is outside of both, and nothing else', () => {
    const inner = (h: Tensor, x: Tensor) => [h.mul(x).sin(), null] as const
    const outer = (h: Tensor, x: Tensor) =>
      [scan(inner, h, stack([x, x.mul(2)]), { keep: 'steps' })[0] as Tensor, null] as const
    const loss = (h: Tensor) => scan(outer, h, tensor([1, 2]), { keep: 'steps' })[0].sum()
    const looped = (h: Tensor) => [1, 2, 2, 4].reduce((state, x) => state.mul(x).sin(), h).sum()
    const point = tensor(0.3)
    expect(grad(loss)(point).requiresGrad).toBe(false)
    expect(gap(grad(loss)(point), grad(looped)(point))).toBeLessThan(1e-6)
    expect(gap(hessian(loss)(point), hessian(looped)(point))).toBeLessThan(1e-5)
  })

  test('with all steps kept, a second derivative still refuses a step that did something else', () => {
    const p = new Parameter(tensor([1]), 'p')
    const rng = new Rng(1)
    const noisy = (h: Tensor, x: Tensor) => [h.add(x.mul(p).mul(rng.uniform([1]))), null] as const
    const last = scan(noisy, tensor([0]), tensor([[1], [2], [3]]), { keep: 'steps' })[0].sum()
    expect(gradients(last, [p])[0]!.item()).toBeGreaterThan(0)
    expect(errorOf(() => gradients(last, [p], { createGraph: true }))).toContain('GraphError: scan')
  })

  test('gradient of the first state', () => {
    const from = (h: Tensor) => scan(step, h, xs)[0].sum()
    const looped = (h: Tensor) =>
      [0, 1, 2, 3, 4, 5].reduce((state, t) => step(state, xs.slice(t))[0], h).sum()
    expect(gap(grad(from)(start), grad(looped)(start))).toBeLessThan(1e-14)
    expect(gap(hessian(from)(start), hessian(looped)(start))).toBeLessThan(1e-13)
  })

  test('the graph has one node for all steps, and keeps the states', () => {
    const long = randomTensor([200, 2, 3], 7)
    expect(graphOf(viaScan(long)).entries.filter(entry => entry.op === 'scan')).toHaveLength(1)
    expect(graphOf(viaScan(long)).entries.length).toBeLessThan(40)
  })

  test('the states that it keeps are counted', () => {
    const bytes = (length: number) => graphOf(viaScan(randomTensor([length, 2, 3], 7))).memory().bytes
    // For every step its input, its state and its output, 6 float64 numbers each, and the packed outputs.
    expect((bytes(200) - bytes(100)) / 100).toBeGreaterThanOrEqual(4 * 6 * 8)
  })

  test('a step that does something else when it runs again is refused', () => {
    const refusal = 'GraphError: scan: the function gave another result when it ran again for the gradient.'
    const p = new Parameter(tensor([1]), 'p')
    const long = tensor([[1], [2], [3]])
    const rng = new Rng(1)
    const noisy = (h: Tensor, x: Tensor) => [h.add(x.mul(p).mul(rng.uniform([1]))), null] as const
    const first = scan(noisy, tensor([0]), long)[0].sum()
    expect(errorOf(() => first.backward())).toContain(refusal)
    let factor = 2
    const changing = (h: Tensor, x: Tensor) => [h.add(x.mul(p)), x.mul(factor)] as const
    const [last, outputs] = scan(changing, tensor([0]), long)
    factor = 7
    expect(errorOf(() => last.add(outputs.sum()).sum().backward())).toContain(refusal)
    expect(errorOf(() => gradients(last.sum(), [p], { createGraph: true }))).toContain(refusal)
  })

  test('trees for state, inputs and outputs; whole numbers ride along', () => {
    const count = (state: { sum: Tensor; steps: Tensor }, { x }: { x: Tensor }) =>
      [
        { sum: state.sum.add(x), steps: state.steps.add(1) },
        { before: state.sum, at: state.steps },
      ] as const
    const p = tensor([1, 2, 3], { requiresGrad: true })
    const zero = { sum: tensor(0), steps: tensor(0, { dtype: 'int32' }) }
    const [last, seen] = scan(count, zero, { x: p })
    expect(last.steps.item()).toBe(3)
    expect(last.steps.dtype).toBe('int32')
    expect(seen.before.toArray()).toEqual([0, 1, 3])
    expect(seen.at.toArray()).toEqual([0, 1, 2])
    seen.before.sum().add(last.sum).backward()
    expect(p.grad?.toArray()).toEqual([3, 2, 1])
  })

  test('reverse goes from the last to the first', () => {
    const p = tensor([1, 2, 3], { requiresGrad: true })
    const sums = (s: Tensor, x: Tensor) => [s.add(x), s] as const
    const [total, before] = scan(sums, tensor(0), p, { reverse: true })
    expect(total.item()).toBe(6)
    expect(before.toArray()).toEqual([5, 3, 0])
    before
      .mul(tensor([1, 10, 100]))
      .sum()
      .backward()
    expect(p.grad?.toArray()).toEqual([0, 1, 11])
  })

  test('without inputs it takes a length, without outputs it gives null', () => {
    const [x, none] = scan((v: Tensor, _: null) => [v.mul(2), null] as const, tensor(1), null, { length: 10 })
    expect(x.item()).toBe(1024)
    expect(none).toBeNull()
  })

  test('says what is wrong', () => {
    const bad = (body: () => unknown) => errorOf(body)
    const same = (s: Tensor, _: unknown) => [s, null] as const
    expect(bad(() => scan(same, tensor(0), null))).toBe(
      'ArgumentError: scan: needs at least one step, got undefined; without inputs say { length }.',
    )
    expect(bad(() => scan(same, tensor(0), [tensor([1]), tensor([1, 2])]))).toBe(
      'ShapeError: scan: the inputs have different lengths: [1], [2]; the steps go along their first axes.',
    )
    expect(
      bad(() => scan((s: Tensor, x: Tensor) => [stack([s, x]), null] as const, tensor(0), tensor([1]))),
    ).toBe(
      'ShapeError: scan: a step must keep the form of the state: it went in as [] float32 and came out as [2] float32.',
    )
    expect(bad(() => scan((() => 3) as never, tensor(0), tensor([1]) as never))).toBe(
      'ArgumentError: scan: the step must return [next state, output or null], it returned 3.',
    )
    expect(bad(() => scan(same, tensor(0), tensor(1) as never))).toContain('an input is 0-d')
    expect(bad(() => scan(same, tensor(0), tensor([1, 2]) as never, { length: 3 }))).toBe(
      'ArgumentError: scan: length is 3, but the inputs have 2 steps.',
    )
  })
})

describe('what runs again counts once', () => {
  const p = new Parameter(tensor(0.5, { dtype: 'float64' }), 'p')
  const number = (value: number) => tensor(value, { dtype: 'float64' })
  const chain = (wrap: (f: (x: Tensor) => Tensor) => (x: Tensor) => Tensor) => (x: Tensor) => {
    const block = wrap(v => v.mul(p).sin())
    return block(block(block(x)))
  }
  const plain = <F>(f: F): F => f

  /** Programs in which one input of a node was made from another, each as plain code and with the node. */
  const PROGRAMS: Readonly<
    Record<string, readonly [plain: (x: Tensor) => Tensor, light: (x: Tensor) => Tensor]>
  > = {
    'a captured tensor made from another one': [
      x => x.mul(p).mul(p.square()),
      x => {
        const k = p.square()
        return checkpoint((v: Tensor) => v.mul(p).mul(k))(x)
      },
    ],
    'a captured tensor made from the argument': [
      x => x.square().mul(x).mul(x).mul(p.square()),
      x => {
        const k = x.square()
        return checkpoint((v: Tensor) => v.mul(k).mul(x))(x).mul(p.square())
      },
    ],
    'blocks in a row with a shared parameter': [chain(plain), chain(checkpoint)],
    'blocks that capture the one before': [
      x => [0, 1, 2].reduce(h => h.mul(p).sin(), x),
      x => [0, 1, 2].reduce(h => checkpoint(() => h.mul(p).sin())(), x),
    ],
    'loops in a row with a shared parameter': [
      x => [0, 1, 2, 3].reduce(h => h.mul(p).add(x).sin(), x.mul(p)),
      x => {
        const step = (h: Tensor, _: Tensor) => [h.mul(p).add(x).sin(), null] as const
        const two = tensor([0, 0])
        return scan(step, scan(step, x.mul(p), two)[0] as Tensor, two)[0]
      },
    ],
    'a captured tensor that is returned as it is': [
      x => x.mul(2).add(p.mul(p).mul(x)),
      x => {
        const [a, b] = checkpoint((v: Tensor) => [v.mul(2), p as Tensor] as const)(x)
        return a.add(b.mul(b).mul(x))
      },
    ],
  }

  test.each(Object.entries(PROGRAMS))('%s', (_, [want, light]) => {
    const x = number(1.3)
    const first = (f: (x: Tensor) => Tensor) => [...gradients(f(x), [p]), grad(f)(x)]
    const second = (f: (x: Tensor) => Tensor) => {
      const [g] = gradients(f(x), [p], { createGraph: true })
      return [
        ...gradients(g!, [p]),
        grad(grad(f))(x),
        hvp(f, x, number(1)),
        linearize(grad(f), x).pushforward(number(1)),
      ]
    }
    const numbers = (f: (x: Tensor) => Tensor) => [f(x), ...first(f), ...second(f)].map(value => value.item())
    const [got, expected] = [numbers(light), numbers(want)]
    for (const [i, value] of got.entries()) expect(value, `number ${i}`).toBeCloseTo(expected[i]!, 12)
  })

  test('a hook on a captured parameter runs once, on the whole gradient', () => {
    const w = new Parameter(tensor(2), 'w')
    const seen: number[] = []
    onGradient(w, gradient => {
      seen.push(gradient.item())
      return gradient.mul(10)
    })
    const block = checkpoint((x: Tensor) => x.mul(w))
    block(tensor(3))
      .add(block(tensor(4)))
      .backward()
    expect(seen).toEqual([7])
    expect(w.grad?.item()).toBe(70)
    const [sum] = scan(
      (s: Tensor, x: Tensor) => [s.add(x.mul(w)), null] as const,
      tensor(0),
      tensor([1, 2, 3]),
    )
    w.assign(tensor(2))
    sum.detach()
    scan(
      (s: Tensor, x: Tensor) => [s.add(x.mul(w)), null] as const,
      tensor(0),
      tensor([1, 2, 3]),
    )[0].backward()
    expect(w.grad?.item()).toBe(60)
  })

  test('linearize goes through a loop', () => {
    const f = (x: Tensor) => scan((s: Tensor, y: Tensor) => [s.mul(y), s] as const, tensor(2), x)[0]
    expect(
      linearize(f, tensor([3, 4, 5]) as Tensor)
        .pushforward(tensor([1, 0, 0]))
        .item(),
    ).toBe(40)
  })

  test('a long chain of blocks takes time in proportion, also with createGraph', () => {
    const block = checkpoint((x: Tensor) => x.mul(p).sin())
    let h: Tensor = number(1.3)
    for (let i = 0; i < 300; i++) h = block(h)
    expect(gradients(h, [p], { createGraph: true })[0]?.shape).toEqual([])
  })
})

test('scan matches trees by their keys', () => {
  let n = 0
  const swapping = (s: Tensor, x: Tensor) => [s, n++ % 2 === 0 ? { a: s, b: x } : { b: x, a: s }] as const
  const [, { a, b }] = scan(swapping, tensor(7), tensor([1, 2, 3]))
  expect([a.toArray(), b.toArray()]).toEqual([
    [7, 7, 7],
    [1, 2, 3],
  ])
  let m = 0
  const ending = (s: Tensor, x: Tensor) => [s, m++ < 2 ? x : null] as const
  expect(errorOf(() => scan(ending as never, tensor(7), tensor([1, 2, 3]) as never))).toBe(
    'ArgumentError: scan: some steps return outputs and others null; return the same form at every step.',
  )
  const forgetting = (s: { h: Tensor; c: Tensor }, x: Tensor) => [{ h: s.h.add(x) }, null] as const
  expect(
    errorOf(() => scan(forgetting as never, { h: tensor(1), c: tensor(2) }, tensor([1]) as never)),
  ).toContain("'c' is missing")
})
