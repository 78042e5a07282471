/** `compile` as its users meet it: what goes in and comes out, what is refused, and that a step is the step of eager code. */

import {
  bernoulli,
  dropoutMask,
  GraphError,
  grad,
  jvp,
  noGrad,
  Parameter,
  Rng,
  relu,
  type Tensor,
  tensor,
  vmap,
  where,
  withDefaultDType,
  zeros,
} from '@adjoint/core'
import * as nn from '@adjoint/nn'
import { describe, expect, test } from 'vitest'
import { type Compiled, type CompileOptions, compile } from '../src/index.ts'

const numbers = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('arguments and results', () => {
  test('are trees of tensors, and results come back in the same form', () => {
    interface Batch {
      readonly x: Tensor
      readonly list: readonly Tensor[]
      readonly scale: number
      readonly name: string
    }
    const f = compile(({ x, list, scale, name }: Batch) => ({
      scaled: x.mul(scale),
      more: list.map(y => ({ y: y.add(1) })),
      name,
      nothing: null,
    }))
    const result = f({ x: tensor([1, 2]), list: [tensor(1), tensor([[2]])], scale: 3, name: 'a' })
    expect(numbers(result)).toEqual(
      numbers({
        scaled: tensor([3, 6]),
        more: [{ y: tensor(2) }, { y: tensor([[3]]) }],
        name: 'a',
        nothing: null,
      }),
    )
  })

  test('may have no tensors at all', () => {
    expect(compile(() => 3)()).toBe(3)
    expect(compile(() => tensor([1, 2]))().toArray()).toEqual([1, 2])
    expect(compile(() => undefined)()).toBeUndefined()
    expect(compile((x: Tensor) => void x.add(1))(tensor(1))).toBeUndefined()
  })

  test('tensors without elements and of every dtype pass', () => {
    const f = compile((x: Tensor) => [x, x.reshape([-1])])
    for (const dtype of ['float32', 'float64', 'int32', 'bool'] as const) {
      for (const shape of [[], [0], [2, 0, 3], [2, 2]]) {
        const size = shape.reduce((product, length) => product * length, 1)
        const x = tensor(new Array(size).fill(1), { shape, dtype }) as Tensor
        const [same, flat] = f(x)
        expect([same!.dtype, same!.shape, same!.toArray()]).toEqual([dtype, shape, x.toArray()])
        expect(flat!.shape).toEqual([size])
      }
    }
  })

  test('views are read as what they show', () => {
    const x = new Rng(0).normal([4, 6])
    const f = compile((y: Tensor) => y.mul(2))
    for (const view of [x.transpose(), x.slice([1, 3], [0, 6, 2]), x.flip([1]), x.slice(2)] as Tensor[]) {
      expect(f(view).toArray()).toEqual(view.mul(2).toArray())
    }
  })

  test('parameters are themselves, as arguments and as results', () => {
    const [w, v] = [new Parameter(tensor([1, 2]), 'w'), new Parameter(tensor([5, 6]), 'v')]
    const f = compile((p: Parameter, x: Tensor) => {
      p.assign(p.add(x as never))
      return p
    })
    expect(f(w, tensor([1, 1]))).toBe(w)
    expect(f(v, tensor([1, 1]))).toBe(v)
    f(w, tensor([1, 1]))
    expect([w.toArray(), v.toArray(), f.programs]).toEqual([[3, 4], [6, 7], 2])
  })

  test('a result is a copy: the next run does not change it, nor does it change the program', () => {
    const w = new Parameter(tensor([1, 2]), 'w')
    const captured = tensor([7, 8])
    const f = compile((x: Tensor) => {
      const old = w.add(0)
      w.assign(w.add(x as never))
      return [old, w.mul(1), x, captured] as Tensor[]
    })
    const first = f(tensor([1, 1]))
    const second = f(tensor([2, 2]))
    expect(numbers(first)).toEqual(numbers([tensor([1, 2]), tensor([2, 3]), tensor([1, 1]), tensor([7, 8])]))
    expect(numbers(second)).toEqual(numbers([tensor([2, 3]), tensor([4, 5]), tensor([2, 2]), tensor([7, 8])]))
  })

  test('a result has no graph, and says so', () => {
    const w = new Parameter(tensor([1, 2]), 'w')
    const loss = compile((x: Tensor) => w.mul(x as never).sum())(tensor([1, 2]))
    expect(loss.requiresGrad).toBe(false)
    expect(() => loss.backward()).toThrow('was not recorded')
  })
})

