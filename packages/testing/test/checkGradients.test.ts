// Right gradients pass; each planted mistake is found, located, and called by its name.
import { inspect } from 'node:util'
import {
  AdjointError,
  cast,
  concat,
  cos,
  DTypeError,
  gather,
  logSoftmax,
  matmul,
  mul,
  neg,
  Parameter,
  prod,
  Rng,
  sin,
  stopGradient,
  sub,
  sum,
  type Tensor,
  type Tree,
  tensor,
  transpose,
} from '@adjoint/core'
import { alongAxis, apply, type GeneralPrimitive, type UnaryDeclaration, unary } from '@adjoint/core/engine'
import {
  type CheckGradientsOptions,
  checkGradients,
  GradientCheckError,
  type GradientFailure,
} from '@adjoint/testing'
import { describe, expect, test } from 'vitest'

const rng = new Rng(3)
const x = rng.normal([2, 3]) as Tensor
const square = rng.normal([3, 3]) as Tensor

/** sin, with one part of the declaration replaced. */
function wrongSin(part: Partial<UnaryDeclaration>): (input: Tensor) => Tensor {
  return unary({
    name: 'wrongSin',
    dtype: 'floating',
    loop: (count, input, xAt, xStep, out, outAt, outStep) => {
      for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.sin(input[xAt + i * xStep]!)
    },
    derivative: ({ inputs }) => cos(inputs[0]!),
    keeps: 'inputs',
    domain: 'real',
    ...part,
  })
}

/** An op of one matrix around its values and its two rules. */
function general(
  forward: (x: Tensor) => Tensor,
  vjp: (cotangent: Tensor, x: Tensor) => Tensor,
  jvp: (tangent: Tensor, x: Tensor) => Tensor,
): (x: Tensor) => Tensor {
  const primitive: GeneralPrimitive = {
    name: 'planted',
    kind: 'general',
    keeps: 'inputs',
    sample: draw => ({ inputs: [{ shape: draw.shape(2, 2) }], attributes: {} }),
    forward: ([input]) => forward(stopGradient(input!)),
    vjp: (cotangent, { inputs }) => vjp(cotangent, inputs[0]!),
    jvp: ([tangent], { inputs }) => jvp(tangent!, inputs[0]!),
  }
  return input => apply(primitive, [input], {})
}

function failureOf<T extends Tree>(
  f: (tree: T) => Tensor,
  inputs: T,
  options: CheckGradientsOptions = {},
): GradientFailure {
  const report = checkGradients(f, inputs, { ...options, throws: false })
  expect(report.passes).toBe(false)
  return report.failure!
}

