// Transforms inside of transforms: random programs, parts of which run under checkpoint, scan, vmap, custom rules and inner
// derivatives. Whatever is nested in whatever, the numbers are those of plain code, and the modes agree with each other.
import {
  at,
  checkpoint,
  cumprod,
  customJvp,
  customVjp,
  dot,
  einsum,
  erf,
  eye,
  flip,
  gelu,
  grad,
  gradients,
  hessian,
  hvp,
  hypot,
  jacfwd,
  jacrev,
  jvp,
  linearize,
  logAddExp,
  logSumExp,
  noGrad,
  outer,
  Parameter,
  pad,
  pow,
  roll,
  scan,
  solve,
  stack,
  type Tensor,
  tensor,
  variance,
  vjp,
  vmap,
} from '@adjoint/core'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'

/** Programs for each law. */
const RUNS = 40

/** How deep transforms are nested, apart from those of the laws. */
const DEPTH = 2

// All values are vectors of three float64 numbers, and what ops and programs are made of beside them are a vector and a matrix.
type Op = (x: Tensor, y: Tensor, w: Tensor, m: Tensor) => Tensor

/** Smooth ops, and the ways in which gradients gather, spread and move. */
const OPS: Readonly<Record<string, Op>> = {
  sin: x => x.sin(),
  tanh: x => x.tanh(),
  sigmoid: x => x.sigmoid(),
  softplus: x => x.softplus(),
  square: x => x.square(),
  exp: x => x.exp(),
  log: x => x.square().add(1).log(),
  sqrt: x => x.square().add(1).sqrt(),
  erf: x => erf(x),
  gelu: x => gelu(x),
  cumsum: x => x.cumsum(),
  cumprod: x => cumprod(x),
  softmax: x => x.softmax(),
  logSoftmax: x => x.logSoftmax(),
  centered: x => x.sub(x.mean()),
  normalized: x => x.div(x.square().sum().add(1)),
  logSumExp: x => x.mul(logSumExp(x)),
  variance: x => x.mul(variance(x)),
  flip: x => flip(x, 0),
  roll: x => roll(x, 1),
  gathered: x => at(x, tensor([2, 0, 2], { dtype: 'int32' })),
  padded: x => pad(x, [[1, 1]]).slice([0, 3]),
  add: (x, y) => x.add(y),
  sub: (x, y) => x.sub(y),
  mul: (x, y) => x.mul(y),
  div: (x, y) => x.div(y.square().add(1)),
  pow: (x, y) => pow(x.square().add(1), y),
  hypot: (x, y) => hypot(x, y.add(4)),
  logAddExp: (x, y) => logAddExp(x, y),
  dot: (x, y) => x.mul(dot(x, y)),
  prod: (x, y) => stack([x, y]).prod(0),
  einsum: (x, y) => einsum('i,j,j->i', x, y, x),
  interleaved: (x, y) => stack([x, y]).permute([1, 0]).reshape([2, 3]).sum(0),
  matmul: (x, y) => outer(x, y).matmul(x),
  solve: (x, y) => solve(outer(x, x).add(eye(3, 3, { dtype: 'float64' })), y),
  shifted: (x, y, w) => x.add(w).mul(y),
  dense: (x, y, _, m) => m.matmul(x).add(y),
}

/** A part of a program. It takes what it uses as arguments, as custom rules must; other transforms capture all but the first. */
type Part = (x: Tensor, c: Tensor, w: Tensor, m: Tensor) => Tensor

type Nesting = (part: Part, x: Tensor, captured: readonly [Tensor, Tensor, Tensor]) => Tensor