describe('programs', () => {
  test('one for each shape, dtype and constant, kept up to the bound, the least used of late goes first', () => {
    let traces = 0
    const f = compile(
      (x: Tensor, k: number | string = 0) => {
        traces++
        return x.add(typeof k === 'number' ? k : k.length)
      },
      { programs: 3 },
    )
    const [a, b, c, d] = [tensor(1), tensor([1]), tensor([1, 2]), tensor([[1]])]
    for (const x of [a, b, c] as Tensor[]) f(x)
    expect([traces, f.programs]).toEqual([3, 3])
    f(a)
    expect(traces).toBe(3)
    f(d)
    expect([traces, f.programs]).toEqual([4, 3])
    f(a)
    expect(traces).toBe(4)
    f(b)
    expect(traces).toBe(5)
    f(b, 1)
    f(b, 'one')
    f(b, Number.NaN)
    f(b, Number.NaN)
    f(tensor([1], { dtype: 'float64' }))
    expect([traces, f.programs]).toEqual([9, 3])
    expect(f(b, 2).toArray()).toEqual([3])
  })

  test('nothing in arguments is taken for something else', () => {
    const f = compile((...given: unknown[]) =>
      given[0] instanceof Object ? (given[0] as Tensor) : tensor(given.length),
    )
    expect(f('float32', 1, 3).item()).toBe(3)
    expect(f(tensor([1, 2, 3])).toArray()).toEqual([1, 2, 3])
    const g = compile((...given: unknown[]) => tensor(given.length))
    expect([g('[', 0).item(), g([]).item(), g({}).item(), g('}').item()]).toEqual([2, 1, 1, 1])
    const h = compile((x: Tensor, y?: Tensor) => (y === undefined ? x : x.add(y)))
    expect([h(tensor(1)).item(), h(tensor(1), tensor(2)).item(), h(tensor(4)).item()]).toEqual([1, 3, 4])
  })

  test('programFor makes the program and does not run it', () => {
    const w = new Parameter(tensor([1]), 'w')
    const f = compile(() => w.assign(w.add(1)))
    const program = f.programFor()
    expect([f.programs, w.toArray()]).toEqual([1, [1]])
    f()
    expect(f.programFor()).toBe(program)
    expect(w.toArray()).toEqual([2])
  })

  test('what is captured is a constant, unless it is a parameter', () => {
    let scale = 2
    let offset: Tensor = tensor([1, 1])
    const w = new Parameter(tensor([1, 1]), 'w')
    const f = compile((x: Tensor) =>
      x
        .mul(scale)
        .add(offset as never)
        .add(w as never),
    )
    expect(f(tensor([1, 2])).toArray()).toEqual([4, 6])
    scale = 100
    offset = tensor([100, 100])
    w.assign(tensor([5, 5]))
    expect(f(tensor([1, 2])).toArray()).toEqual([8, 10])
    // A new shape is traced anew, with what is captured then.
    expect(f(tensor([[1, 2]])).toArray()).toEqual([[205, 305]])
  })

  test('settings are checked', () => {
    const f = (x: Tensor): Tensor => x
    expect(() => compile(f, { thread: 2 } as never)).toThrow("knows no 'thread'; did you mean threads?")
    expect(() => compile(f, { programs: 0 })).toThrow('programs must be a whole number from 1 up, got 0')
    for (const threads of [0, -1, 1.5, Number.NaN, 'many' as never])
      expect(() => compile(f, { threads })).toThrow("threads must be 'all' or a whole number from 1 up")
    expect(() => compile(3 as never)).toThrow('takes a function')
  })
})

describe('refused, with words that help', () => {
  const READS: Readonly<Record<string, (x: Tensor) => unknown>> = {
    'item()': x => x.sum().item(),
    'data()': x => x.data(),
    'toArray()': x => x.toArray(),
    'toString()': x => `${x}`,
    'JSON.stringify': x => JSON.stringify(x),
    'a comparison': x => (x.sum() as never) > 1,
    'a condition on item()': x => (x.sum().item() > 0 ? x : x.mul(2)),
    'console.log': x => console.log(x),
  }
  test.each(Object.keys(READS))('reading a value: %s', name => {
    const f = compile((x: Tensor) => READS[name]!(x))
    expect(() => f(tensor([1]))).toThrow(GraphError)
    expect(() => f(tensor([1]))).toThrow('return what you want to look at and read it outside')
    expect(f.programs).toBe(0)
  })

  test('a promise, and what may change unseen', () => {
    expect(() => compile(async (x: Tensor) => x)(tensor(1))).toThrow('returned a promise')
    const f = compile((x: unknown) => x)
    for (const container of [new Map([['x', tensor(1)]]), new Set([1]), new Float32Array(2)])
      expect(() => f(container)).toThrow('pass tensors, arrays and plain records')
  })

  test('plain numbers of a generator', () => {
    const rng = new Rng(0)
    expect(() => compile(() => tensor(rng.next()))()).toThrow('would be the same in every run')
    expect(rng.state.counter).toBe(0)
  })
})

