import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Activation,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  categoricalCrossEntropy,
  crossEntropy,
  type DenseNetwork,
  type DenseNetworkCache,
  denseNetwork,
  halfSquaredError,
  huber,
  type Loss,
  leakyRelu,
  linear,
  type Matrix,
  matrix,
  meanAbsoluteError,
  meanSquaredError,
  relu,
  sigmoid,
  softmax,
  tanh,
  zeros,
} from '../src/index.ts'
import {
  centralDifference,
  entry,
  errorOf,
  expectClose,
  inLayout,
  layouts,
  matrixOf,
  ROUNDING,
  STEP,
  scaled,
  single,
  size,
  TOLERANCE,
} from './support.ts'

/** An activation of the reader's own: softplus, whose derivative is the sigmoid. */
const softplus: Activation = {
  name: 'softplus',
  forward: ({ shape, data }) =>
    matrix(
      shape,
      Float64Array.from(data, z => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)))),
    ),
  backward: ({ da, z }) =>
    matrix(
      z.shape,
      Float64Array.from(z.data, (z, i) => da.data[i]! / (1 + Math.exp(-z))),
    ),
}

const hiddenActivations: readonly Activation[] = [sigmoid, tanh, relu, leakyRelu(), linear, softmax, softplus]

/** Output activations with the losses that fit them. */
const outputs: readonly { output: Activation; loss: Loss }[] = [
  { output: sigmoid, loss: binaryCrossEntropy },
  { output: softmax, loss: categoricalCrossEntropy },
  { output: softmax, loss: binaryCrossEntropy },
  { output: sigmoid, loss: halfSquaredError },
  { output: linear, loss: binaryCrossEntropyWithLogits },
  { output: linear, loss: crossEntropy },
  { output: linear, loss: halfSquaredError },
  { output: tanh, loss: meanSquaredError },
  { output: linear, loss: meanAbsoluteError },
  { output: linear, loss: huber() },
]

interface Problem {
  readonly network: DenseNetwork
  readonly X: Matrix
  readonly Y: Matrix
}

/** Entries small enough for |z| to stay of the order of 1 through four layers. */
const weight = entry.map(value => value / 2)
const target = fc.integer({ min: 0, max: 1 })

/** A network of one to four layers with its data, examples in columns. */
function problemOf({ output, loss }: (typeof outputs)[number]): fc.Arbitrary<Problem> {
  const shape = fc.record({
    sizes: fc.array(size, { minLength: 2, maxLength: 5 }),
    // A softmax of one class is 1: its binary cross entropy is at the end already.
    outputs: output === softmax ? fc.integer({ min: 2, max: 4 }) : size,
    m: size,
  })
  return shape.chain(({ sizes, outputs, m }) => {
    const widths = [...sizes.slice(0, -1), outputs]
    const layers = widths.slice(1).map((width, l) =>
      fc.record({
        W: matrixOf(width, widths[l]!, weight),
        b: matrixOf(width, 1, weight),
        activation: l === widths.length - 2 ? fc.constant(output) : fc.constantFrom(...hiddenActivations),
      }),
    )
    return fc.record({
      network: fc.record({
        layers: fc.tuple(...layers),
        loss: fc.constant(loss),
        layout: fc.constant('columns'),
      }),
      X: matrixOf(widths[0]!, m, entry),
      Y: matrixOf(outputs, m, target),
    }) as fc.Arbitrary<Problem>
  })
}

function inRows({ network, X, Y }: Problem): Problem {
  const layers = network.layers.map(layer => ({ ...layer, b: inLayout('rows', layer.b) }))
  return { network: { ...network, layers, layout: 'rows' }, X: inLayout('rows', X), Y: inLayout('rows', Y) }
}

function withLayer(network: DenseNetwork, l: number, changed: { W?: Matrix; b?: Matrix }): DenseNetwork {
  return {
    ...network,
    layers: network.layers.map((layer, k) => (k === l ? { ...layer, ...changed } : layer)),
  }
}