/** A part of a program under a transform, and the same without it, or by the other mode. */
const NESTINGS: Readonly<Record<string, { readonly nested: Nesting; readonly plain: Nesting }>> = {
  checkpoint: {
    nested: (part, x, captured) => checkpoint((y: Tensor) => part(y, ...captured))(x),
    plain: (part, x, captured) => part(x, ...captured),
  },
  checkpointOfAll: {
    nested: (part, x, captured) => checkpoint(part)(x, ...captured),
    plain: (part, x, captured) => part(x, ...captured),
  },
  scan: {
    nested: (part, x, captured) => {
      const [last, { next, state }] = scan(loopStep(part, x, captured), x, stack([captured[0], x.mul(0.5)]))
      return last.add(next.sum(0)).add(state.mean(0))
    },
    plain: (part, x, captured) => {
      const step = loopStep(part, x, captured)
      const [first, one] = step(x, captured[0])
      const [last, two] = step(first, x.mul(0.5))
      return last.add(one.next.add(two.next)).add(one.state.add(two.state).div(2))
    },
  },
  scanKeepingSteps: {
    nested: (part, x, captured) => {
      const [last, { next, state }] = scan(loopStep(part, x, captured), x, stack([captured[0], x.mul(0.5)]), {
        keep: 'steps',
      })
      return last.add(next.sum(0)).add(state.mean(0))
    },
    plain: (part, x, captured) => {
      const step = loopStep(part, x, captured)
      const [first, one] = step(x, captured[0])
      const [last, two] = step(first, x.mul(0.5))
      return last.add(one.next.add(two.next)).add(one.state.add(two.state).div(2))
    },
  },
  vmap: {
    nested: (part, x, captured) => {
      const batch = stack([x, captured[0], x.mul(captured[0])])
      return vmap((y: Tensor) => part(y, ...captured), { outAxes: 1 })(batch).sum(1)
    },
    plain: (part, x, captured) => {
      const batch = [x, captured[0], x.mul(captured[0])]
      return stack(batch.map(y => part(y, ...captured))).sum(0)
    },
  },
  vmapOfAll: {
    nested: (part, x, [c, w, m]) =>
      vmap(part, { inAxes: [0, 0, null, null] })(stack([x, c]), stack([c, w]), w, m).mean(0),
    plain: (part, x, [c, w, m]) =>
      part(x, c, w, m)
        .add(part(c, w, w, m))
        .div(2),
  },
  customVjp: {
    nested: (part, x, captured) => {
      const forward = usingAll(part)
      const rule = (cotangent: Tensor, inputs: Parameters<Part>) =>
        vjp((all: Parameters<Part>) => forward(...all), inputs).pullback(cotangent)
      return customVjp({ name: 'part', forward, vjp: (cotangent, { inputs }) => rule(cotangent, inputs) })(
        x,
        ...captured,
      )
    },
    plain: (part, x, captured) => usingAll(part)(x, ...captured),
  },
  customJvp: {
    nested: (part, x, captured) => {
      const rule = (tangents: Parameters<Part>, inputs: Parameters<Part>) =>
        jvp((all: Parameters<Part>) => part(...all), inputs, tangents).tangent
      return customJvp({
        name: 'part',
        forward: part,
        jvp: (tangents, { inputs }) => rule(tangents, inputs),
      })(x, ...captured)
    },
    plain: (part, x, captured) => part(x, ...captured),
  },
  grad: {
    nested: (part, x, captured) => grad((y: Tensor) => part(y, ...captured).sum())(x),
    plain: (part, x, captured) => jacfwd((y: Tensor) => part(y, ...captured))(x).sum(0),
  },
  gradOfCaptured: {
    nested: (part, x, [c, w, m]) => grad((y: Tensor) => part(x, y, w, m).add(y.sin()).sum())(c),
    plain: (part, x, [c, w, m]) => jacfwd((y: Tensor) => part(x, y, w, m).add(y.sin()))(c).sum(0),
  },
  jvp: {
    nested: (part, x, captured) => jvp((y: Tensor) => part(y, ...captured), x, captured[0]).tangent,
    plain: (part, x, captured) => jacrev((y: Tensor) => part(y, ...captured))(x).matmul(captured[0]),
  },
  vjp: {
    nested: (part, x, captured) => vjp((y: Tensor) => part(y, ...captured), x).pullback(captured[0]),
    plain: (part, x, captured) => captured[0].matmul(jacfwd((y: Tensor) => part(y, ...captured))(x)),
  },
  linearize: {
    nested: (part, x, captured) => linearize((y: Tensor) => part(y, ...captured), x).pushforward(captured[0]),
    plain: (part, x, captured) => jvp((y: Tensor) => part(y, ...captured), x, captured[0]).tangent,
  },
  hvp: {
    nested: (part, x, captured) => hvp((y: Tensor) => part(y, ...captured).sum(), x, captured[0]),
    plain: (part, x, captured) =>
      jacrev(grad((y: Tensor) => part(y, ...captured).sum()))(x).matmul(captured[0]),
  },
}