describe('gradients of what is outside', () => {
  test('an argument that wants a gradient gets it: the function runs as it stands', () => {
    const f = compile((x: Tensor) => x.square().sum())
    const x = tensor([3, 4], { requiresGrad: true })
    f(tensor([1, 1]))
    f(x).backward()
    expect(x.grad!.toArray()).toEqual([6, 8])
    expect(noGrad(() => f(x)).item()).toBe(25)
  })

  test('so does a captured tensor', () => {
    const x = tensor([3, 4], { requiresGrad: true })
    const f = compile((y: Tensor) => x.mul(y as never).sum())
    f(tensor([1, 2])).backward()
    expect(x.grad!.toArray()).toEqual([1, 2])
    f(tensor([1, 2])).backward()
    expect(x.grad!.toArray()).toEqual([2, 4])
    const g = compile((y: Tensor) => {
      x.mul(y as never)
        .sum()
        .backward()
      return y
    })
    g(tensor([1, 1]))
    expect(x.grad!.toArray()).toEqual([3, 5])
    expect(() => g.programFor(tensor([1, 1]))).toThrow('make parameters of them')
  })

  test('what transforms inside of the function differentiate by is its own: a penalty on a gradient is a program', () => {
    const make = () => {
      const model = new nn.Dense(2, 1, { rng: new Rng(0), dtype: 'float64' })
      const optimizer = new nn.SGD(nn.parameters(model), { learningRate: 0.1 })
      const fixed = tensor([[1, 2]], { dtype: 'float64' })
      const step = (x: Tensor): Tensor => {
        const slope = (at: Tensor): Tensor =>
          grad(
            (z: Tensor) =>
              model
                .forward(z as never)
                .tanh()
                .sum() as Tensor<[]>,
          )(at) as Tensor
        const loss = slope(x).square().sum().add(slope(fixed).square().sum())
        loss.backward()
        optimizer.step()
        return loss
      }
      return { model, step }
    }
    const [eager, compiled] = [make(), make()]
    const step = compile(compiled.step)
    const x = tensor([[3, -4]], { dtype: 'float64' })
    expect(step.programFor(x).graph.parameters).toHaveLength(2)
    for (let i = 0; i < 3; i++) expectClose(step(x).item(), eager.step(x).item())
    expectClose(numbers(nn.stateOf(compiled.model)), numbers(nn.stateOf(eager.model)))
  })

  test('inside of transforms and of other compiled functions it is just the function', () => {
    const f = compile((x: Tensor) => x.square().sum())
    expect(grad(f)(tensor([5, 6])).toArray()).toEqual([10, 12])
    const rows = tensor([
      [5, 6],
      [1, 2],
    ])
    expect(vmap(f)(rows).toArray()).toEqual([61, 5])
    expect(jvp(f, tensor([5, 6]), tensor([1, 0])).tangent.item()).toBe(10)
    expect(compile((x: Tensor) => f(x).mul(2))(tensor([5, 6])).item()).toBe(122)
    expect(compile(grad(f))(tensor([5, 6])).toArray()).toEqual([10, 12])
    expect(compile(vmap(f))(rows).toArray()).toEqual([61, 5])
    expect(
      grad((v: Tensor) => compile((x: Tensor) => x.mul(v))(tensor([1, 2])).sum())(tensor([5, 6])).toArray(),
    ).toEqual([1, 2])
  })

  test('parameters that others stand in for are those others', () => {
    const model = new nn.Dense(2, 1, { rng: new Rng(0) })
    const forward = compile((x: Tensor) => model.forward(x as never) as Tensor)
    const x = tensor([[1, 2]])
    expect(forward(x).toArray()).toEqual(model.forward(x as never).toArray())
    const ones = { weight: model.weight.mul(0).add(1), bias: model.bias!.mul(0) }
    const found = nn.functionalCall(
      { forward: (y: Tensor) => forward(y), ...{ weight: model.weight, bias: model.bias } } as never,
      ones as never,
      x as never,
    ) as Tensor
    expect(found.toArray()).toEqual([[3]])
  })

  test('so are default dtypes', () => {
    const f = compile((x: Tensor) => x.add(zeros([2]) as never).add(tensor([0.1, 0.2]) as never))
    const x = tensor([1, 2])
    expect(f(x).dtype).toBe('float32')
    withDefaultDType('float64', () => {
      expect(f(x).dtype).toBe('float64')
      expect(f(x).toArray()).toEqual([1.1, 2.2])
    })
    expect(f(x).dtype).toBe('float32')
    expect(f.programs).toBe(2)
  })

  test('recording or not are two programs', () => {
    const w = new Parameter(tensor([1, 2]), 'w')
    const f = compile((x: Tensor) => {
      w.mul(x as never)
        .sum()
        .backward()
      return x
    })
    f(tensor([1, 2]))
    expect(() => noGrad(() => f(tensor([1, 2])))).toThrow('was not recorded')
    f(tensor([1, 2]))
    expect(w.grad!.toArray()).toEqual([2, 4])
  })
})