/** J as a function of z_l alone: the layers above l, run on from it. */
function costFromZ({ network, Y }: Problem, l: number, z: Matrix): number {
  return costFromA({ network, Y }, l, network.layers[l]!.activation.forward(z, network.layout))
}

function costFromA({ network, Y }: Omit<Problem, 'X'>, l: number, a: Matrix): number {
  const above = { ...network, layers: network.layers.slice(l + 1) }
  if (above.layers.length === 0) return network.loss.forward({ a, y: Y, layout: network.layout }).cost
  return denseNetwork.cost(above, denseNetwork.forward(above, a), Y)
}

/** Losses on probabilities, which lose their digits where a probability is nearly 0 or 1. */
const onProbabilities: readonly Loss[] = [binaryCrossEntropy, categoricalCrossEntropy]

function isBetween(margin: number, { data }: Matrix): boolean {
  return data.every(a => a > margin && a < 1 - margin)
}

/** Whether a central difference of J says anything: no kink within reach, nothing saturated, nothing large. */
function isSmooth({ network, Y }: Problem, { z, a }: DenseNetworkCache): boolean {
  const output = a.at(-1)!
  return (
    network.layers.every(({ activation: { name } }, l) => {
      const kink = name === 'relu' || name === 'leakyRelu' ? 100 * STEP : 0
      return z[l]!.data.every(z => Math.abs(z) >= kink && Math.abs(z) < 10)
    }) &&
    (network.loss !== meanAbsoluteError ||
      output.data.every((a, i) => Math.abs(a - Y.data[i]!) > 100 * STEP)) &&
    (!onProbabilities.includes(network.loss) || isBetween(0.01, output))
  )
}

describe.each(outputs.map(each => ({ ...each, title: `${each.output.name}, ${each.loss.name}` })))(
  'a network with $title',
  pair => {
    it.each(layouts)('has the derivatives that central differences of J say, examples in %s', layout => {
      fc.assert(
        fc.property(problemOf(pair), columns => {
          const problem = layout === 'columns' ? columns : inRows(columns)
          const { network, X, Y } = problem
          const m = columns.X.shape[1]
          const cache = denseNetwork.forward(network, X)
          fc.pre(isSmooth(problem, cache))
          const cost = (network: DenseNetwork, X: Matrix) =>
            denseNetwork.cost(network, denseNetwork.forward(network, X), Y)
          const gradients = denseNetwork.backward(network, X, cache, Y)
          for (const [l, { W, b }] of network.layers.entries()) {
            const dW = centralDifference(W => cost(withLayer(network, l, { W }), X), W)
            const db = centralDifference(b => cost(withLayer(network, l, { b }), X), b)
            // dz and da are of L, without 1/m.
            const dz = scaled(
              centralDifference(z => costFromZ(problem, l, z), cache.z[l]!),
              m,
            )
            const da = scaled(
              centralDifference(a => costFromA(problem, l, a), cache.a[l]!),
              m,
            )
            expectClose(gradients.dW[l]!, dW, TOLERANCE, `dW of layer ${l + 1}`)
            expectClose(gradients.db[l]!, db, TOLERANCE, `db of layer ${l + 1}`)
            expectClose(gradients.dz[l]!, dz, TOLERANCE, `dz of layer ${l + 1}`)
            // The third derivative of log a is 2/a³: near 0 the difference is too coarse for da itself.
            const isCoarse = onProbabilities.includes(network.loss) && !isBetween(0.05, cache.a[l]!)
            if (l < network.layers.length - 1 || !isCoarse) {
              expectClose(gradients.da[l]!, da, TOLERANCE, `da of layer ${l + 1}`)
            }
          }
          const dX = scaled(
            centralDifference(X => cost(network, X), X),
            m,
          )
          expectClose(gradients.dX, dX, TOLERANCE, 'dX')
        }),
        { numRuns: 50 },
      )
    })

    it('gives in rows the transpose of what it gives in columns', () => {
      fc.assert(
        fc.property(problemOf(pair), columns => {
          const rows = inRows(columns)
          const results = [columns, rows].map(({ network, X, Y }) => {
            const cache = denseNetwork.forward(network, X)
            return {
              cache,
              cost: denseNetwork.cost(network, cache, Y),
              ...denseNetwork.backward(network, X, cache, Y),
            }
          })
          const [inColumns, inRow] = [results[0]!, results[1]!]
          expect(inRow.cost).toBe(inColumns.cost)
          expect(inRow.dX).toEqual(inLayout('rows', inColumns.dX))
          for (let l = 0; l < columns.network.layers.length; l++) {
            expect(inRow.dW[l]).toEqual(inColumns.dW[l])
            expect(inRow.cache.z[l]).toEqual(inLayout('rows', inColumns.cache.z[l]!))
            expect(inRow.cache.a[l]).toEqual(inLayout('rows', inColumns.cache.a[l]!))
            for (const name of ['dz', 'da', 'db'] as const) {
              expect(inRow[name][l]).toEqual(inLayout('rows', inColumns[name][l]!))
            }
          }
        }),
      )
    })

    it('has the same derivatives by the literal chain, away from saturation', () => {
      fc.assert(
        fc.property(problemOf(pair), ({ network, X, Y }) => {
          const cache = denseNetwork.forward(network, X)
          fc.pre(isSmooth({ network, X, Y }, cache))
          const simplified = denseNetwork.backward(network, X, cache, Y)
          const literal = denseNetwork.backward(network, X, cache, Y, { output: 'literal' })
          for (let l = 0; l < network.layers.length; l++) {
            expectClose(literal.dz[l]!, simplified.dz[l]!, 1e-12, 'dz')
            expectClose(literal.dW[l]!, simplified.dW[l]!, 1e-12, 'dW')
          }
        }),
      )
    })
  },
)

