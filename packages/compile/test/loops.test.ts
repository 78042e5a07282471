// Loops: `scan` in compiled functions is one loop, and computes what it computes outside of them, gradients included.
import {
  checkpoint,
  customVjp,
  gradients,
  jvp,
  onGradient,
  Parameter,
  Rng,
  scan,
  type Tensor,
  tanh,
  tensor,
  uniform,
  vmap,
  where,
  zeros,
} from '@adjoint/core'
import { loopPrimitive, trace } from '@adjoint/core/engine'
import { GRU, LSTM, parameters, RNN, SGD } from '@adjoint/nn'
import { runTrace } from '@adjoint/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compile } from '../src/index.ts'
import { isLoop } from '../src/plan/schedule.ts'
import type { Program } from '../src/program.ts'
import { elementsOf } from './support/runGraph.ts'

/** Loops of a program. */
const loopsOf = (program: Program): number => program.schedule.steps.filter(isLoop).length

/** That all tensors are equal up to the rounding of their dtypes, relative to the largest element of each. */
function expectClose(found: readonly Tensor[], wanted: readonly Tensor[], ulps = 64): void {
  expect(found.map(x => `${x.dtype} ${x.shape}`)).toEqual(wanted.map(x => `${x.dtype} ${x.shape}`))
  for (const [k, x] of found.entries()) {
    const [a, b] = [elementsOf(x), elementsOf(wanted[k]!)]
    const unit = x.dtype === 'float32' ? 2 ** -24 : x.dtype === 'float64' ? 2 ** -53 : 0
    const bound = ulps * unit * Math.max(1, ...b.map(Math.abs))
    for (const [i, value] of a.entries()) {
      if (!(Math.abs(value - b[i]!) <= bound))
        expect.fail(`tensor ${k}, element ${i}: ${value}, wanted ${b[i]}`)
    }
  }
}

const draw = (seed: number, shape: number[], dtype: 'float32' | 'float64' = 'float32'): Tensor =>
  new Rng(seed).normal(shape, { dtype, std: 0.7 }) as Tensor

/** A body of random ops, as a list of choices: the same choices make the same body. */
interface Plan {
  readonly dtype: 'float32' | 'float64'
  readonly length: number
  readonly reverse: boolean
  readonly keep: 'steps' | 'states'
  readonly states: number
  readonly sequences: number
  readonly outputs: number
  readonly choices: readonly number[]
}

const plans: fc.Arbitrary<Plan> = fc.record({
  dtype: fc.constantFrom('float32' as const, 'float64' as const),
  length: fc.integer({ min: 1, max: 8 }),
  reverse: fc.boolean(),
  keep: fc.constantFrom('steps' as const, 'states' as const),
  states: fc.integer({ min: 1, max: 3 }),
  sequences: fc.integer({ min: 0, max: 2 }),
  outputs: fc.integer({ min: 0, max: 3 }),
  choices: fc.array(fc.nat(10_000), { minLength: 14, maxLength: 14 }),
})