/** A network with all that changes from step to step, and a step of its training. */
function setUp({ learningRate = 0.01 } = {}) {
  const rng = new Rng(3)
  const model = nn.sequential(
    new nn.Dense(3, 8, { rng }),
    new nn.BatchNorm(8),
    relu,
    new nn.Dropout(0.4),
    new nn.Dense(8, 3, { rng }),
  )
  const optimizer = new nn.AdamW(nn.decayGroups(model, { weightDecay: 0.1 }), {
    learningRate,
    // Where a gradient is nothing but rounding errors, Adam would make whole steps of them.
    epsilon: 0.01,
  })
  const captured = new Rng(11)
  const step = (x: Tensor, y: Tensor, rng: Rng): Tensor => {
    const noisy = x.add(captured.normal([4, 3], { std: 0.1 }) as Tensor)
    const loss = nn.crossEntropy(model.forward(noisy as Tensor<[number, 3]>, { training: true, rng }), y)
    loss.backward()
    nn.clipGradientNorm(nn.parameters(model), 1)
    optimizer.step()
    return loss
  }
  return { model, optimizer, captured, step, rng: new Rng(17) }
}

type SetUp = ReturnType<typeof setUp>

const batch = (i: number): Tensor => new Rng(100 + i).normal([4, 3]) as Tensor
const labels = tensor([0, 1, 2, 1], { dtype: 'int32' })

/** What a step leaves, but for rounding. */
const left = ({ model, optimizer, captured, rng }: SetUp): unknown =>
  numbers([nn.stateOf(model), optimizer.state, captured.state, rng.state])

/** Whether two states are equal but for the last digits. */
function expectClose(found: unknown, expected: unknown): void {
  if (typeof expected === 'number') {
    const bound = 1e-4 * Math.max(1, Math.abs(expected))
    if (Math.abs((found as number) - expected) > bound) expect(found).toBe(expected)
  } else if (typeof expected === 'object' && expected !== null) {
    expect(Object.keys(found as object)).toEqual(Object.keys(expected))
    for (const [key, value] of Object.entries(expected)) expectClose((found as never)[key], value)
  } else expect(found).toEqual(expected)
}

const OPTIONS: Readonly<Record<string, CompileOptions>> = {
  'one thread': { threads: 1 },
  threads: { threads: 3 },
}