describe('right gradients', () => {
  const cases: readonly [string, (x: Tensor) => Tensor, Tensor][] = [
    ['sin', sin, x],
    ['a linear map', input => mul(input, 3), x],
    ['a constant second derivative', input => input.square(), x],
    ['a matrix product with itself', input => matmul(input, transpose(input)), x],
    ['log softmax', input => logSoftmax(input, 0), x],
    ['prod with zeros', input => prod(input), tensor([0, 2, 0, 3])],
    ['large values, small slopes', input => input.sin().add(1e6), x],
    ['tiny values', input => input.sin().mul(1e-30), x],
    ['close to the end of the domain', input => input.log(), tensor([1e-5, 1, 100])],
    ['no elements', input => input.exp(), tensor([])],
    ['digits cancel in the function', input => sub(1, input.sigmoid()).log(), tensor([1, 15])],
    ['0-d', input => input.exp(), tensor(0.3)],
    ['a piecewise linear function away from its kinks', input => input.relu(), x],
    ['equal logits, where the second derivatives cancel', input => input.softmax(), tensor([1, 1])],
    ['a view as input', input => input.square(), transpose(square)],
    ['inputs that require gradients themselves', input => input.square(), new Parameter(x, 'x')],
  ]

  test.each(cases)('%s, second order', (_, f, input) => {
    const report = checkGradients(f, input, { order: 2 })
    expect(report.passes).toBe(true)
    expect(report.precision).toBe('float64')
    expect(report.notes).toEqual([])
    expect(report.checks.map(check => check.order)).toContain(2)
  })

  test('of trees, with integer tensors held fixed', () => {
    const inputs = {
      layers: [{ w: rng.normal([3, 4]), b: rng.normal([4]) }],
      x: rng.normal([5, 3]),
      labels: tensor([[0], [1], [2], [3], [0]], { dtype: 'int32' }),
    }
    const loss = ({ layers, x: batch, labels }: typeof inputs): Tensor => {
      const { w, b } = layers[0]!
      return gather(logSoftmax((batch.matmul(w) as Tensor).add(b)), 1, labels)
    }
    const report = checkGradients(loss, inputs, { order: 2 })
    // Per order 9 in directions of all inputs, and in both modes 3 inputs and 8 entries of each.
    const counts = { 'all inputs': 18, "'layers.0.w'": 4, "'layers.0.b'": 4, "'x'": 4 }
    for (const [name, count] of Object.entries(counts)) {
      expect(report.checks.filter(({ along }) => along === name)).toHaveLength(count)
    }
    const entries = report.checks.filter(({ along }) => along.endsWith(']'))
    expect(entries).toHaveLength(4 * (8 + 4 + 8))
    expect(entries.map(({ along }) => along)).toContain("'layers.0.b' [3]")
  })

  test('of captured parameters nothing is asked', () => {
    const w = new Parameter(tensor([1, 2, 3]), 'w')
    expect(checkGradients(input => mul(input, w), x).passes).toBe(true)
    expect(w.grad).toBeNull()
  })

  test('modes, order, directions and seed are what was asked for', () => {
    const modes = (options: CheckGradientsOptions): string[] =>
      checkGradients(sin, x, options)
        .checks.filter(check => check.along === 'all inputs')
        .map(check => `${check.mode} ${check.order}`)
    expect(modes({ modes: ['reverse'], directions: 2 })).toEqual(['reverse 1', 'reverse 1'])
    expect(modes({ modes: ['forward'], directions: 1, order: 2 })).toEqual(['forward 1', 'forward 2'])
    expect(modes({ directions: 1 })).toEqual(['reverse 1', 'forward 1', 'adjoint 1'])
    const got = (seed: number): number[] => checkGradients(sin, x, { seed }).checks.map(check => check.got)
    expect(got(5)).toEqual(got(5))
    expect(got(5)).not.toEqual(got(6))
  })

  test('the report is one line', () => {
    const report = checkGradients(sin, x, { order: 2 })
    expect(report.toString()).toBe(
      'gradients agree with difference quotients: 42 checks, reverse and forward mode, first and second order, float64',
    )
    expect(inspect(report)).toBe(report.toString())
  })
})