/** One step of a loop, which captures the state that the loop starts from beside the rest. */
function loopStep(part: Part, start: Tensor, captured: readonly [Tensor, Tensor, Tensor]) {
  return (state: Tensor, input: Tensor) => {
    const next = part(state, ...captured)
      .add(input)
      .atan()
    return [next, { next: next.mul(start), state }] as const
  }
}

/** A backward rule has to say `null` for an argument that is not used; the pullback of `vjp`, zeros. */
function usingAll(part: Part): Part {
  return (x, c, w, m) => part(x, c, w, m).add(m.matmul(w.mul(c)))
}

/** One line of a program. The operands are counted back from the line before; `parts` says what runs inside of a nesting. */
interface Line {
  readonly name: string
  readonly operands: readonly [number, number]
  readonly parts: readonly Line[]
}

/** What an operand stands for: of `count` earlier values, the first two of which are the arguments. */
function positionOf(operand: number, count: number): number {
  return count - 1 - (operand % count)
}

/**
 * Runs the lines, either nested or plain. Every value passes through atan, so that none grows. The sine of the argument is added to the
 * result: of a function that ignores its argument and uses what this was made of, `grad` would refuse the gradient.
 */
function run(lines: readonly Line[], side: 'nested' | 'plain'): Part {
  return (x, c, w, m) => {
    const values = [c, x]
    for (const { name, operands, parts } of lines) {
      const [a, b] = operands.map(operand => values[positionOf(operand, values.length)]!) as [Tensor, Tensor]
      const value =
        parts.length === 0 ? OPS[name]!(a, b, w, m) : NESTINGS[name]![side](run(parts, side), a, [b, w, m])
      values.push(value.atan())
    }
    return values[values.length - 1]!.add(x.sin())
  }
}

function textOf(lines: readonly Line[]): string {
  const names = ['c', 'x', ...lines.map((_, i) => `v${i + 1}`)]
  const texts = lines.map(({ name, operands, parts }, i) => {
    const [a, b] = operands.map(operand => names[positionOf(operand, i + 2)])
    const isUnary = parts.length === 0 && OPS[name]!.length === 1
    const inside = parts.length === 0 ? '' : ` of { ${textOf(parts)} }`
    return `${names[i + 2]} = ${name}(${isUnary ? a : `${a}, ${b}`})${inside}`
  })
  return texts.join('; ')
}

function namesIn(lines: readonly Line[]): string[] {
  return lines.flatMap(({ name, parts }) => [name, ...namesIn(parts)])
}

const operands = fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }))

/** A failing program shrinks to fewer lines, to ops in place of nestings, and to operands close by. */
function linesOf(depth: number): fc.Arbitrary<Line[]> {
  const op = lineOf(Object.keys(OPS), fc.constant([]))
  if (depth === 0) return fc.array(op, { minLength: 1, maxLength: 2 })
  const nesting = lineOf(Object.keys(NESTINGS), linesOf(depth - 1))
  const line = fc.oneof(
    { withCrossShrink: true },
    { weight: 6, arbitrary: op },
    { weight: 6, arbitrary: nesting },
  )
  return fc.array(line, { minLength: 1, maxLength: depth + 1 })
}