describe.each(Object.entries(OPTIONS))('a training step on %s', (_, options) => {
  const two = (): [SetUp, SetUp, Compiled<[Tensor, Tensor, Rng], Tensor>] => {
    const [eager, compiled] = [setUp(), setUp()]
    return [eager, compiled, compile(compiled.step, options)]
  }

  test('leaves what eager code leaves: dropout, noise, statistics, rates that change, saved states', () => {
    const [eager, compiled, step] = two()
    const saved: [unknown, string][] = []
    for (let i = 0; i < 12; i++) {
      for (const { optimizer } of [eager, compiled]) optimizer.learningRate = 0.01 / (i + 1)
      const expected = eager.step(batch(i), labels, eager.rng)
      const found =
        i === 5 ? compiled.step(batch(i), labels, compiled.rng) : step(batch(i), labels, compiled.rng)
      expectClose(found.item(), expected.item())
      expectClose(left(compiled), left(eager))
      const state = [nn.stateOf(compiled.model), compiled.optimizer.state]
      saved.push([state, JSON.stringify(state)])
    }
    // What was read before is not what later steps have made of it.
    for (const [state, text] of saved) expect(JSON.stringify(state)).toBe(text)
    expect(step.programs).toBe(1)
    const restored = saved[3]![0] as [never, never]
    for (const { model, optimizer } of [eager, compiled]) {
      nn.loadState(model, restored[0])
      optimizer.loadState(restored[1])
    }
    for (let i = 0; i < 3; i++) {
      eager.step(batch(i), labels, eager.rng)
      step(batch(i), labels, compiled.rng)
      expectClose(left(compiled), left(eager))
    }
  })

  test('a run that fails has not happened, and the next one works', () => {
    const [eager, compiled, step] = two()
    for (let i = 0; i < 3; i++) {
      eager.step(batch(i), labels, eager.rng)
      step(batch(i), labels, compiled.rng)
    }
    const before = JSON.stringify(numbers([nn.stateOf(compiled.model), compiled.optimizer.state]))
    const grads = nn.parameters(compiled.model).map(p => p.grad)
    const wrong = tensor([0, 1, 3, 1], { dtype: 'int32' })
    for (let i = 0; i < 10; i++) {
      expect(() => step(batch(3), wrong, compiled.rng)).toThrow('crossEntropy')
      const after = JSON.stringify(numbers([nn.stateOf(compiled.model), compiled.optimizer.state]))
      expect(after).toBe(before)
    }
    expect(nn.parameters(compiled.model).map(p => p.grad)).toEqual(grads)
    // Generators go on, as they do when eager code fails: the passed one is put back, the captured one has drawn.
    compiled.captured.state = eager.captured.state
    expect(compiled.rng.state).toEqual(eager.rng.state)
    eager.step(batch(4), labels, eager.rng)
    step(batch(4), labels, compiled.rng)
    expectClose(left(compiled), left(eager))
  })

  test('a failure in one of several steps leaves nothing of the others', () => {
    const w = new Parameter(new Rng(0).normal([64, 64]), 'w')
    const table = new Parameter(new Rng(1).normal([5, 64]), 'table')
    const optimizer = new nn.SGD([w, table], { learningRate: 0.1, momentum: 0.9 })
    const step = compile((rows: Tensor) => {
      w.square().sum().backward()
      optimizer.step()
      w.assign(w.mul(0.5))
      return table.gather(0, rows).sum().mul(w.sum())
    }, options)
    const rows = (k: number): Tensor => tensor([[0], [k]], { dtype: 'int32' })
    step(rows(1))
    const before = JSON.stringify(numbers([w, table, optimizer.state]))
    const memory = w.matmul(w)
    const text = JSON.stringify(memory)
    expect(() => step(rows(7))).toThrow()
    expect(JSON.stringify(numbers([w, table, optimizer.state]))).toBe(before)
    expect(JSON.stringify(w.matmul(w))).toBe(text)
    step(rows(2))
    expect(JSON.stringify(numbers([w, table, optimizer.state]))).not.toBe(before)
  })
})