describe('contributions of different size', () => {
  const wide = (values: readonly number[]): Tensor => tensor(values as number[], { dtype: 'float64' })
  /** x², of which only half is differentiated. */
  const half = (input: Tensor): Tensor => input.mul(stopGradient(input))

  test('a small input beside large ones', () => {
    const inputs = { a: wide([300, 200]), b: wide([0.1]) }
    expect(checkGradients(({ a, b }) => a.square().sum().add(b.square().sum()), inputs).passes).toBe(true)
    const failure = failureOf(({ a, b }) => a.square().sum().add(half(b).sum()), inputs)
    expect(failure).toMatchObject({ diagnosis: 'wrong derivative', input: 'b', index: [0] })
    expect(failure.expected).toBeCloseTo(0.2, 6)
    expect(failure.got).toBeCloseTo(0.1, 12)
    expect(failure.explanation).toContain('here it is 1/2 times the quotient')
  })

  test('in forward mode too', () => {
    const forwardHalf = alongAxis({
      name: 'planted',
      keeps: 'nothing',
      loop: (count, input, xAt, xStep, out, outAt, outStep) => {
        for (let i = 0; i < count; i++) out[outAt + i * outStep] = 2 * input[xAt + i * xStep]!
      },
      vjp: cotangent => mul(cotangent, 2),
      jvp: tangent => tangent,
    })
    const f = ({ a, b }: { a: Tensor; b: Tensor }): Tensor => a.square().sum().add(forwardHalf(b, 0).sum())
    const failure = failureOf(f, { a: wide([300, 200]), b: wide([1e-5]) })
    expect(failure).toMatchObject({ mode: 'forward', diagnosis: 'wrong derivative', input: 'b', index: [0] })
    expect(failure.explanation).toContain('reverse mode gets it right')
  })

  test('a small entry beside large ones', () => {
    const x = wide([1000, 2000, 0.001])
    const small = wide([0, 0, 1])
    expect(checkGradients(input => input.square().sum(), x).passes).toBe(true)
    const f = (input: Tensor): Tensor => input.square().mul(sub(1, small)).add(half(input).mul(small)).sum()
    const failure = failureOf(f, x)
    expect(failure).toMatchObject({ diagnosis: 'wrong derivative', index: [2] })
    expect(failure.explanation).toContain(
      '1 of the 3 entries looked at in this input are off; here it is 1/2 times',
    )
  })

  test('a small input of many entries: all of it moves, so none of them can hide', () => {
    const mask = tensor(Array.from({ length: 100 }, (_, i) => (i === 77 ? 1 : 0)))
    const b = mul(rng.normal([100], { dtype: 'float64' }), 1e-3)
    const f = ({ a, b: small }: { a: Tensor; b: Tensor }): Tensor =>
      a
        .square()
        .sum()
        .add(small.sub(mask.mul(small)).sum())
        .add(mask.mul(stopGradient(small)).sum())
    const failure = failureOf(f, { a: wide([300, 200]), b })
    expect(failure).toMatchObject({ diagnosis: 'wrong derivative', input: 'b', index: [77], got: 0 })
  })

  test('in the second derivative', () => {
    const f = wrongSin({
      loop: (count, input, xAt, xStep, out, outAt, outStep) => {
        for (let i = 0; i < count; i++) out[outAt + i * outStep] = input[xAt + i * xStep]! ** 3
      },
      derivative: ({ inputs }) => mul(mul(inputs[0]!, stopGradient(inputs[0]!)), 3),
    })
    const inputs = { a: wide([30, 20]), b: wide([0.01]) }
    const loss = ({ a, b }: typeof inputs): Tensor => a.pow(3).sum().add(f(b).sum())
    expect(checkGradients(loss, inputs).passes).toBe(true)
    expect(failureOf(loss, inputs, { order: 2 })).toMatchObject({ order: 2, input: 'b', index: [0] })
  })

  test('every entry of a small input, 8 of a large one; the seed draws them', () => {
    const entriesOf = (length: number, seed = 0): string[] => {
      const { checks } = checkGradients(sin, rng.normal([length]) as Tensor, { modes: ['reverse'], seed })
      return checks.map(({ along }) => along).filter(along => along !== 'all inputs')
    }
    expect(entriesOf(1)).toEqual([])
    expect(entriesOf(3)).toEqual(['the input [0]', 'the input [1]', 'the input [2]'])
    expect(new Set(entriesOf(1000)).size).toBe(8)
    expect(entriesOf(1000)).toEqual(entriesOf(1000))
    expect(entriesOf(1000)).not.toEqual(entriesOf(1000, 1))
  })

  test('an entry with derivative 0 needs no tolerance of its own', () => {
    expect(
      checkGradients(input => cos(input).sum(), wide([0, 1]), { tolerance: { relative: 1e-6 } }).passes,
    ).toBe(true)
    expect(checkGradients(input => input.softmax().slice([0, 1]), wide([1, 1, 50])).passes).toBe(true)
  })
})