describe('the recursion', () => {
  it('is dz_l = (W_(l+1)ᵀ dz_(l+1)) ∗ g_l′(z_l), with each layer’s own g′', () => {
    const layers = [
      { W: matrix([1, 1], [2]), b: zeros([1, 1]), activation: relu },
      { W: matrix([1, 1], [3]), b: zeros([1, 1]), activation: leakyRelu(0.1) },
      { W: matrix([1, 1], [-1]), b: zeros([1, 1]), activation: linear },
    ]
    const network: DenseNetwork = { layers, loss: halfSquaredError, layout: 'columns' }
    const X = matrix([1, 2], [1, -1])
    const cache = denseNetwork.forward(network, X)
    expect(cache.z.map(z => [...z.data])).toEqual([
      [2, -2],
      [6, 0],
      [-6, 0],
    ])
    const { dz, dW, db } = denseNetwork.backward(network, X, cache, matrix([1, 2], [-5, 1]))
    expect(dz.map(dz => [...dz.data].map(value => value + 0))).toEqual([
      [3, 0],
      [1, 0.1],
      [-1, -1],
    ])
    expect(dW.map(dW => dW.data[0])).toEqual([1.5, 1, -3])
    expect(db.map(db => db.data[0])).toEqual([1.5, 0.55, -1])
  })
})

describe('saturation', () => {
  const network = (loss: Loss, activation: Activation): DenseNetwork => ({
    layers: [{ W: matrix([1, 1], [1]), b: zeros([1, 1]), activation }],
    loss,
    layout: 'columns',
  })
  const one = matrix([1, 1], [1])
  const dz = (X: Matrix, output?: 'simplified' | 'literal') => {
    const binary = network(binaryCrossEntropy, sigmoid)
    const options = output === undefined ? {} : { output }
    return denseNetwork.backward(binary, X, denseNetwork.forward(binary, X), one, options).dz[0]!.data[0]
  }

  it('from z = 36.8 the literal chain is 0/0 and a − y is 0, in float64', () => {
    expect(dz(matrix([1, 1], [36.7]), 'literal')).toBeCloseTo(-Number.EPSILON, 20)
    expect(dz(matrix([1, 1], [36.8]), 'literal')).toBeNaN()
    expect(dz(matrix([1, 1], [36.8]), 'simplified')).toBe(0)
    expect(dz(matrix([1, 1], [36.8]))).toBe(0)
  })

  it('and from z = 17.4 in float32', () => {
    const binary = network(binaryCrossEntropy, sigmoid)
    const layers = binary.layers.map(layer => ({ ...layer, W: single(layer.W), b: single(layer.b) }))
    const literalAt = (z: number) => {
      const X = single(matrix([1, 1], [z]))
      const cache = denseNetwork.forward({ ...binary, layers }, X)
      const options = { output: 'literal' } as const
      return denseNetwork.backward({ ...binary, layers }, X, cache, single(one), options).dz[0]!.data[0]
    }
    expect(literalAt(17.3)).toBeLessThan(0)
    expect(literalAt(17.4)).toBeNaN()
  })

  it('on logits the derivative keeps its digits', () => {
    const logits = network(binaryCrossEntropyWithLogits, linear)
    const X = matrix([1, 1], [100])
    const { dz } = denseNetwork.backward(logits, X, denseNetwork.forward(logits, X), one)
    expect(dz[0]!.data[0]).toBe(-Math.exp(-100))
  })
})