/** What a plan computes: last states, outputs, and the gradients of a sum over them with respect to everything. */
function programOf({ length, reverse, keep, states, outputs, choices }: Plan) {
  return (
    initial: readonly Tensor[],
    sequences: readonly Tensor[],
    weight: Tensor,
    bias: Tensor,
  ): Tensor[] => {
    const inputs = [...initial, ...sequences, weight, bias].map(x => {
      const leaf = x.mul(1) as Tensor
      leaf.requiresGrad = true
      return leaf
    })
    const first = inputs.slice(0, states)
    const slices = inputs.slice(states, states + sequences.length)
    const [w, b] = inputs.slice(-2) as [Tensor, Tensor]
    const step = (carry: readonly Tensor[], x: readonly Tensor[] | null) => {
      const values: Tensor[] = [...carry, ...(x ?? []), b]
      let at = 0
      const pick = (count: number): number => choices[at++ % choices.length]! % count
      const some = (): Tensor => values[pick(values.length)]!
      for (let k = 0; k < 5; k++) {
        const kind = pick(8)
        if (kind <= 1) values.push(some().matmul(w as never))
        else if (kind === 2) values.push(some().add(some() as never) as Tensor)
        else if (kind === 3)
          values.push(
            some()
              .mul(some() as never)
              .tanh() as Tensor,
          )
        else if (kind === 4) values.push(some().sigmoid())
        else if (kind === 5) values.push(where(some().greater(0), some() as never, w.sum(0) as never))
        else if (kind === 6) values.push(some().sub(some().sum(-1, { keepDims: true }) as never) as Tensor)
        else values.push(some().mul(tensor([[0.5, -1, 2]], { dtype: b.dtype }) as never) as Tensor)
      }
      const shape = carry[0]!.shape
      const shaped = values.map(
        x =>
          (x.rank === 2 && x.shape[0] === shape[0]
            ? x
            : x.add(zeros(shape, { dtype: b.dtype }) as never)) as Tensor,
      )
      const next = carry.map((_, k) => {
        const value = shaped[pick(shaped.length)]!
        return pick(4) === 0
          ? value
          : (value.tanh().add((carry[(k + 1) % states] as Tensor).mul(0.25) as never) as Tensor)
      })
      const out = outputs === 0 ? null : Array.from({ length: outputs }, () => shaped[pick(shaped.length)]!)
      return [next, out] as const
    }
    const options = sequences.length === 0 ? { length, reverse, keep } : { reverse, keep }
    const [last, all] = scan(
      step as never,
      first as never,
      (slices.length === 0 ? null : slices) as never,
      options,
    ) as unknown as [Tensor[], Tensor[] | null]
    const results = [...last, ...(all ?? [])]
    const wanted = results.filter((_, k) => choices[k]! % 3 > 0)
    const weighted = (wanted.length === 0 ? results : wanted).map(
      (x, k) =>
        x
          .mul(k + 1)
          .tanh()
          .sum() as Tensor,
    )
    const loss = weighted.reduce((sum, x) => sum.add(x) as Tensor)
    return [...results, ...gradients(loss, inputs)]
  }
}

describe('random bodies', () => {
  test('compiled, states, outputs and gradients are those of eager code', () => {
    fc.assert(
      fc.property(plans, fc.nat(1000), (plan, seed) => {
        const { dtype, states, length } = plan
        const initial = Array.from({ length: states }, (_, k) => draw(seed + k, [2, 3], dtype))
        const sequences = Array.from({ length: plan.sequences }, (_, k) =>
          draw(seed + 10 + k, [length, 2, 3], dtype),
        )
        const given = [
          initial,
          sequences,
          draw(seed + 20, [3, 3], dtype),
          draw(seed + 21, [3], dtype),
        ] as const
        const f = programOf(plan)
        const compiled = compile(f)
        const loops = loopsOf(compiled.programFor(...given))
        expect(loops > 0).toBe(length >= 4)
        expectClose(compiled(...given), f(...given), 4096)
      }),
      { numRuns: 60 },
    )
  })
})

/** A cell with a captured weight, several outputs, and a loss over all of them. */
function cellStep(
  w: Parameter,
  b: Parameter,
  length: number,
  options: { reverse?: boolean; keep?: 'steps' | 'states' } = {},
) {
  const x = draw(1, [length, 4, 3])
  const start = draw(2, [4, 5])
  const f = (x: Tensor, start: Tensor) => {
    const [last, all] = scan(
      (h: Tensor, x: Tensor) => {
        const next = tanh(
          h
            .matmul(w as never)
            .add(x.sum(-1, { keepDims: true }) as never)
            .add(b as never),
        ) as Tensor
        return [next, next.square()] as const
      },
      start,
      x,
      options,
    )
    const loss = (last as Tensor).sum().add((all as Tensor).mean())
    loss.backward()
    return loss
  }
  return { f, given: [x, start] as const }
}

const weights = (): [Parameter, Parameter] => [
  new Parameter(draw(3, [5, 5]).mul(0.4) as Tensor, 'w'),
  new Parameter(draw(4, [5]), 'b'),
]