function lineOf(names: readonly string[], parts: fc.Arbitrary<Line[]>): fc.Arbitrary<Line> {
  return fc.record({ name: fc.constantFrom(...names), operands, parts })
}

/** A program with three points: where it is looked at, a direction for it, and a cotangent for its result. */
interface Case {
  readonly lines: readonly Line[]
  readonly x: Tensor
  readonly v: Tensor
  readonly u: Tensor
  readonly toString: () => string
}

const points = fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: -100, max: 100 }))).map(vector)

function vector(hundredths: readonly number[]): Tensor {
  return tensor(
    hundredths.map(value => value / 100),
    { dtype: 'float64' },
  )
}

const cases: fc.Arbitrary<Case> = fc
  .record({ lines: linesOf(DEPTH), x: points, v: points, u: points })
  .map(({ lines, x, v, u }) => ({
    lines,
    x,
    v,
    u,
    toString: () => `x = ${x.toArray()}, v = ${v.toArray()}, u = ${u.toArray()}; ${textOf(lines)}`,
  }))

// Outermost, programs capture parameters: c is w there.
const w = new Parameter(vector([60, -35, 85]), 'w')
const m = new Parameter(stack([vector([40, -70, 20]), vector([-15, 50, 65]), vector([80, 30, -45])]), 'm')

function functionOf({ lines }: Case, side: 'nested' | 'plain' = 'nested'): (x: Tensor) => Tensor {
  const part = run(lines, side)
  return x => part(x, w, w, m)
}

/** The same, weighted to a single number. */
function lossOf(program: Case, side: 'nested' | 'plain' = 'nested'): (x: Tensor) => Tensor {
  const f = functionOf(program, side)
  return x => f(x).mul(program.u).sum()
}

let checks = 0

/** The tolerance is relative to the largest entry, and absolute where all are small. */
function expectClose(what: string, got: Tensor, want: Tensor, tolerance: number): void {
  checks++
  expect(got.shape, what).toEqual(want.shape)
  const size = Math.max(1, want.abs().max().item())
  expect(got.sub(want).abs().max().item() / size, what).toBeLessThanOrEqual(tolerance)
}

const FIRST = 1e-10
const SECOND = 1e-9

/** First and second gradients of everything that a program depends on, by walks over its recorded graph. */
function recordedGradients(program: Case, side: 'nested' | 'plain'): Record<string, Tensor> {
  const x = tensor(program.x.data(), { dtype: 'float64', shape: [3], requiresGrad: true })
  const y = functionOf(program, side)(x)
  const first = gradients(y, [x, w, m], { cotangent: program.u, createGraph: true })
  const [ofX, ofW, ofM] = first
  // x itself, because a gradient may be constant.
  const alongGradients = ofX!.mul(program.v).add(ofW!.square()).add(ofM!.sin().sum(0)).add(x).sum()
  const second = gradients(alongGradients, [x, w, m])
  const unrecorded = gradients(y, [x, w, m], { cotangent: program.u })
  const named = (what: string, parts: readonly Tensor[]): [string, Tensor][] =>
    parts.map((part, i) => [`${what} of ${['the argument', 'w', 'm'][i]}`, part])
  return Object.fromEntries([
    ...named('gradient', unrecorded),
    ...named('recorded gradient', first),
    ...named('second gradient', second),
  ])
}