describe('float32', () => {
  it('goes in and comes out, near what float64 gives', () => {
    fc.assert(
      fc.property(problemOf(outputs[0]!), ({ network, X, Y }) => {
        // softplus above answers in float64 whatever it is given.
        fc.pre(network.layers.every(({ activation }) => activation !== softplus))
        const layers = network.layers.map(layer => ({ ...layer, W: single(layer.W), b: single(layer.b) }))
        const cache = denseNetwork.forward({ ...network, layers }, single(X))
        fc.pre(isSmooth({ network, X, Y }, cache))
        const rounded = denseNetwork.backward({ ...network, layers }, single(X), cache, single(Y))
        const double = denseNetwork.backward(network, X, denseNetwork.forward(network, X), Y)
        for (let l = 0; l < layers.length; l++) {
          expect(rounded.dW[l]!.data).toBeInstanceOf(Float32Array)
          expectClose(rounded.dW[l]!, double.dW[l]!, 1e-5, 'dW')
        }
      }),
    )
  })
})

describe('gradient descent', () => {
  const zeroNetwork = (hidden: Activation): DenseNetwork => ({
    layers: [
      { W: zeros([3, 2]), b: zeros([3, 1]), activation: hidden },
      { W: zeros([1, 3]), b: zeros([1, 1]), activation: sigmoid },
    ],
    loss: binaryCrossEntropy,
    layout: 'columns',
  })
  const X = matrix([2, 4], [0.5, -1, 2, 0.25, 1, 1.5, -0.5, -2])
  const Y = matrix([1, 4], [1, 0, 1, 1])
  const gradientsOf = (network: DenseNetwork) =>
    denseNetwork.backward(network, X, denseNetwork.forward(network, X), Y)
  const isZero = ({ data }: Matrix) => data.every(value => value === 0)

  it('from zero weights, a sigmoid network moves W2 first, then W1, whose rows stay equal for ever', () => {
    let network = zeroNetwork(sigmoid)
    const first = gradientsOf(network)
    expect(isZero(first.dW[0]!) && isZero(first.db[0]!)).toBe(true)
    expect(isZero(first.dW[1]!)).toBe(false)
    for (let step = 0; step < 500; step++) {
      network = denseNetwork.descend(network, gradientsOf(network), 0.5)
      const [W1, W2] = network.layers.map(({ W }) => [...W.data])
      expect([...W1!.slice(2, 4), ...W1!.slice(4)]).toEqual([...W1!.slice(0, 2), ...W1!.slice(0, 2)])
      expect(W2).toEqual([W2![0], W2![0], W2![0]])
    }
    expect(isZero(network.layers[0]!.W)).toBe(false)
    const cost = denseNetwork.cost(network, denseNetwork.forward(network, X), Y)
    expect(cost).toBeLessThan(0.5)
  })

  it.each([tanh, relu, leakyRelu()])('from zero weights, with hidden $name only b2 moves', hidden => {
    let network = zeroNetwork(hidden)
    for (let step = 0; step < 100; step++) network = denseNetwork.descend(network, gradientsOf(network), 0.5)
    const [first, second] = network.layers
    expect(isZero(first!.W) && isZero(first!.b) && isZero(second!.W)).toBe(true)
    // b2 alone learns the odds of the labels: log(3 / 1).
    expect(second!.b.data[0]).toBeCloseTo(Math.log(3), 3)
  })

  it('from zero weights nothing moves when half of the labels are 1', () => {
    const network = zeroNetwork(sigmoid)
    const balanced = matrix([1, 4], [1, 0, 0, 1])
    const { dz, dW, db } = denseNetwork.backward(network, X, denseNetwork.forward(network, X), balanced)
    expect([...dz[1]!.data]).toEqual([-0.5, 0.5, 0.5, -0.5])
    expect([...dW, ...db].every(isZero)).toBe(true)
  })

  it('a logistic regression learns from zero weights', () => {
    let network: DenseNetwork = {
      layers: [{ W: zeros([1, 2]), b: zeros([1, 1]), activation: sigmoid }],
      loss: binaryCrossEntropy,
      layout: 'columns',
    }
    for (let step = 0; step < 500; step++) network = denseNetwork.descend(network, gradientsOf(network), 0.5)
    expect(denseNetwork.cost(network, denseNetwork.forward(network, X), Y)).toBeLessThan(0.1)
  })

  it('a small enough step lowers the cost, or has nowhere to go', () => {
    fc.assert(
      fc.property(fc.constantFrom(...outputs).chain(problemOf), ({ network, X, Y }) => {
        const cache = denseNetwork.forward(network, X)
        fc.pre(isSmooth({ network, X, Y }, cache))
        const before = denseNetwork.cost(network, cache, Y)
        const next = denseNetwork.descend(network, denseNetwork.backward(network, X, cache, Y), 1e-6)
        const after = denseNetwork.cost(next, denseNetwork.forward(next, X), Y)
        expect(after).toBeLessThanOrEqual(before + ROUNDING * before)
      }),
    )
  })
})