describe('wrong derivative', () => {
  test('sign', () => {
    const failure = failureOf(wrongSin({ derivative: ({ inputs }) => neg(cos(inputs[0]!)) }), x)
    expect(failure).toMatchObject({ order: 1, mode: 'reverse', diagnosis: 'wrong derivative', input: '' })
    expect(failure.explanation).toContain('sign flipped: it is −1 times the quotient in every entry')
    expect(failure.got).toBeCloseTo(-failure.expected!, 9)
  })

  test('factor', () => {
    const explanation = (factor: number): string =>
      failureOf(wrongSin({ derivative: ({ inputs }) => mul(cos(inputs[0]!), factor) }), x).explanation
    expect(explanation(2)).toContain('a constant factor: it is 2 times the quotient in every entry')
    expect(explanation(0.5)).toContain('it is 1/2 times')
    expect(explanation(-4)).toContain('it is −4 times')
    expect(explanation(0.731)).toContain('it is 0.731 times')
  })

  test('the scan shows the plateau', () => {
    const { scan, expected } = failureOf(wrongSin({ derivative: 1 }), x)
    expect(scan.map(({ step }) => Math.round(Math.log10(step)))).toEqual([-2, -3, -4, -5, -6, -7, -8, -9])
    for (const { quotient } of scan) expect(Math.abs(quotient - expected!)).toBeLessThan(1e-4)
  })

  test('of a single entry among many, which it finds', () => {
    const mask = tensor(Array.from({ length: 3000 }, (_, i) => (i === 1234 ? 1 : 0)))
    const f = (input: Tensor): Tensor => input.sin().add(mask.mul(input.sub(stopGradient(input))))
    const failure = failureOf(f, rng.normal([3000]) as Tensor)
    expect(failure.index).toEqual([1234])
    expect(failure.explanation).toMatch(/1 of the \d+ entries looked at in this input are off/)
  })

  test('in one input of a tree, which it names', () => {
    const f = wrongSin({ derivative: 1 })
    const inputs = { layers: [{ w: x, b: tensor([1, 2, 3]) }] }
    const failure = failureOf(({ layers: [layer] }) => sin(layer!.w).add(f(layer!.b)), inputs)
    expect(failure.input).toBe('layers.0.b')
    expect(failure.index).toHaveLength(1)
  })

  test('wrong axis: a transpose is missing', () => {
    const planted = general(
      input => input.transpose(),
      cotangent => cotangent,
      tangent => tangent.transpose(),
    )
    const failure = failureOf(planted, square)
    expect(failure.diagnosis).toBe('wrong derivative')
    expect(failure.explanation).toContain('the right numbers in wrong places: an axis is mixed up')
    expect(failure.explanation).toContain('forward mode gets it right, so the rule for reverse mode is wrong')
  })

  test('wrong axis: summed over the other one', () => {
    const centre = (v: Tensor, axis: number): Tensor => sub(v, v.mean(axis, { keepDims: true }))
    const rules = (axis: number) => (v: Tensor) => centre(v, axis)
    const failure = failureOf(general(rules(0), rules(1), rules(0)), square)
    expect(failure).toMatchObject({ diagnosis: 'wrong derivative', mode: 'reverse' })
    expect(failure.explanation).toContain('9 of the 9 entries looked at in this input are off')
  })

  test('of forward mode alone', () => {
    const f = alongAxis({
      name: 'planted',
      keeps: 'output',
      loop: (count, input, xAt, xStep, out, outAt, outStep) => {
        for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.exp(input[xAt + i * xStep]!)
      },
      vjp: (cotangent, output) => mul(cotangent, output),
      jvp: tangent => tangent,
    })
    const failure = failureOf(f, x)
    expect(failure.mode).toBe('forward')
    expect(failure.explanation).toContain('reverse mode gets it right, so the rule for forward mode is wrong')
    expect(checkGradients(f, x, { modes: ['reverse'] }).passes).toBe(true)
  })

  test('of the second derivative', () => {
    const wrongCos = wrongSin({
      loop: (count, input, xAt, xStep, out, outAt, outStep) => {
        for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.cos(input[xAt + i * xStep]!)
      },
      derivative: ({ inputs }) => sin(inputs[0]!),
    })
    const f = wrongSin({ derivative: ({ inputs }) => wrongCos(inputs[0]!) })
    expect(checkGradients(f, x).passes).toBe(true)
    const failure = failureOf(f, x, { order: 2 })
    expect(failure).toMatchObject({ order: 2, mode: 'reverse', diagnosis: 'wrong derivative' })
    expect(failure.explanation).toContain('sign flipped')
  })

  test('too small to see in float32 is seen, since float32 inputs are copied to float64', () => {
    const f = wrongSin({ derivative: ({ inputs }) => mul(cos(inputs[0]!), 1 + 1e-5) })
    expect(x.dtype).toBe('float32')
    expect(failureOf(f, x).diagnosis).toBe('wrong derivative')
  })

  test('half of it, because a factor was detached', () => {
    const failure = failureOf(input => mul(input, stopGradient(input)), x)
    expect(failure.explanation).toContain('it is 1/2 times the quotient in every entry')
  })
})