describe('the program of a loop', () => {
  test.each([{}, { reverse: true }, { keep: 'states' as const }, { keep: 'states' as const, reverse: true }])(
    'gradients of captured parameters, %o',
    options => {
      const run = (isCompiled: boolean): Tensor[] => {
        const [w, b] = weights()
        const { f, given } = cellStep(w, b, 9, options)
        const loss = (isCompiled ? compile(f) : f)(...given)
        return [loss, w.grad!, b.grad!]
      }
      expectClose(run(true), run(false))
    },
  )

  test('a trace with loops, run turn by turn from the trace', () => {
    for (const keep of ['steps', 'states'] as const) {
      const [w, b] = weights()
      const { f, given } = cellStep(w, b, 6, { keep, reverse: true })
      const wanted = [f(...given), w.grad!, b.grad!]
      for (const p of [w, b]) p.grad = null
      const traced = trace(given, ([x, start]) => [f(x!, start!)])
      expect(traced.calls.filter(({ primitive }) => primitive === loopPrimitive)).toHaveLength(2)
      const [loss] = runTrace(traced, given)
      expectClose([loss!, w.grad!, b.grad!], wanted)
    }
  })

  test('has as many kernels for many turns as for few', () => {
    const programs = [5, 300].map(length => {
      const { f, given } = cellStep(...weights(), length, { keep: 'steps' })
      return compile(f).programFor(...given)
    })
    const [few, many] = programs as [Program, Program]
    expect(loopsOf(many)).toBe(2)
    expect(many.schedule.kernels.map(({ name }) => name.replace(/\d+/g, 'n'))).toEqual(
      few.schedule.kernels.map(({ name }) => name.replace(/\d+/g, 'n')),
    )
  })

  test('adds up the gradient of a captured matrix in one product after the loop', () => {
    const { f, given } = cellStep(...weights(), 7, { keep: 'steps' })
    const { steps } = compile(f).programFor(...given).schedule
    const last = steps.findLastIndex(isLoop)
    const after = steps.slice(last + 1).map(step => (isLoop(step) ? 'loop' : step.name))
    expect(after.some(name => name.startsWith('matmul [5, 28] × [28, 5]'))).toBe(true)
  })

  test('computes before the loop what is the same at every turn', () => {
    const w = draw(5, [4, 4])
    const f = (w: Tensor, start: Tensor) =>
      scan((h: Tensor) => [h.mul(w.exp().sum() as never).tanh() as Tensor, null] as const, start, null, {
        length: 6,
      })[0] as Tensor
    const given = [w, draw(6, [2, 3])] as const
    const compiled = compile(f)
    const loop = compiled.programFor(...given).schedule.steps.find(isLoop)!
    expect(loop.steps.map(step => (isLoop(step) ? 'loop' : step.name)).join()).not.toContain('exp')
    expectClose([compiled(...given)], [f(...given)])
  })

  test('leaves out states and outputs that nobody reads', () => {
    const f = (x: Tensor) => {
      const step = ([a, b]: readonly Tensor[], x: Tensor) =>
        [
          [a!.add(x as never) as Tensor, b!.mul(x.exp() as never) as Tensor],
          { y: a!, z: b!.sin() as Tensor },
        ] as const
      const [, { y }] = scan(step as never, [zeros([2]), zeros([2])] as never, x as never) as unknown as [
        unknown,
        { y: Tensor },
      ]
      return y
    }
    const x = draw(7, [6, 2])
    const compiled = compile(f)
    const names = compiled
      .programFor(x)
      .schedule.kernels.map(({ name }) => name)
      .join()
    expect(names).not.toMatch(/exp|sin/)
    expectClose([compiled(x)], [f(x)], 0)
  })

  test('states that change places, that stay, and of other dtypes', () => {
    const f = (a: Tensor, b: Tensor, count: Tensor, isOn: Tensor) => {
      const step = ([a, b, count, isOn, same]: readonly Tensor[]) => {
        const next = where(isOn! as never, count!.add(1) as never, count! as never) as Tensor
        return [
          [b!, a!, next, isOn!.logicalNot() as Tensor, same!],
          [a!, count!, isOn!, tensor([7, 8])],
        ] as const
      }
      const [last, all] = scan(step as never, [a, b, count, isOn, a] as never, null as never, {
        length: 5,
      }) as unknown as [Tensor[], Tensor[]]
      return [...last, ...all]
    }
    const given = [
      draw(8, [3]),
      draw(9, [3]),
      tensor([0, 5], { dtype: 'int32' }),
      tensor([true, false]),
    ] as const
    const compiled = compile(f)
    expect(loopsOf(compiled.programFor(...given))).toBe(1)
    expectClose(compiled(...given), f(...given), 0)
  })

  test('ops without a kernel, and sequences that do not lie in order', () => {
    const f = (x: Tensor, still: Tensor, h: Tensor) => {
      const at = x.mul(1) as Tensor
      at.requiresGrad = true
      const step = (h: Tensor, [x, same, whole]: readonly Tensor[]) => {
        const next = tanh(h.mul(same! as never).add(x!.cumsum(0) as never)) as Tensor
        return [next, whole!.add(next as never)] as const
      }
      const sequences = [
        at.transpose(),
        still.reshape([1, 3]).expand([6, 3]),
        at.slice([null, null, -1]).transpose(),
      ]
      const [last, all] = scan(step as never, h as never, sequences as never) as unknown as [Tensor, Tensor]
      return [last, all, ...gradients(all.square().sum() as Tensor, [at])]
    }
    const given = [draw(1, [3, 6]), draw(2, [3]), draw(3, [3])] as const
    const compiled = compile(f)
    expect(loopsOf(compiled.programFor(...given))).toBe(2)
    expectClose(compiled(...given), f(...given), 256)
  })

  test('float64 loops of the same kernels have the same bits', () => {
    const f = (x: Tensor, h: Tensor) => {
      const [last, all] = scan(
        (h: Tensor, x: Tensor) => [h.mul(0.5).add(x as never) as Tensor, h] as const,
        h,
        x,
      )
      return [last as Tensor, all as Tensor]
    }
    const given = [draw(1, [6, 3], 'float64'), draw(2, [3], 'float64')] as const
    expectClose(compile(f)(...given), f(...given), 0)
  })
})

