// Primitives with a mistake planted in each: the laws must find it, and name the law that it breaks.
import { add, cos, div, matmul, mul, neg, sin, stopGradient, sub, sum, type Tensor } from '@adjoint/core'
import {
  alongAxis,
  apply,
  type BinaryLoop,
  binary,
  type GeneralPrimitive,
  type KnownPrimitive,
  type LinearPrimitive,
  type NonDifferentiablePrimitive,
  op,
  reduction,
  type ShapeRule,
  type UnaryDeclaration,
  unary,
  viewOf,
} from '@adjoint/core/engine'
import { checkLaws, LawError, lawsOf } from '@adjoint/testing/laws'
import { describe, expect, test } from 'vitest'

type AnyOp = Parameters<typeof checkLaws>[0]

/** The laws that a primitive breaks. */
function broken(subject: AnyOp): string[] {
  const primitive: KnownPrimitive = typeof subject === 'function' ? subject.primitive : subject
  return lawsOf(primitive)
    .map(law => law.name)
    .filter(name => errorOf(subject, [name]) !== undefined)
}

function errorOf(subject: AnyOp, laws?: readonly string[]): LawError | undefined {
  try {
    checkLaws(subject, { runs: 60, ...(laws === undefined ? {} : { laws }) })
  } catch (error) {
    if (error instanceof LawError) return error
    throw error
  }
  return undefined
}

/** sin, with one part of the declaration replaced. */
function wrongSin(part: Partial<UnaryDeclaration>): AnyOp {
  return unary({
    name: 'wrongSin',
    dtype: 'floating',
    loop: (count, x, xAt, xStep, out, outAt, outStep) => {
      for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.sin(x[xAt + i * xStep]!)
    },
    derivative: ({ inputs }) => cos(inputs[0]!),
    keeps: 'inputs',
    domain: 'real',
    ...part,
  })
}

const timesLoop: BinaryLoop = (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
  for (let i = 0; i < count; i++) out[outAt + i * outStep] = x[xAt + i * xStep]! * y[yAt + i * yStep]!
}

/** The first differences along the last axis, a linear map: y_i = x_i − x_(i−1), x_(−1) = 0. */
function differences(transpose: (cotangent: Tensor) => Tensor): LinearPrimitive {
  return {
    name: 'differences',
    kind: 'linear',
    keeps: 'nothing',
    transposeFor: () => transpose,
    sample: draw => ({ inputs: [{ shape: [draw.integer(1, 4)] }], attributes: {} }),
    forward: ([x]) => x!.sub(shiftedRight(x!)),
  }
}

function shiftedRight(x: Tensor): Tensor {
  return x.pad([[1, 0]]).slice([0, x.shape[0]!])
}

function shiftedLeft(x: Tensor): Tensor {
  return x.pad([[0, 1]]).slice([1, null])
}

/** x − mean(x) along an axis, with the rules given. */
function centred(vjp: (cotangent: Tensor, axes: readonly number[]) => Tensor, jvp = vjp): AnyOp {
  return alongAxis({
    name: 'centred',
    keeps: 'nothing',
    loop: (count, x, xAt, xStep, out, outAt, outStep) => {
      let total = 0
      for (let i = 0; i < count; i++) total += x[xAt + i * xStep]!
      for (let i = 0; i < count; i++) out[outAt + i * outStep] = x[xAt + i * xStep]! - total / count
    },
    vjp: (cotangent, _, axes) => vjp(cotangent, axes),
    jvp: (tangent, _, axes) => jvp(tangent, axes),
  })
}

const centre = (v: Tensor, axes: readonly number[]): Tensor => sub(v, v.mean(axes, { keepDims: true }))

describe('right ones break nothing', () => {
  test('sin', () => expect(broken(wrongSin({}))).toEqual([]))
  test('differences', () => expect(broken(differences(c => c.sub(shiftedLeft(c))))).toEqual([]))
  test('centred', () => expect(broken(centred(centre))).toEqual([]))
})

const DERIVATIVE_LAWS = ['jvp', 'jvp of the gradient']

describe('derivatives', () => {
  test('wrong sign', () => {
    expect(broken(wrongSin({ derivative: ({ inputs }) => neg(cos(inputs[0]!)) }))).toEqual(
      DERIVATIVE_LAWS.slice(0, 1),
    )
  })

  test('missing factor', () => {
    expect(broken(wrongSin({ derivative: ({ inputs }) => mul(cos(inputs[0]!), 0.5) }))).toEqual(['jvp'])
  })

  test('right first derivative, wrong second one', () => {
    const subject = wrongSin({ derivative: ({ inputs }) => stopGradient(cos(inputs[0]!)) })
    expect(broken(subject)).toEqual(['jvp of the gradient'])
  })

  test('of a binary op, the two exchanged', () => {
    const subject = binary({
      name: 'wrongTimes',
      dtype: 'number',
      loop: timesLoop,
      derivatives: [({ inputs }) => inputs[0]!, ({ inputs }) => inputs[1]!],
      keeps: 'inputs',
      domains: ['real', 'real'],
    })
    expect(broken(subject)).toContain('jvp')
    expect(broken(subject)).not.toContain('adjoint')
  })

  test('of a reduction, a mean whose derivative forgets the count', () => {
    const subject = reduction({
      name: 'wrongMean',
      dtype: input => input,
      loop: (count, x, at, step) => {
        let total = 0
        for (let i = 0; i < count; i++) total += x[at + i * step]!
        return total / count
      },
      derivative: 1,
      keeps: 'nothing',
      domain: 'real',
      smallestGroup: 1,
    })
    expect(broken(subject)).toEqual(['jvp'])
  })
})

