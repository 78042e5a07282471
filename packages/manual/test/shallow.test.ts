import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Activation,
  binaryCrossEntropy,
  type DenseNetwork,
  denseNetwork,
  gradientDescent,
  halfSquaredError,
  leakyRelu,
  linear,
  type Matrix,
  matrix,
  relu,
  type ShallowParameters,
  shallowBinary,
  shallowRegression,
  sigmoid,
  tanh,
  zeros,
} from '../src/index.ts'
import {
  centralDifference,
  entry,
  errorOf,
  expectClose,
  matrixOf,
  ROUNDING,
  STEP,
  scaled,
  size,
  TOLERANCE,
} from './support.ts'

const hiddens: readonly Activation[] = [sigmoid, tanh, relu, leakyRelu()]

/** Entries small enough for |z2| to stay of the order of 1. */
const weight = entry.map(value => value / 2)

const sheets = [
  {
    name: 'shallowBinary',
    sheet: shallowBinary,
    output: sigmoid,
    loss: binaryCrossEntropy,
    outputs: fc.constant(1),
  },
  {
    name: 'shallowRegression',
    sheet: shallowRegression,
    output: linear,
    loss: halfSquaredError,
    outputs: size,
  },
]

describe.each(sheets)('$name', ({ name, sheet, output, loss, outputs }) => {
  const problem = fc.tuple(size, size, outputs, size).chain(([n_x, n_h, n_y, m]) =>
    fc.record({
      parameters: fc.record({
        W1: matrixOf(n_h, n_x, weight),
        b1: matrixOf(n_h, 1, weight),
        W2: matrixOf(n_y, n_h, weight),
        b2: matrixOf(n_y, 1, weight),
      }),
      X: matrixOf(n_x, m, entry),
      Y: matrixOf(n_y, m, name === 'shallowBinary' ? fc.integer({ min: 0, max: 1 }) : entry),
      hidden: fc.constantFrom(...hiddens),
    }),
  )

  it('has the derivatives that central differences of J say', () => {
    fc.assert(
      fc.property(problem, ({ parameters, X, Y, hidden }) => {
        const m = X.shape[1]
        const cache = sheet.forward(parameters, X, { hidden })
        // Away from the kinks of the hidden layer, and from the ends, where log(1 − a) has lost its digits.
        fc.pre(cache.z1.data.every(z => Math.abs(z) > 100 * STEP))
        fc.pre(output === linear || cache.z2.data.every(z => Math.abs(z) < 5))
        const J = (changed: Partial<ShallowParameters>) =>
          sheet.cost(sheet.forward({ ...parameters, ...changed }, X, { hidden }), Y)
        const gradients = sheet.backward(parameters, X, Y, cache, { hidden })
        for (const parameter of ['W1', 'b1', 'W2', 'b2'] as const) {
          const expected = centralDifference(value => J({ [parameter]: value }), parameters[parameter])
          expectClose(gradients[`d${parameter}`], expected, TOLERANCE, `d${parameter}`)
        }
        const costFromZ2 = (z2: Matrix) => sheet.cost({ ...cache, z2, a2: output.forward(z2, 'columns') }, Y)
        expectClose(gradients.dz2, scaled(centralDifference(costFromZ2, cache.z2), m), TOLERANCE, 'dz2')
      }),
    )
  })

  it('is the network with two layers', () => {
    fc.assert(
      fc.property(problem, ({ parameters: { W1, b1, W2, b2 }, X, Y, hidden }) => {
        const layers = [
          { W: W1, b: b1, activation: hidden },
          { W: W2, b: b2, activation: output },
        ]
        const network: DenseNetwork = { layers, loss, layout: 'columns' }
        const deepCache = denseNetwork.forward(network, X)
        const deep = denseNetwork.backward(network, X, deepCache, Y)
        const cache = sheet.forward({ W1, b1, W2, b2 }, X, { hidden })
        const gradients = sheet.backward({ W1, b1, W2, b2 }, X, Y, cache, { hidden })
        expectClose(cache.a1, deepCache.a[0]!, ROUNDING, 'a1')
        expectClose(cache.a2, deepCache.a[1]!, ROUNDING, 'a2')
        expect(sheet.cost(cache, Y)).toBe(denseNetwork.cost(network, deepCache, Y))
        for (const [l, index] of [1, 2].entries()) {
          for (const quantity of ['dz', 'dW', 'db'] as const) {
            const actual = gradients[`${quantity}${index as 1 | 2}`]
            expectClose(actual, deep[quantity][l]!, ROUNDING, `${quantity}${index}`)
          }
        }
      }),
    )
  })

  it('has the shapes of the lecture: z2 (n_y, m), db (n, 1), with a sigmoid hidden layer by default', () => {
    const parameters = {
      W1: matrix([3, 2], [0.1, -0.2, 0.3, 0.4, -0.5, 0.6]),
      b1: zeros([3, 1]),
      W2: matrix([1, 3], [0.7, -0.8, 0.9]),
      b2: zeros([1, 1]),
    }
    const X = matrix([2, 4], [1, 0, -1, 2, 0.5, 1, 1.5, -2])
    const Y = matrix([1, 4], [1, 0, 1, 0])
    const cache = sheet.forward(parameters, X)
    expect(cache).toEqual(sheet.forward(parameters, X, { hidden: sigmoid }))
    const gradients = sheet.backward(parameters, X, Y, cache)
    expect(gradients).toEqual(sheet.backward(parameters, X, Y, cache, { hidden: sigmoid }))
    const shapes = Object.entries({ ...cache, ...gradients }).map(([name, { shape }]) => [name, ...shape])
    expect(shapes).toEqual([
      ['z1', 3, 4],
      ['a1', 3, 4],
      ['z2', 1, 4],
      ['a2', 1, 4],
      ['dz2', 1, 4],
      ['dW2', 1, 3],
      ['db2', 1, 1],
      ['dz1', 3, 4],
      ['dW1', 3, 2],
      ['db1', 3, 1],
    ])
  })

  it('from zero weights has dW1 = 0 in the first step', () => {
    const parameters = { W1: zeros([3, 2]), b1: zeros([3, 1]), W2: zeros([1, 3]), b2: zeros([1, 1]) }
    const X = matrix([2, 3], [1, 2, 3, -1, 0.5, 2])
    const Y = matrix([1, 3], [1, 1, 0])
    const { dW1, dW2 } = sheet.backward(parameters, X, Y, sheet.forward(parameters, X))
    expect(dW1.data.every(value => value === 0)).toBe(true)
    expect(dW2.data.every(value => value !== 0)).toBe(true)
  })

  it('learns', () => {
    let parameters: ShallowParameters = {
      W1: matrix([3, 2], [0.5, -0.4, 0.3, 0.8, -0.9, 0.2]),
      b1: zeros([3, 1]),
      W2: matrix([1, 3], [0.3, -0.6, 0.4]),
      b2: zeros([1, 1]),
    }
    const X = matrix([2, 4], [0, 0, 1, 1, 0, 1, 0, 1])
    const Y = matrix([1, 4], [0, 1, 1, 1])
    for (let step = 0; step < 2000; step++) {
      const cache = sheet.forward(parameters, X)
      parameters = gradientDescent(parameters, sheet.backward(parameters, X, Y, cache), 0.5)
    }
    expect(sheet.cost(sheet.forward(parameters, X), Y)).toBeLessThan(0.05)
  })

  it('says which parameter does not fit', () => {
    const parameters = { W1: zeros([3, 2]), b1: zeros([3, 1]), W2: zeros([1, 3]), b2: zeros([1, 1]) }
    const X = zeros([2, 4])
    const forward = (changed: Partial<ShallowParameters>, x = X) =>
      errorOf(() => sheet.forward({ ...parameters, ...changed }, x)).message
    expect(forward({}, zeros([4, 2]))).toBe(
      `${name}.forward: W1 is (3, 2) but X is (4, 2), with 4 units per example, in columns. W1 must be (3, 4).`,
    )
    expect(forward({ b1: zeros([1, 3]) })).toBe(
      `${name}.forward: b1 is (1, 3) but W1 makes 3 hidden units. b1 must be (3, 1).`,
    )
    expect(forward({ W2: zeros([1, 2]) })).toBe(
      `${name}.forward: W2 is (1, 2) but W1 makes 3 hidden units. W2 must be (1, 3).`,
    )
    expect(forward({ b2: zeros([2, 1]) })).toBe(
      `${name}.forward: b2 is (2, 1) but W2 makes 1 output units. b2 must be (1, 1).`,
    )
    const cache = sheet.forward(parameters, X)
    expect(errorOf(() => sheet.backward(parameters, X, zeros([4, 1]), cache)).message).toBe(
      `${name}.backward: Y is (4, 1) but a2 is (1, 4). Y must have the shape of a2, examples in columns.`,
    )
    expect(errorOf(() => sheet.backward(parameters, zeros([2, 5]), zeros([1, 5]), cache)).message).toBe(
      `${name}.backward: X is (2, 5) but the cache has a2 (1, 4), of another batch. ` +
        'Give the cache that forward returned for this X.',
    )
    const none = sheet.forward(parameters, zeros([2, 0]))
    expect(errorOf(() => sheet.backward(parameters, zeros([2, 0]), zeros([1, 0]), none)).message).toBe(
      `${name}.backward: X has no examples: dW and db are means and need at least one.`,
    )
  })
})

it('shallowBinary has one output', () => {
  const parameters = { W1: zeros([3, 2]), b1: zeros([3, 1]), W2: zeros([2, 3]), b2: zeros([2, 1]) }
  expect(errorOf(() => shallowBinary.forward(parameters, zeros([2, 4]))).message).toBe(
    'shallowBinary.forward: W2 is (2, 3), which makes 2 outputs, but the sheet is for one. ' +
      'W2 must be (1, n_h); for several outputs use denseNetwork with binaryCrossEntropy.',
  )
})