describe('what is not one loop', () => {
  /** Compares a function with itself compiled, and says how many loops the program has. */
  const loopsWhenEqual = <Given extends readonly Tensor[]>(
    f: (...given: Given) => readonly Tensor[],
    ...given: Given
  ): number => {
    const compiled = compile(f as never) as unknown as ((...given: Given) => Tensor[]) & {
      programFor(...given: Given): Program
    }
    const loops = loopsOf(compiled.programFor(...given))
    expectClose(compiled(...given), f(...given), 1024)
    return loops
  }
  const x = draw(1, [6, 3])
  const h = draw(2, [3])
  const cell = (w: Tensor) => (h: Tensor, x: Tensor) => {
    const next = tanh(h.mul(w as never).add(x as never)) as Tensor
    return [next, next.mul(next as never) as Tensor] as const
  }
  const lossOf = (x: Tensor, h: Tensor, w: Tensor): Tensor => {
    const [last, all] = scan(cell(w), h, x)
    return (last as Tensor).sum().add((all as Tensor).square().sum()) as Tensor
  }
  const leaf = (x: Tensor): Tensor => {
    const fresh = x.mul(1) as Tensor
    fresh.requiresGrad = true
    return fresh
  }

  test('a step that counts its calls runs turn by turn', () => {
    const f = (x: Tensor, h: Tensor) => {
      let calls = 0
      const step = (h: Tensor, x: Tensor) => [h.mul(++calls).add(x as never) as Tensor, null] as const
      return [scan(step, h, x, { keep: 'steps' })[0] as Tensor]
    }
    expect(loopsWhenEqual(f, x, h)).toBe(0)
  })

  test('a step that draws draws at every turn', () => {
    const run = (isCompiled: boolean): Tensor[] => {
      const rng = new Rng(5)
      const f = (x: Tensor, h: Tensor) =>
        scan(
          (h: Tensor, x: Tensor) => {
            const next = h.add(x.mul(uniform(rng, [3]) as never) as never) as Tensor
            return [next, next] as const
          },
          h,
          x,
        )[1] as Tensor
      const compiled = isCompiled ? compile(f) : f
      return [compiled(x, h), compiled(x, h)]
    }
    expectClose(run(true), run(false))
  })

  test('a tensor that leaves a step by the side', () => {
    const f = (x: Tensor, h: Tensor) => {
      const seen: Tensor[] = []
      scan(
        (h: Tensor, x: Tensor) => {
          seen.push(h)
          return [h.add(x as never) as Tensor, null] as const
        },
        h,
        x,
      )
      return [seen.reduce((sum, h) => sum.add(h) as Tensor)]
    }
    expect(loopsWhenEqual(f, x, h)).toBe(0)
  })

  test('a step that assigns', () => {
    const run = (isCompiled: boolean): Tensor[] => {
      const count = new Parameter(tensor(0), 'count', { trainable: false })
      const f = (x: Tensor, h: Tensor) =>
        scan(
          (h: Tensor, x: Tensor) => {
            count.assign(count.add(1) as never)
            return [h.add(x.mul(count as never) as never) as Tensor, null] as const
          },
          h,
          x,
        )[0] as Tensor
      const result = (isCompiled ? compile(f) : f)(x, h)
      return [result, tensor(count.item())]
    }
    expectClose(run(true), run(false))
  })

  test('a parameter gets what a loop has made of a part of it, at every turn of the old part', () => {
    const results = [false, true].map(isCompiled => {
      const w = new Parameter(new Rng(5).normal([6, 3]), 'w')
      const body = (xs: Tensor): Tensor => {
        const step = (sum: Tensor, x: Tensor) => {
          const y = w.slice([0, 1]).reshape([3]).mul(x) as Tensor
          return [sum.add(y) as Tensor, y] as const
        }
        const [sum, ys] = scan(step, zeros([3]) as Tensor, xs)
        w.assign(ys)
        return sum
      }
      const run = isCompiled ? compile(body) : body
      return [run(new Rng(6).normal([6, 3]) as Tensor), w as Tensor]
    })
    expectClose(results[1]!, results[0]!)
  })

  test('gradients inside of a step', () => {
    const f = (x: Tensor, h: Tensor) => {
      const step = (h: Tensor, x: Tensor) => {
        const at = leaf(h)
        const [slope] = gradients(
          at
            .square()
            .mul(x as never)
            .sum() as Tensor,
          [at],
        )
        return [h.sub(slope!.mul(0.1) as never) as Tensor, null] as const
      }
      return [scan(step, h, x, { keep: 'steps' })[0] as Tensor]
    }
    expect(loopsWhenEqual(f, x, h)).toBe(1)
  })

  test('second derivatives', () => {
    const f = (x: Tensor, h: Tensor, w: Tensor) => {
      const at = leaf(w)
      const [slope] = gradients(lossOf(x, h, at), [at], { createGraph: true })
      return [slope!, ...gradients(slope!.square().sum() as Tensor, [at])]
    }
    loopsWhenEqual(f, x, h, draw(3, [3]))
  })

  test('jvp and vmap around and over a loop, and vmap of its gradient', () => {
    const tangent = (x: Tensor, h: Tensor, w: Tensor) => {
      const { value, tangent } = jvp((w: Tensor) => lossOf(x, h, w), w, h) as unknown as {
        value: Tensor
        tangent: Tensor
      }
      return [value, tangent]
    }
    loopsWhenEqual(tangent, x, h, draw(3, [3]))
    const mapped = (x: Tensor, h: Tensor, w: Tensor) => [vmap((w: Tensor) => lossOf(x, h, w))(w) as Tensor]
    loopsWhenEqual(mapped, x, h, draw(3, [4, 3]))
    const ofGradients = (x: Tensor, h: Tensor, w: Tensor) => {
      const at = leaf(w)
      const [, all] = scan(cell(at), h, x)
      const pull = vmap(
        (cotangent: Tensor) =>
          gradients(all as Tensor, [at], { cotangent: cotangent.mul(all as never) as Tensor })[0]!,
      )
      return [pull(draw(8, [2, 6, 3]) as never) as Tensor]
    }
    loopsWhenEqual(ofGradients, x, h, draw(3, [3]))
  })

  test('checkpoint around a loop and inside of its steps', () => {
    const f = (x: Tensor, h: Tensor, w: Tensor) => {
      const at = leaf(w)
      const inside = checkpoint((h: Tensor) => tanh(h.mul(at as never)) as Tensor)
      const around = checkpoint(
        (h: Tensor) =>
          scan(
            (h: Tensor, x: Tensor) => [inside(h).add(x as never) as Tensor, null] as const,
            h,
            x,
          )[0] as Tensor,
      )
      const y = around(h)
      return [y, ...gradients(y.sum() as Tensor, [at])]
    }
    expect(loopsWhenEqual(f, x, h, draw(3, [3]))).toBe(2)
  })

  test('a custom rule with loops and a checkpoint in its functions', () => {
    const last = customVjp({
      name: 'last',
      forward: (x: Tensor, h: Tensor, w: Tensor) =>
        scan(cell(w), checkpoint((h: Tensor) => h.mul(1) as Tensor)(h), x)[0] as Tensor,
      vjp: (cotangent: Tensor, { inputs: [x, h, w] }: { inputs: readonly Tensor[] }) => [
        x!.mul(0) as Tensor,
        h!.mul(cotangent as never) as Tensor,
        scan(cell(w!), cotangent, x!)[0] as Tensor,
      ],
    } as never) as unknown as (x: Tensor, h: Tensor, w: Tensor) => Tensor
    const f = (x: Tensor, h: Tensor, w: Tensor) => {
      const at = leaf(w)
      const y = last(x, h, at)
      return [y, ...gradients(y.sum() as Tensor, [at])]
    }
    // The rule is watched for what it captures while its forward function runs: that one runs turn by turn.
    expect(loopsWhenEqual(f, x, h, draw(3, [3]))).toBe(1)
  })

  test('a loop in a loop', () => {
    const f = (x: Tensor, h: Tensor, w: Tensor) => {
      const at = leaf(w)
      const step = (h: Tensor, x: Tensor) => {
        const inner = scan(
          (h: Tensor) => [tanh(h.mul(at as never).add(x as never)) as Tensor, null] as const,
          h,
          null,
          { length: 5 },
        )
        return [inner[0] as Tensor, null] as const
      }
      const last = scan(step, h, x)[0] as Tensor
      return [last, ...gradients(last.sum() as Tensor, [at])]
    }
    expect(loopsWhenEqual(f, x, h, draw(3, [3]))).toBe(2)
  })

  test('hooks on tensors of a step', () => {
    const f = (x: Tensor, h: Tensor, w: Tensor) => {
      const at = leaf(w)
      const step = (h: Tensor, x: Tensor) => {
        const inner = h.mul(at as never) as Tensor
        onGradient(inner, gradient => gradient.clip({ low: -0.1, high: 0.1 }) as Tensor)
        return [tanh(inner.add(x as never)) as Tensor, null] as const
      }
      const last = scan(step, h, x, { keep: 'steps' })[0] as Tensor
      return [last, ...gradients(last.sum() as Tensor, [at])]
    }
    expect(loopsWhenEqual(f, x, h, draw(3, [3]))).toBe(2)
  })

  test('two walks through one loop, and a walk that wants only some of it', () => {
    const f = (x: Tensor, h: Tensor, w: Tensor) => {
      const [at, start] = [leaf(w), leaf(h)]
      const [last, all] = scan(cell(at), start, x) as unknown as [Tensor, Tensor]
      return [
        ...gradients(last.sum() as Tensor, [at]),
        ...gradients(all.square().sum() as Tensor, [at, start]),
        ...gradients(all.sum().add(last.sum()) as Tensor, [start]),
      ]
    }
    loopsWhenEqual(f, x, h, draw(3, [3]))
  })
})