describe('kink crossed', () => {
  test('relu at 0', () => {
    const failure = failureOf(input => input.relu().sum(), tensor([1, 0, -1]))
    expect(failure).toMatchObject({ diagnosis: 'kink crossed', index: [1], got: 0 })
    expect(failure.expected).toBeCloseTo(0.5, 9)
    expect(failure.slopes!.left).toBeCloseTo(0, 8)
    expect(failure.slopes!.right).toBeCloseTo(1, 8)
    expect(failure.explanation).toContain('what was found lies between the slopes of the two sides')
  })

  test('a value outside of the two slopes', () => {
    const f = wrongSin({
      derivative: () => tensor([7], { dtype: 'float64' }),
      loop: (count, input, xAt, xStep, out, outAt, outStep) => {
        for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.abs(input[xAt + i * xStep]!)
      },
    })
    expect(failureOf(f, tensor([0])).explanation).toContain('lies not even between the slopes')
  })

  test('not where the kink is only near', () => {
    expect(checkGradients(input => input.relu(), tensor([1e-4, -1e-4, 1])).passes).toBe(true)
  })
})

describe('quotient unreliable', () => {
  test('a function whose quotients never settle', () => {
    const rough = wrongSin({
      loop: (count, input, xAt, xStep, out, outAt, outStep) => {
        for (let i = 0; i < count; i++) {
          const value = input[xAt + i * xStep]!
          out[outAt + i * outStep] = value === 0 ? 0 : Math.sqrt(Math.abs(value)) * Math.sign(value)
        }
      },
      derivative: 1,
    })
    const failure = failureOf(rough, tensor([0]))
    expect(failure).toMatchObject({ diagnosis: 'quotient unreliable', slopes: undefined })
    expect(failure.explanation).toContain('does not settle as the step shrinks')
    expect(failure.explanation).toContain('Scale the inputs better')
  })

  test('a function that changes quickly is still resolved', () => {
    const x = tensor([0.3, 0.5], { dtype: 'float64' })
    expect(checkGradients(input => input.mul(1e5).sin(), x).passes).toBe(true)
    const half = (input: Tensor): Tensor => input.mul(5e4).add(input.detach().mul(5e4)).sin()
    expect(failureOf(half, x)).toMatchObject({ diagnosis: 'wrong derivative' })
  })

  test.each([1e7, 1e8, 1e10])('a right gradient of sin(%d x) is never called a kink', factor => {
    const failure = failureOf(input => input.mul(factor).sin(), tensor([0.3, 0.5], { dtype: 'float64' }))
    expect(failure).toMatchObject({ diagnosis: 'quotient unreliable', slopes: undefined })
    expect(failure.explanation).toContain('changes on a much smaller scale than its inputs')
  })

  test('the numbers of the worst entry agree where only the sum of many is too coarse', () => {
    const failure = failureOf(input => input.mul(1e7).sin(), tensor([0.3, 0.5], { dtype: 'float64' }))
    expect(Math.abs(failure.got! / failure.expected! - 1)).toBeLessThan(1e-4)
    expect(failure.explanation).toContain('the gradient agrees with the quotient even in its worst entry')
  })

  test('a tiny entry moves in proportion to itself', () => {
    const x = tensor([1e-8, 1], { dtype: 'float64' })
    expect(checkGradients(input => input.log().sum(), x, { order: 2 }).passes).toBe(true)
    const half = (input: Tensor): Tensor => input.log().add(input.detach().log()).sum()
    const failure = failureOf(half, x)
    expect(failure).toMatchObject({ diagnosis: 'wrong derivative' })
    expect(failure.scan.every(({ quotient }) => Number.isFinite(quotient))).toBe(true)
  })

  test('a staircase of rounding', () => {
    const stairs = (input: Tensor): Tensor => input.add(1e8).sub(1e8).sum()
    for (const values of [[1e-4], [1e-4, 2e-4], [1e-4, 2e-4, 1]]) {
      const failure = failureOf(stairs, tensor(values, { dtype: 'float64' }))
      expect(failure.diagnosis).toBe('quotient unreliable')
      expect(failure.explanation).toContain('not smooth at the scale of rounding')
      expect(failure.explanation).toContain('its values jump by about 1.49e-8')
    }
  })
})