describe('around a step', () => {
  const make = () => {
    const w = new Parameter(
      tensor([
        [1, 2],
        [3, 4],
      ]),
      'w',
    )
    const step = (x: Tensor): Tensor => {
      const loss = w.mul(x as never).sum()
      loss.backward()
      w.assign(w.sub(w.grad!.mul(0.5)))
      return loss
    }
    return { w, step }
  }
  const ones = tensor([
    [1, 1],
    [1, 1],
  ])

  test('parameters may be read, viewed, assigned and stepped eagerly in between; old views keep old values', () => {
    const [eager, compiled] = [make(), make()]
    const step = compile(compiled.step)
    const views: [Tensor, unknown][] = []
    for (let i = 0; i < 6; i++) {
      expect(step(ones).item()).toBe(eager.step(ones).item())
      expect(compiled.w.toArray()).toEqual(eager.w.toArray())
      const seen = noGrad(() => [compiled.w.transpose(), compiled.w.slice(1), compiled.w.reshape([4])])
      for (const view of seen) views.push([view as Tensor, view.toArray()])
      if (i === 1) for (const { w } of [eager, compiled]) w.assign(w.transpose().mul(2))
      if (i === 3) for (const one of [eager, compiled]) one.step(ones)
      if (i === 4) for (const { w } of [eager, compiled]) w.assign(tensor([1, 2, 3, 4], { shape: [2, 2] }))
    }
    for (const [view, values] of views) expect(view.toArray()).toEqual(values)
  })

  test('a view that is first looked at after later steps shows the values that it was taken at', () => {
    const { w, step } = make()
    const run = compile(step)
    run(ones)
    const view = noGrad(() => w.transpose())
    run(ones)
    run(ones)
    expect(view.toArray()).toEqual([
      [0.5, 2.5],
      [1.5, 3.5],
    ])
  })

  test('programs that share parameters see each other', () => {
    const { w, step } = make()
    const train = compile(step)
    const evaluate = compile((x: Tensor) => noGrad(() => w.mul(x as never).sum()))
    const twice = compile(() => w.assign(w.mul(2)))
    expect(evaluate(ones).item()).toBe(10)
    train(ones)
    expect(evaluate(ones).item()).toBe(8)
    twice()
    expect(evaluate(ones).item()).toBe(16)
    train(ones)
    expect([evaluate(ones).item(), w.toArray()]).toEqual([
      14,
      [
        [0.5, 2.5],
        [4.5, 6.5],
      ],
    ])
    // Another shape is another program of the same function.
    train(tensor([1, 1]))
    train(ones)
    expect(evaluate(ones).item()).toBe(10)
  })

  test('gradients without a step are left like those of eager code, and add up', () => {
    const results = [false, true].map(isCompiled => {
      const w = new Parameter(tensor([1, 2]), 'w')
      const pass = (x: Tensor): void =>
        w
          .mul(x as never)
          .square()
          .sum()
          .backward()
      const run = isCompiled ? compile(pass) : pass
      const seen: unknown[] = []
      const look = (): void => void seen.push(w.grad?.toArray())
      run(tensor([1, 1]))
      look()
      run(tensor([2, 1]))
      look()
      pass(tensor([1, 3]))
      look()
      run(tensor([1, 1]))
      look()
      w.assign(tensor([5, 5]))
      run(tensor([1, 1]))
      look()
      w.grad = null
      run(tensor([1, 1]))
      look()
      const optimizer = new nn.SGD([w], { learningRate: 0.5 })
      optimizer.step()
      seen.push(w.toArray())
      run(tensor([1, 1]))
      look()
      return seen
    })
    expect(results[1]).toEqual(results[0])
  })

  test('gradients that wait outside are part of the next step, from eager code or from another program', () => {
    const make = (run: typeof compile) => {
      const rng = new Rng(0)
      const model = new nn.Dense(3, 2, { rng, dtype: 'float64' })
      const recurrent = new nn.RNN(2, 2, { rng, dtype: 'float64' })
      const all = nn.parameters({ model, recurrent })
      const optimizer = new nn.Adam(all, { learningRate: 0.1 })
      const loss = (x: Tensor): Tensor =>
        recurrent
          .forward(model.forward(x as never) as never)
          .square()
          .sum()
      const gather = (x: Tensor): Tensor => {
        const found = loss(x)
        found.backward()
        return found
      }
      const last = (x: Tensor): Tensor => {
        const found = gather(x)
        nn.clipGradientNorm(all, 0.5)
        optimizer.step()
        return found
      }
      const clear = (x: Tensor): Tensor => {
        optimizer.zeroGrad()
        return last(x)
      }
      const finish = (): void => void optimizer.step()
      const head = (x: Tensor): Tensor => {
        const found = model.forward(x as never).sum() as Tensor
        found.backward()
        optimizer.step()
        return found
      }
      const functions = {
        gather: run(gather),
        last: run(last),
        clear: run(clear),
        finish: run(finish),
        head: run(head),
      }
      return { all, optimizer, eagerly: gather, ...functions }
    }
    const [eager, compiled] = [make(((f: unknown) => f) as never), make(compile)]
    const order = [
      'last',
      'gather',
      'gather',
      'last',
      'eagerly',
      'last',
      'gather',
      'clear',
      'eagerly',
      'finish',
    ] as const
    const calls = [
      ...order,
      'last',
      'clear',
      'gather',
      'head',
      'gather',
      'eagerly',
      'finish',
      'last',
      ...order,
    ] as const
    for (const [i, name] of calls.entries()) {
      const x = new Rng(i).normal([2, 4, 3], { dtype: 'float64' }) as Tensor
      for (const side of [eager, compiled]) side[name](x)
      const [found, expected] = [compiled, eager].map(({ all, optimizer }) => numbers([all, optimizer.state]))
      expectClose(found, expected)
    }
    expect(compiled.gather.programs).toBe(1)
    expect(compiled.last.programs).toBe(2)
  })

  test('a frozen parameter stays, and learns again when it is thawed', () => {
    const run = (isCompiled: boolean): unknown => {
      const [a, b] = [new Parameter(tensor([1, 2]), 'a'), new Parameter(tensor([3, 4]), 'b')]
      const optimizer = new nn.SGD([a, b], { learningRate: 0.1 })
      const body = (x: Tensor): Tensor => {
        const loss = a
          .mul(b)
          .mul(x as never)
          .sum()
        loss.backward()
        optimizer.step()
        return loss
      }
      const step = isCompiled ? compile(body) : body
      const seen: unknown[] = []
      for (const trainable of [true, false, false, true]) {
        a.trainable = trainable
        seen.push(step(tensor([1, 1])).item(), a.toArray(), b.toArray())
      }
      return seen
    }
    expectClose(run(true), run(false))
  })

  test('a schedule and an average go on', () => {
    const run = (isCompiled: boolean): unknown => {
      const w = new Parameter(tensor([1, 2]), 'w')
      const optimizer = new nn.SGD([w], { learningRate: 0.1, momentum: 0.5 })
      const scheduler = new nn.Scheduler(optimizer, nn.cosineAnnealing({ steps: 5 }))
      const average = new nn.ExponentialMovingAverage([w], { decay: 0.9 })
      const body = (x: Tensor): Tensor => {
        const loss = w
          .mul(x as never)
          .square()
          .sum()
        loss.backward()
        optimizer.step()
        scheduler.step()
        average.update()
        return loss
      }
      const step = isCompiled ? compile(body) : body
      const seen: unknown[] = []
      for (let i = 0; i < 6; i++)
        seen.push(step(tensor([1, 0.5])).item(), numbers([scheduler.state, average.state, optimizer.state]))
      return seen
    }
    expectClose(run(true), run(false))
  })

  test('a layer that is swapped for another one is not seen: what a function captures is traced once', () => {
    const rng = new Rng(0)
    const model: { layer: nn.Dense } = { layer: new nn.Dense(2, 1, { rng }) }
    const forward = (x: Tensor): Tensor => model.layer.forward(x as never) as Tensor
    const run = compile(forward)
    const x = tensor([[1, 2]])
    const before = run(x).toArray()
    model.layer = new nn.Dense(2, 1, { rng })
    expect(run(x).toArray()).toEqual(before)
    expect(compile(forward)(x).toArray()).toEqual(forward(x).toArray())
  })

  test('what throws while it is traced leaves everything as it was, and the next call works', () => {
    const [eager, compiled] = [setUp(), setUp()]
    let isBroken = true
    const step = compile((x: Tensor, y: Tensor, rng: Rng) => {
      const loss = compiled.step(x, y, rng)
      if (isBroken) throw new RangeError('not today')
      return loss
    })
    const before = JSON.stringify(left(compiled))
    expect(() => step(batch(0), labels, compiled.rng)).toThrow('not today')
    expect(JSON.stringify(left(compiled))).toBe(before)
    expect(nn.parameters(compiled.model).every(p => p.grad === null)).toBe(true)
    isBroken = false
    eager.step(batch(0), labels, eager.rng)
    step(batch(0), labels, compiled.rng)
    expectClose(left(compiled), left(eager))
  })
})