describe('recurrent layers', () => {
  const layers: readonly [string, () => LSTM | GRU | RNN][] = [
    ['LSTM', () => new LSTM(3, 4, { rng: new Rng(0) })],
    [
      'LSTM, both directions, two layers',
      () => new LSTM(3, 4, { rng: new Rng(0), bidirectional: true, layers: 2 }) as never,
    ],
    ['LSTM, states only', () => new LSTM(3, 4, { rng: new Rng(0), keep: 'states' })],
    ['GRU', () => new GRU(3, 4, { rng: new Rng(0), layers: 2 })],
    [
      'GRU, reset before',
      () => new GRU(3, 4, { rng: new Rng(0), resetAfter: false, bidirectional: true }) as never,
    ],
    ['RNN', () => new RNN(3, 4, { rng: new Rng(0), timeFirst: true })],
  ]

  test.each(layers)('%s, five steps of training, with lengths and without', (_, make) => {
    for (const hasLengths of [false, true]) {
      const run = (isCompiled: boolean): Tensor[] => {
        const layer = make()
        const optimizer = new SGD(parameters(layer), { learningRate: 0.1 })
        const f = (x: Tensor) => {
          const { output } = layer.run(
            x,
            hasLengths ? { lengths: [5, 2, 4].slice(0, x.shape[layer.timeFirst ? 1 : 0]) } : {},
          )
          const loss = output.square().mean() as Tensor
          loss.backward()
          optimizer.step()
          return loss
        }
        const step = isCompiled ? compile(f) : f
        const x = draw(3, layer.timeFirst ? [5, 3, 3] : [3, 5, 3])
        const losses = Array.from({ length: 5 }, () => step(x))
        return [...losses, ...parameters(layer).map(p => tensor(p.toArray() as never) as Tensor)]
      }
      expectClose(run(true), run(false), 256)
    }
  })

  test('an LSTM over 512 steps is as long a program as over 32', () => {
    const layer = new LSTM(2, 3, { rng: new Rng(0) })
    const f = (x: Tensor) => {
      const loss = layer.forward(x).square().mean() as Tensor
      loss.backward()
      return loss
    }
    const kernels = [32, 512].map(
      length => compile(f).programFor(draw(1, [2, length, 2])).schedule.kernels.length,
    )
    expect(kernels[0]).toBe(kernels[1])
  })
})