describe('reverse against forward', () => {
  test('wrong transpose', () => {
    expect(broken(differences(c => c.sub(shiftedRight(c))))).toEqual(['adjoint'])
  })

  test('wrong jvp of an op with a right vjp', () => {
    expect(
      broken(centred(centre, (tangent, axis) => sub(tangent, sum(tangent, axis, { keepDims: true })))),
    ).toEqual(['jvp', 'adjoint'])
  })

  test('wrong vjp of an op with a right jvp', () => {
    expect(broken(centred(cotangent => cotangent, centre))).toEqual(['adjoint'])
  })

  test('a gradient that is not linear in the cotangent', () => {
    expect(broken(centred((cotangent, axis) => centre(mul(cotangent, cotangent), axis), centre))).toEqual(
      expect.arrayContaining(['adjoint', 'doubled cotangent']),
    )
  })

  test('a gradient that is not 0 for a cotangent of 0', () => {
    expect(broken(centred(cotangent => add(cotangent, 1)))).toContain('zero cotangent')
    expect(broken(centred(cotangent => div(cotangent, 0)))).toContain('zero cotangent')
  })

  test('a gradient of another shape', () => {
    const subject = centred((cotangent, axis) => sum(cotangent, axis))
    expect(broken(subject)).toEqual(expect.arrayContaining(['gradient form', 'adjoint']))
  })
})

describe('keeps', () => {
  test('the output is declared, the input is read', () => {
    expect(broken(wrongSin({ keeps: 'output' }))).toEqual(['keeps'])
  })

  test('nothing is declared, the input is read', () => {
    expect(broken(wrongSin({ keeps: 'nothing' }))).toEqual(['keeps'])
  })

  test('the inputs are declared, the output is read', () => {
    const subject = binary({
      name: 'quotient',
      dtype: 'floating',
      loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
        for (let i = 0; i < count; i++) out[outAt + i * outStep] = x[xAt + i * xStep]! / y[yAt + i * yStep]!
      },
      derivatives: [({ inputs }) => div(1, inputs[1]!), ({ inputs, output }) => neg(div(output, inputs[1]!))],
      keeps: 'inputs',
      domains: ['real', 'nonzero'],
    })
    expect(broken(subject)).toEqual(['keeps'])
  })
})

describe('forward', () => {
  /** A binary op around a forward function. */
  function withForward(forward: KnownPrimitive['forward']): KnownPrimitive {
    return { ...(add.primitive as KnownPrimitive), name: 'wrongAdd', forward } as KnownPrimitive
  }

  test('broadcasts to the left operand only', () => {
    const subject = withForward(inputs => {
      const total = add.primitive.forward(inputs, {})
      const x = inputs[0]!
      return x.size <= total.size
        ? viewOf(total, x.shape, total.strides.slice(total.rank - x.rank), total.offset)
        : total
    })
    expect(broken(subject)).toContain('shape')
    expect(errorOf(subject, ['shape'])!.message).toContain('is predicted')
  })

  test('takes strided memory for compact', () => {
    const subject = withForward((inputs, attributes) => {
      const dense = inputs.map(x =>
        viewOf(
          x,
          x.shape,
          x.shape.map((_, k) => stride(x.shape, k)),
          x.offset,
        ),
      )
      return add.primitive.forward(dense, attributes)
    })
    expect(broken(subject)).toContain('views')
  })

  test('writes to its input', () => {
    const subject = withForward((inputs, attributes) => {
      const total = add.primitive.forward(inputs, attributes)
      const x = inputs[0]!
      if (x.size > 0) x.storage[x.offset] = 7
      return total
    })
    expect(broken(subject)).toContain('pure')
  })

  test('is coarser in float32 than float32', () => {
    const subject = wrongSin({
      loop: (count, x, xAt, xStep, out, outAt, outStep) => {
        const round = x instanceof Float32Array ? 1e5 : 1e15
        for (let i = 0; i < count; i++) {
          out[outAt + i * outStep] = Math.round(Math.sin(x[xAt + i * xStep]!) * round) / round
        }
      },
    })
    expect(broken(subject)).toContain('float32')
  })
})