describe('generators as arguments', () => {
  test('draw what they draw in eager code, another one in each call, the same one twice', () => {
    const body = (x: Tensor, a: Rng, b: Rng): readonly Tensor[] => [
      x.add(a.normal([2]) as never),
      b.uniform([2]) as Tensor,
      bernoulli(a, x.sigmoid()),
      dropoutMask(b.split(2)[1], [4], 0.5),
      a.foldIn(3).normal([2]) as Tensor,
    ]
    const f = compile(body)
    const x = tensor([0.1, 0.2])
    const [p, q] = [new Rng(1), new Rng(1)]
    const [r, s] = [new Rng(2), new Rng(2)]
    for (let i = 0; i < 4; i++) {
      const pairs = i === 3 ? [[p, p] as const, [q, q] as const] : [[p, r] as const, [q, s] as const]
      const [found, expected] = [f(x, ...pairs[0]!), body(x, ...pairs[1]!)]
      expectClose(numbers(found), numbers(expected))
      expect([p.state, r.state]).toEqual([q.state, s.state])
    }
    // One generator in two places is another function than two of them.
    expect(f.programs).toBe(2)
  })

  test('come back as results, those that were passed and those that were derived', () => {
    const body = (rng: Rng): { noise: Tensor; child: Rng; rng: Rng } => {
      const [a, child] = rng.split(2)
      return { noise: a.normal([2]) as Tensor, child, rng }
    }
    const f = compile(body)
    const [p, q] = [new Rng(1), new Rng(1)]
    const [found, expected] = [
      [f(p), f(p)],
      [body(q), body(q)],
    ]
    for (const [i, { noise, child, rng }] of found.entries()) {
      expect(rng).toBe(p)
      expect(noise.toArray()).toEqual(expected[i]!.noise.toArray())
      expect(child.state).toEqual(expected[i]!.child.state)
    }
  })
})