describe('float32', () => {
  const narrow = (input: Tensor): Tensor => cast(input.exp(), 'float32').sin()

  test('a function that casts is checked with wide tolerances, and says so', () => {
    const report = checkGradients(narrow, x)
    expect(report.precision).toBe('float32')
    expect(report.toString()).toContain(
      'a step of the function computes in float32: only larger errors can be seen',
    )
  })

  test('a function that refuses float64 is run in float32', () => {
    const picky = (input: Tensor): Tensor => {
      if (input.dtype === 'float64') throw new DTypeError('picky', 'takes float32 only.', ['float64'])
      return input.sin()
    }
    const report = checkGradients(picky, x)
    expect(report.precision).toBe('float32')
    expect(report.notes[0]).toContain('the function refuses float64 inputs (picky: takes float32 only.)')
    const wrong = failureOf(input => picky(mul(input, stopGradient(input))), x)
    expect(wrong.diagnosis).toBe('wrong derivative')
  })

  test('a tolerance that float32 cannot meet', () => {
    const failure = failureOf(narrow, x, { tolerance: { relative: 1e-8 } })
    expect(failure.diagnosis).toBe('float32 precision')
    expect(failure.explanation).toContain('no larger than what float32 arithmetic explains')
  })

  test('a tolerance that no quotient can meet', () => {
    const failure = failureOf(sin, x, { tolerance: { relative: 1e-19 } })
    expect(failure.diagnosis).toBe('tolerance too tight')
  })

  test('a right rule that loses its digits in float32 is remarked on', () => {
    const literal = (z: Tensor): Tensor => sub(1, cos(z)).div(z.square())
    const report = checkGradients(literal, tensor([1, 0.01]))
    expect(report.passes).toBe(true)
    expect(report.notes[0]).toContain('the rule is right, but in float32 the gradient of the input is')
    expect(checkGradients(literal, tensor([1, 0.01], { dtype: 'float64' })).notes).toEqual([])
  })
})

describe('no graph', () => {
  test('one input is detached', () => {
    const inputs = { w: x, b: tensor([1, 2, 3]) }
    const failure = failureOf(({ w, b }) => stopGradient(w).exp().add(b), inputs)
    expect(failure).toMatchObject({ diagnosis: 'no graph', input: 'w', got: 0 })
    expect(failure.explanation).toContain(
      "the result changes with 'w', but no recorded op leads from it to the result",
    )
  })

  test('all is detached, or nothing depends on the input', () => {
    const isolated = 'the result is not connected to the inputs'
    expect(failureOf(input => stopGradient(input).exp(), x)).toMatchObject({ diagnosis: 'no graph' })
    expect(failureOf(() => tensor([1, 2]), x).explanation).toContain(isolated)
    expect(failureOf(input => tensor(input.sum().item() ** 2), x).explanation).toContain(isolated)
  })

  test('the gradient is detached: no second derivative', () => {
    const f = wrongSin({ derivative: ({ inputs }) => stopGradient(cos(inputs[0]!)) })
    const failure = failureOf(f, x, { order: 2 })
    expect(failure).toMatchObject({ order: 2, diagnosis: 'no graph' })
    expect(failure.explanation).toContain('the gradient changes with the input')
  })

  test('an input that plays no part is right to have no gradient', () => {
    expect(checkGradients(({ used }) => used.sin(), { used: x, idle: square }).passes).toBe(true)
  })
})

describe('not differentiable', () => {
  test('an integer result', () => {
    const failure = failureOf(input => input.argmax(), x)
    expect(failure.diagnosis).toBe('not differentiable')
    expect(failure.explanation).toContain('the result has dtype int32')
  })

  test('an op without derivative that was recorded', () => {
    const round = {
      name: 'round',
      kind: 'nonDifferentiable',
      keeps: 'nothing',
      forward: ([input]: readonly Tensor[]) => stopGradient(input!).mul(1),
      reason: 'it jumps',
    } as const
    const failure = failureOf(input => apply(round, [input], {}), x)
    expect(failure.diagnosis).toBe('not differentiable')
    expect(failure.explanation).toContain('round: has no derivative: it jumps')
  })
})

