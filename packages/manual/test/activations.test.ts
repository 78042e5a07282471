import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Activation,
  leakyRelu,
  linear,
  matrix,
  relu,
  sigmoid,
  softmax,
  tanh,
  transpose,
  zeros,
} from '../src/index.ts'
import {
  centralDifference,
  dot,
  entry,
  errorOf,
  expectClose,
  layouts,
  matricesOf,
  ROUNDING,
  single,
  TOLERANCE,
} from './support.ts'

const activations: readonly Activation[] = [linear, sigmoid, tanh, relu, leakyRelu(), leakyRelu(0.3), softmax]

describe.each(activations)('$name', activation => {
  it.each(layouts)('carries da to dz as the central difference says, examples in %s', layout => {
    fc.assert(
      fc.property(matricesOf(entry, entry), ([z, da]) => {
        const a = activation.forward(z!, layout)
        const dz = activation.backward({ da: da!, z: z!, a, layout })
        const expected = centralDifference(z => dot(da!, activation.forward(z, layout)), z!)
        expectClose(dz, expected, TOLERANCE, 'dz')
      }),
    )
  })

  it('gives in rows the transpose of what it gives in columns', () => {
    fc.assert(
      fc.property(matricesOf(entry, entry), ([z, da]) => {
        const columns = activation.forward(z!, 'columns')
        const rows = activation.forward(transpose(z!), 'rows')
        expect(rows).toEqual(transpose(columns))
        const dz = activation.backward({ da: da!, z: z!, a: columns, layout: 'columns' })
        const inRows = { da: transpose(da!), z: transpose(z!), a: rows, layout: 'rows' } as const
        expect(activation.backward(inRows)).toEqual(transpose(dz))
      }),
    )
  })

  it('computes in double and rounds once for float32', () => {
    fc.assert(
      fc.property(matricesOf(entry), ([z]) => {
        const rounded = single(z!)
        const a = activation.forward(rounded, 'columns')
        const double = activation.forward(matrix(rounded.shape, Float64Array.from(rounded.data)), 'columns')
        expect(a).toEqual(single(double))
      }),
    )
  })

  it('refuses operands of different shapes', () => {
    const z = zeros([2, 3])
    const error = errorOf(() => activation.backward({ da: zeros([3, 2]), z, a: z, layout: 'columns' }))
    expect(error.name).toBe('ShapeError')
    expect(error.message).toBe(
      `${activation.name}.backward: z is (2, 3) but da is (3, 2). They must have one shape: ` +
        'transpose da, or choose the other layout.',
    )
  })
})

/** g and g' at single numbers. */
function at(activation: Activation, ...numbers: readonly number[]): { a: number[]; slope: number[] } {
  const z = matrix([1, numbers.length], numbers)
  const a = activation.forward(z, 'columns')
  const da = matrix(
    z.shape,
    numbers.map(() => 1),
  )
  return { a: [...a.data], slope: [...activation.backward({ da, z, a, layout: 'columns' }).data] }
}

describe('at the ends and the kinks', () => {
  it('sigmoid keeps its digits on the negative side and saturates at z = 36.8 on the other', () => {
    const { a, slope } = at(sigmoid, -1000, -700, 36.7, 36.8, 1000)
    expect(a.slice(0, 2)).toEqual([0, Math.exp(-700)])
    expect(a[2]).toBeLessThan(1)
    expect(a.slice(3)).toEqual([1, 1])
    expect(slope[1]).toBe(Math.exp(-700))
    expect(slope.slice(3)).toEqual([0, 0])
  })

  it('tanh does not become ∞/∞', () => {
    expect(at(tanh, -1000, 1000)).toEqual({ a: [-1, 1], slope: [0, 0] })
  })

  it('relu and leakyRelu take the smaller slope at 0', () => {
    expect(at(relu, -2, 0, 3)).toEqual({ a: [0, 0, 3], slope: [0, 0, 1] })
    expect(at(leakyRelu(), -2, 0, 3)).toEqual({ a: [-0.02, 0, 3], slope: [0.01, 0.01, 1] })
  })

  it('NaN stays NaN', () => {
    for (const activation of activations)
      expect(at(activation, Number.NaN).a, activation.name).toEqual([Number.NaN])
  })

  it('softmax sums to 1, is blind to a common shift, and does not overflow', () => {
    const a = softmax.forward(matrix([3, 2], [1000, 1, 1000, 2, -1000, 3]), 'columns')
    expect([a.data[0], a.data[2], a.data[4]]).toEqual([0.5, 0.5, 0])
    const shifted = softmax.forward(matrix([3, 1], [-8, -7, -6]), 'columns')
    expectClose(matrix([3, 1], [a.data[1]!, a.data[3]!, a.data[5]!]), shifted, ROUNDING)
    expect(shifted.data[0]! + shifted.data[1]! + shifted.data[2]!).toBeCloseTo(1, 15)
  })
})