describe('assignments that read what they overwrite', () => {
  const BODIES: Readonly<Record<string, (w: Parameter, v: Parameter) => void>> = {
    'two change places': (w, v) => {
      const old = w.reshape([2, 2])
      w.assign(v)
      v.assign(old as Tensor)
    },
    'one is transposed': w => w.assign(w.transpose() as Tensor),
    'one is added to its transpose': w => w.assign(w.transpose().add(w as never) as Tensor),
    'one is turned around': w => w.assign(w.flip([0, 1]) as Tensor),
    'one is multiplied by itself': w => w.assign(w.matmul(w as never) as Tensor),
    'one is compared with its largest': w => w.assign(w.sub(w.max()) as Tensor),
    'one gets its first row': w => w.assign(w.add(w.slice([0, 1]) as never) as Tensor),
    'both get the same': (w, v) => {
      const sum = w.add(v as never)
      w.assign(sum as Tensor)
      v.assign(sum as Tensor)
    },
    'one is assigned twice': (w, v) => {
      w.assign(w.add(1) as Tensor)
      v.assign(w.mul(v as never) as Tensor)
      w.assign(w.sub(v as never) as Tensor)
    },
  }
  test.each(Object.keys(BODIES))('%s', name => {
    const make = () => [
      new Parameter(tensor([1, 2, 3, 4], { shape: [2, 2] }) as Tensor, 'w'),
      new Parameter(tensor([5, 6, 7, 8], { shape: [2, 2] }) as Tensor, 'v'),
    ]
    const [eager, compiled] = [make(), make()]
    const run = compile(() => BODIES[name]!(compiled[0]!, compiled[1]!))
    for (let i = 0; i < 3; i++) {
      BODIES[name]!(eager[0]!, eager[1]!)
      run()
      expect(numbers(compiled)).toEqual(numbers(eager))
    }
  })
})

describe('found by the suite over all engines', () => {
  test('reductions over no axes, beside others in one pass', () => {
    const f = (x: Tensor): Tensor[] =>
      [x.sum([]), x.mul(2).max([]), x.exp().mean([]).add(x.sum())] as Tensor[]
    const x = tensor([1, 2, 3]) as Tensor
    expectClose(numbers(compile(f)(x)), numbers(f(x)))
  })

  test('buffers without elements that are read', () => {
    const f = (x: Tensor): Tensor[] =>
      [x.sum(0), x.exp().matmul(x.transpose() as never), x.mul(2)] as Tensor[]
    const x = tensor([], { shape: [0, 2] }) as Tensor
    expect(numbers(compile(f)(x))).toEqual(numbers(f(x)))
  })

  test('passes over the same elements that wait for each other are not joined', () => {
    const f = (x: Tensor, y: Tensor): Tensor[] => {
      const [means, wide] = [y.exp(), y.tanh()]
      const turned = x.flip([1]).sum(1, { keepDims: true })
      const mask = wide.greater(means.max() as never)
      return [mask, where(mask, wide.sin() as never, turned.mul(means.sum()) as never), turned] as Tensor[]
    }
    const [x, y] = [new Rng(0).normal([2, 3]), new Rng(1).normal([2, 1])] as Tensor[]
    expectClose(numbers(compile(f)(x!, y!)), numbers(f(x!, y!)))
  })
})