describe('not a pure function', () => {
  test('fresh randomness in each call', () => {
    const noise = new Rng(1)
    const failure = failureOf(input => mul(input, noise.normal([2, 3])), x)
    expect(failure.diagnosis).toBe('not a pure function')
    expect(failure.explanation).toMatch(/entry 0 of the result is [-\d.e]+ and then [-\d.e]+/)
  })

  test('another shape in each call', () => {
    let count = 0
    const failure = failureOf(input => concat(Array.from({ length: ++count }, () => input)), x)
    expect(failure.explanation).toContain('the result has shape [2, 3] and then [4, 3]')
  })

  test('the same randomness in each call is fine', () => {
    expect(checkGradients(input => mul(input, new Rng(1).normal([2, 3])), x).passes).toBe(true)
  })
})

describe('not finite', () => {
  test('a gradient of NaN', () => {
    const failure = failureOf(wrongSin({ derivative: ({ inputs }) => mul(cos(inputs[0]!).div(0), 0) }), x)
    expect(failure.diagnosis).toBe('not finite')
    expect(failure.got).toBeNaN()
    expect(failure.explanation).toContain('where the function is smooth')
  })

  test('a value of -Infinity', () => {
    const failure = failureOf(input => input.log(), tensor([1, 0]))
    expect(failure.explanation).toContain('the function itself is -Infinity at this point')
  })
})

describe('the error', () => {
  const f = wrongSin({ derivative: ({ inputs }) => neg(cos(inputs[0]!)) })

  test('is a block that explains', () => {
    const error = (() => {
      try {
        checkGradients(({ w }) => sum(f(w)), { w: x })
      } catch (caught) {
        return caught
      }
      return undefined
    })()
    expect(error).toBeInstanceOf(GradientCheckError)
    expect(error).toBeInstanceOf(AdjointError)
    const { message, failure, report, op, name } = error as GradientCheckError
    expect([op, name]).toEqual(['checkGradients', 'GradientCheckError'])
    expect(report.failure).toBe(failure)
    const lines = message.split('\n')
    expect(lines[0]).toBe('checkGradients: reverse mode (vjp) fails at order 1')
    expect(lines[1]).toMatch(/^ {2}worst at {3}'w' \[\d, \d\]$/)
    expect(lines[2]).toMatch(/^ {2}expected {3}-?0\.\d+ {2}\(difference quotient\)$/)
    expect(lines[3]).toMatch(/^ {2}got {8}-?0\.\d+$/)
    expect(lines[4]).toMatch(/^ {2}diagnosis {2}wrong derivative: /)
    expect(lines).toHaveLength(15)
    const [row, column] = failure.index!
    const cosine = Math.cos(x.data()[row! * 3 + column!]!)
    expect(failure.expected).toBeCloseTo(cosine, 9)
  })

  test('the numbers of a result with several entries are of a weighting, and say so', () => {
    expect(() => checkGradients(f, x)).toThrow('(difference quotient of a random weighting of the result)')
  })
})

describe('refused', () => {
  test('inputs without floating tensors', () => {
    expect(() => checkGradients(input => input, tensor([1], { dtype: 'int32' }))).toThrow(
      'there is nothing to differentiate with respect to',
    )
  })

  test('a function that returns no tensor', () => {
    expect(() => checkGradients(() => 3 as never, x)).toThrow(
      'the function must return a tensor, it returned number',
    )
  })

  test('no modes, no directions', () => {
    expect(() => checkGradients(sin, x, { modes: [] })).toThrow('needs at least one mode')
    expect(() => checkGradients(sin, x, { directions: 0 })).toThrow('at least one direction')
  })

  test('errors of the function itself come through', () => {
    const wrong = (input: Tensor): Tensor => input.matmul(tensor([[1, 2]]))
    expect(() => checkGradients(wrong, x)).toThrow('matmul: inner sizes differ')
  })
})