describe('what denseNetwork refuses', () => {
  const layer = { W: zeros([3, 2]), b: zeros([3, 1]), activation: tanh }
  const X = zeros([2, 4])

  it('a layer that does not fit the one before it, by its number', () => {
    const layers = [layer, { W: zeros([1, 2]), b: zeros([1, 1]), activation: sigmoid }]
    const network: DenseNetwork = { layers, loss: binaryCrossEntropy, layout: 'columns' }
    expect(errorOf(() => denseNetwork.forward(network, X)).message).toBe(
      'denseNetwork.forward, layer 2: W is (1, 2) but x has 3 units per example ' +
        "(x is (3, 4), layout 'columns'). W must be (n_out, 3).",
    )
  })

  it.each([
    [crossEntropy, softmax],
    [binaryCrossEntropyWithLogits, sigmoid],
  ])('$name after an activation', (loss, activation) => {
    const network: DenseNetwork = { layers: [{ ...layer, activation }], loss, layout: 'columns' }
    expect(errorOf(() => denseNetwork.forward(network, X)).message).toBe(
      `denseNetwork.forward: ${loss.name} takes logits, but the output activation is ${activation.name}, which would ` +
        'be applied twice. Make the output activation `linear`, or use a loss of activations: ' +
        'binaryCrossEntropy after sigmoid, categoricalCrossEntropy after softmax.',
    )
  })

  it('no layers, and the cache of another network', () => {
    const network: DenseNetwork = { layers: [], loss: halfSquaredError, layout: 'columns' }
    expect(errorOf(() => denseNetwork.forward(network, X)).message).toBe(
      'denseNetwork.forward: the network has no layers. Give it at least one.',
    )
    const one = { ...network, layers: [layer] }
    expect(errorOf(() => denseNetwork.backward(one, X, { z: [], a: [] }, X)).message).toBe(
      'denseNetwork.backward: the network has 1 layers but the cache holds 0 z and 0 a. ' +
        'Give the cache that denseNetwork.forward returned for this network.',
    )
  })
})