const LAWS: Readonly<Record<string, (program: Case) => void>> = {
  'a transform that only changes how something is computed changes no value': program => {
    expectClose('value', functionOf(program)(program.x), functionOf(program, 'plain')(program.x), FIRST)
  },

  'nor a gradient of the argument and of captured parameters': program => {
    const want = recordedGradients(program, 'plain')
    for (const [what, got] of Object.entries(recordedGradients(program, 'nested')))
      expectClose(what, got, want[what]!, what.startsWith('second') ? SECOND : FIRST)
  },

  'the Jacobian is the same by both modes, and that of difference quotients': program => {
    const f = functionOf(program)
    const { x, v } = program
    const jacobian = jacrev(f)(x)
    expectClose('forward mode', jacfwd(f)(x), jacobian, FIRST)
    const quotient = (h: number): Tensor =>
      f(x.add(v.mul(h)))
        .sub(f(x.sub(v.mul(h))))
        .div(2 * h)
    const [near, far] = [quotient(1e-4), quotient(2e-4)]
    // The error of the quotient grows with h²: that of the near one is a third of their difference; rounding comes on top.
    const uncertainty = near.sub(far).abs().max().item()
    expectClose('quotient', jacobian.matmul(v), near, 1e-9 + uncertainty)
  },

  '⟨u, J v⟩ = ⟨Jᵀ u, v⟩': program => {
    const f = functionOf(program)
    const { x, v, u } = program
    expectClose('products', dot(u, jvp(f, x, v).tangent), dot(vjp(f, x).pullback(u), v), FIRST)
  },

  'vmap is a loop over the examples, of values and of gradients': program => {
    const examples = [program.x, program.v, program.u]
    const [f, gradient] = [functionOf(program), grad(lossOf(program))]
    expectClose('values', vmap(f)(stack(examples)), stack(examples.map(f)), FIRST)
    expectClose('gradients', vmap(gradient)(stack(examples)), stack(examples.map(x => gradient(x))), FIRST)
  },

  'second derivatives are the same by all modes': program => {
    const [loss, { x, v }] = [lossOf(program), program]
    const want = hessian(loss)(x)
    expectClose('reverse over reverse', jacrev(grad(loss))(x), want, SECOND)
    expectClose(
      'reverse over forward',
      grad((y: Tensor) => jvp(loss, y, v).tangent)(x),
      want.matmul(v),
      SECOND,
    )
    expectClose('linearized gradient', linearize(grad(loss), x).pushforward(v), want.matmul(v), SECOND)
    expectClose('plain', hessian(lossOf(program, 'plain'))(x), want, SECOND)
  },

  'a linearization pushes forward as jvp does, any number of times': program => {
    const [f, { x, v, u }] = [functionOf(program), program]
    const { value, pushforward } = linearize(f, x)
    expectClose('value', value, f(x), FIRST)
    for (const direction of [v, u])
      expectClose('tangent', pushforward(direction), jvp(f, x, direction).tangent, FIRST)
  },

  'nothing carries a graph where nothing outside wants gradients': program => {
    const { x, v, u } = program
    const part = run(program.lines, 'nested')
    const [ofW, ofM] = [w.detach(), m.detach()]
    const results = (f: (y: Tensor) => Tensor): Tensor[] => [
      f(x),
      grad((y: Tensor) => f(y).sum())(x),
      jvp(f, x, v).tangent,
      vjp(f, x).pullback(u),
      linearize(f, x).pushforward(v),
      vmap(f)(stack([x, v])),
    ]
    const plain = results(y => part(y, y.mul(2), ofW, ofM))
    const underNoGrad = noGrad(() => results(functionOf(program)))
    for (const result of [...plain, ...underNoGrad]) {
      checks++
      expect(result.requiresGrad).toBe(false)
    }
  },
}

describe('random programs', () => {
  const laws = Object.entries(LAWS)
  let programs = 0

  test.each(laws.map(([name], i) => [name, i] as const))('%s', (name, i) => {
    const property = fc.property(cases, program => {
      programs++
      LAWS[name]!(program)
    })
    // Other programs for each law.
    fc.assert(property, { numRuns: RUNS, seed: fc.readConfigureGlobal()!.seed! + i })
  })

  test('every op and every nesting occurs', () => {
    const found = new Set(fc.sample(cases, laws.length * RUNS).flatMap(({ lines }) => namesIn(lines)))
    expect([...found].sort()).toEqual([...Object.keys(OPS), ...Object.keys(NESTINGS)].sort())
  })

  afterAll(() => {
    console.log(`random programs: ${programs} programs, ${laws.length} laws, ${checks} checks hold`)
  })
})