describe('shape rules', () => {
  /** An op of core with another shape rule. */
  function withRule(primitive: KnownPrimitive, result: ShapeRule): KnownPrimitive {
    return { ...primitive, name: 'wrongRule', result }
  }

  test('a right one breaks nothing', () => {
    expect(broken(withRule(add.primitive, add.primitive.result!))).toEqual([])
  })

  test('forgets to broadcast', () => {
    const subject = withRule(add.primitive, ([x, y]) => ({ shape: x!.shape, dtype: y!.dtype }))
    expect(broken(subject)).toEqual(['shape rule', 'shape rule of wrong calls'])
    expect(errorOf(subject, ['shape rule'])!.message).toContain('the rule says')
  })

  test('forgets that whole numbers become floating ones', () => {
    const subject = withRule(sin.primitive, ([x]) => ({ shape: x!.shape, dtype: x!.dtype }))
    expect(broken(subject)).toEqual(['shape rule of wrong calls'])
  })

  test('reads values', () => {
    const subject = withRule(sum.primitive, ([x], attributes) => {
      x!.data()
      return sum.primitive.result!([x!], attributes)
    })
    expect(broken(subject)).toEqual(['shape rule', 'shape rule of wrong calls'])
    expect(errorOf(subject, ['shape rule'])!.message).toContain('has no values')
  })

  test('accepts operands that forward refuses', () => {
    const subject = withRule(matmul.primitive, ([x, y]) => ({
      shape: [...broadcast(x!, y!), x!.shape.at(-2)!, y!.shape.at(-1)!],
      dtype: x!.dtype === 'float32' ? y!.dtype : x!.dtype,
    }))
    expect(broken(subject)).toContain('shape rule of wrong calls')
    expect(broken(subject)).not.toContain('shape rule')
  })

  /** The batch axes of two operands that fit. */
  function broadcast(x: Tensor, y: Tensor): number[] {
    const rank = Math.max(x.rank, y.rank) - 2
    const sizeAt = ({ shape }: Tensor, axis: number): number => shape[axis - rank + shape.length - 2] ?? 1
    return Array.from({ length: rank }, (_, axis) =>
      sizeAt(x, axis) === 1 ? sizeAt(y, axis) : sizeAt(x, axis),
    )
  }
})

describe('ops without derivative', () => {
  const primitive: NonDifferentiablePrimitive = {
    name: 'isBig',
    kind: 'nonDifferentiable',
    keeps: 'nothing',
    reason: 'it is true or false',
    sample: draw => ({ inputs: [{ shape: draw.shape(0, 2) }], attributes: {} }),
    forward: ([x]) => sin(x!.detach()).greater(0.5),
  }

  test('may be recorded by nobody', () => {
    expect(broken(op(primitive, (x: Tensor) => apply(primitive, [x], {})))).toEqual(['refuses'])
    expect(broken(op(primitive, (x: Tensor) => primitive.forward([x], {})))).toEqual([])
  })
})

describe('the error', () => {
  const subject = wrongSin({ derivative: ({ inputs }) => neg(cos(inputs[0]!)) })

  test('names the primitive, the law and the smallest call', () => {
    const error = errorOf(subject, ['jvp'])!
    expect(error.primitive).toBe('wrongSin')
    expect(error.law).toBe('jvp')
    expect(error.call).toMatch(/^wrongSin\(\[\] float64 -?[\d.]+\)$/)
    expect(error.message).toContain("'wrongSin' breaks the law 'jvp'")
    expect(error.message).toContain(`{ seed: ${error.seed} }`)
  })

  test('comes again with its seed', () => {
    const first = errorOf(subject, ['jvp'])!
    expect(() => checkLaws(subject, { laws: ['jvp'], seed: first.seed })).toThrow(first.message)
  })

  test('shrinks to the axes that matter', () => {
    // Wrong for one element too: a 0-d tensor is a line of one.
    const error = errorOf(
      centred(cotangent => cotangent, centre),
      ['adjoint'],
    )!
    expect(error.call).toMatch(/^centred\(\[\d?\] float64/)
  })

  test('a law that does not exist is refused', () => {
    expect(() => checkLaws(subject, { laws: ['jpv'] })).toThrow("no law of 'wrongSin' is called 'jpv'")
  })
})

test('a general primitive is checked like any other', () => {
  const primitive: GeneralPrimitive = {
    name: 'squareGeneral',
    kind: 'general',
    keeps: 'inputs',
    sample: draw => ({ inputs: [{ shape: draw.shape(0, 3) }], attributes: {} }),
    forward: ([x]) => x!.detach().mul(x!.detach()),
    vjp: (cotangent, { inputs }) => mul(cotangent, mul(inputs[0]!, 2)),
    jvp: ([tangent], { inputs }) => mul(tangent!, mul(inputs[0]!, 2)),
  }
  expect(broken(primitive)).toEqual([])
  expect(broken({ ...primitive, jvp: ([tangent], { inputs }) => mul(tangent!, inputs[0]!) })).toContain('jvp')
})

function stride(shape: readonly number[], axis: number): number {
  return shape.slice(axis + 1).reduce((product, size) => product * size, 1)
}
