// The property: what autograd finds is what was derived by hand, for every layer, activation and loss, in random networks.
import { leakyRelu, Rng, relu, sigmoid, softmax, type Tensor, tanh, tensor } from '@adjoint/core'
import * as manual from '@adjoint/manual'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import * as nn from '../src/index.ts'
import { distance, toMatrix } from './support.ts'

type Twin = {
  readonly automatic: (layout: nn.Layout) => nn.AnyLayer
  readonly manual: manual.Activation
  /** Where the derivative jumps, when it does. */
  readonly kink?: number
}

const ACTIVATIONS = {
  sigmoid: { automatic: () => sigmoid, manual: manual.sigmoid },
  tanh: { automatic: () => tanh, manual: manual.tanh },
  relu: { automatic: () => relu, manual: manual.relu, kink: 0 },
  leakyRelu: { automatic: () => leakyRelu, manual: manual.leakyRelu(), kink: 0 },
  steepLeakyRelu: { automatic: () => new nn.LeakyRelu(0.3), manual: manual.leakyRelu(0.3), kink: 0 },
  linear: { automatic: () => nn.linear, manual: manual.linear },
  softmax: {
    automatic: layout => (layout === 'rows' ? softmax : new nn.Softmax({ layout })),
    manual: manual.softmax,
  },
} as const satisfies Record<string, Twin>

type ActivationName = keyof typeof ACTIVATIONS
const names = Object.keys(ACTIVATIONS) as ActivationName[]

/** How targets are drawn: any number, a number in [0, 1], a whole example that sums to 1. */
type Targets = 'any' | 'probability' | 'distribution'

interface LossTwin {
  readonly automatic: (prediction: Tensor, target: Tensor, layout: nn.Layout) => Tensor
  readonly manual: manual.Loss
  readonly outputs: readonly ActivationName[]
  readonly targets: Targets
  /** Residuals at which the derivative jumps. */
  readonly kinks?: readonly number[]
}

const LOSSES: Readonly<Record<string, LossTwin>> = {
  binaryCrossEntropy: {
    automatic: (a, y) => nn.binaryCrossEntropy(a, y),
    manual: manual.binaryCrossEntropy,
    outputs: ['sigmoid'],
    targets: 'probability',
  },
  binaryCrossEntropyWithLogits: {
    automatic: (a, y) => nn.binaryCrossEntropyWithLogits(a, y),
    manual: manual.binaryCrossEntropyWithLogits,
    outputs: ['linear'],
    targets: 'probability',
  },
  categoricalCrossEntropy: {
    automatic: (a, y, layout) => nn.categoricalCrossEntropy(a, y, { layout }),
    manual: manual.categoricalCrossEntropy,
    outputs: ['softmax'],
    targets: 'distribution',
  },
  crossEntropy: {
    automatic: (z, y, layout) => nn.crossEntropy(z, y, { layout }),
    manual: manual.crossEntropy,
    outputs: ['linear'],
    targets: 'distribution',
  },
  halfSquaredError: {
    automatic: (a, y, layout) => nn.halfSquaredError(a, y, { layout }),
    manual: manual.halfSquaredError,
    outputs: names,
    targets: 'any',
  },
  meanSquaredError: {
    automatic: (a, y) => nn.meanSquaredError(a, y),
    manual: manual.meanSquaredError,
    outputs: names,
    targets: 'any',
  },
  meanAbsoluteError: {
    automatic: (a, y) => nn.meanAbsoluteError(a, y),
    manual: manual.meanAbsoluteError,
    outputs: names,
    targets: 'any',
    kinks: [0],
  },
  huber: {
    automatic: (a, y) => nn.huber(a, y, { delta: 0.5 }),
    manual: manual.huber(0.5),
    outputs: names,
    targets: 'any',
  },
}

/** A random network: everything but its numbers, which come from the seed. */
interface Network {
  readonly sizes: readonly number[]
  readonly activations: readonly ActivationName[]
  readonly layout: nn.Layout
  readonly m: number
  readonly hard: boolean
  readonly seed: number
}

/** 0 to 4 hidden layers of 1 to 6 units, batches of 1 to 8 examples, either layout. */
function networksFor({ outputs }: LossTwin): fc.Arbitrary<Network> {
  const unit = fc.integer({ min: 1, max: 6 })
  return fc.integer({ min: 0, max: 4 }).chain(hidden =>
    fc.record({
      sizes: fc.array(unit, { minLength: hidden + 2, maxLength: hidden + 2 }),
      activations: fc
        .tuple(
          fc.array(fc.constantFrom(...names), { minLength: hidden, maxLength: hidden }),
          fc.constantFrom(...outputs),
        )
        .map(([inner, output]) => [...inner, output]),
      layout: fc.constantFrom<nn.Layout>('rows', 'columns'),
      m: fc.integer({ min: 1, max: 8 }),
      hard: fc.boolean(),
      seed: fc.integer({ min: 0, max: 2 ** 31 }),
    }),
  )
}

const shapeOf = (layout: nn.Layout, units: number, m: number): [number, number] =>
  layout === 'rows' ? [m, units] : [units, m]

/** Targets in [0, 1] are whole numbers when `hard`; distributions are then one-hot. */
function drawTargets(rng: Rng, targets: Targets, { layout, m, hard, sizes }: Network): Tensor {
  const units = sizes.at(-1)!
  const shape = shapeOf(layout, units, m)
  if (targets === 'any') return rng.normal(shape, { dtype: 'float64' })
  const draws = rng.uniform(shape, { dtype: 'float64' })
  if (targets === 'probability') return hard ? draws.greater(0.5).cast('float64') : draws
  const axis = layout === 'rows' ? 1 : 0
  if (hard) return draws.equal(draws.max(axis, { keepDims: true })).cast('float64')
  return draws.div(draws.sum(axis, { keepDims: true }))
}

type Quantities = ReadonlyMap<string, ArrayLike<number> & Iterable<number>>

interface Passes {
  readonly automatic: Quantities
  /** Derivatives by hand, dz of the output through the chain of the loss as it is written. */
  readonly literal: Quantities
  /** Derivatives by hand, dz of the output simplified to a − y where it can be. */
  readonly simplified: Quantities
  /** How large the numbers are that each derivative is a sum of, see {@link termsOf}. */
  readonly terms: ReadonlyMap<string, number>
  /** The smallest distance of any z or residual to a place where a derivative jumps. */
  readonly clearance: number
  /** Largest derivative that the loss sends into the network. */
  readonly signal: number
}

/**
 * Both passes on sizes. Forward: |z| = |W| |x| + |b|, |a| + g' |z|, the next |x|. Backward: |dz| = g' |da|,
 * |dW| = (1/m) |dz| |x|ᵀ, |db| = (1/m) Σ |dz|, |dx| = |W|ᵀ |dz|. A value or a derivative may be a sum that cancels, to 0 even
 * (a softmax takes the mean off its gradient, the signs of an absolute error add up to 0). Rounding is relative to the
 * terms of such a sum, not to what is left of them.
 */
function termsOf(
  { layers, layout }: manual.DenseNetwork,
  X: manual.Matrix,
  cache: manual.DenseNetworkCache,
  da: manual.Matrix,
): ReadonlyMap<string, number> {
  const terms = new Map<string, number>()
  const note = (name: string, sizes: manual.Matrix): manual.Matrix => {
    terms.set(name, Math.max(...sizes.data))
    return sizes
  }
  /** All of these g are increasing: g' is its own size. The Jacobian of softmax, a_j (δ_jk − a_k), has terms of both signs. */
  const chain = (l: number, sizes: manual.Matrix): manual.Matrix => {
    const { activation } = layers[l - 1]!
    const [z, a] = [cache.z[l - 1]!, cache.a[l - 1]!]
    const through = activation.backward({ da: sizes, z, a, layout })
    // a_j s_j + a_j Σ a_k s_k = 2 a_j s_j − (a_j s_j − a_j Σ a_k s_k)
    return activation === manual.softmax
      ? combine([sizes, a, through], (size, a, difference) => 2 * a * size - difference)
      : through
  }
  const x = [absolute(X)]
  layers.forEach(({ W, b }, index) => {
    const l = index + 1
    const z = manual.dense.forward({ x: x[index]!, W: absolute(W), b: absolute(b), layout })
    note(`z${l}`, z)
    x[l] = note(
      `a${l}`,
      combine([absolute(cache.a[index]!), chain(l, z)], (a, change) => a + change),
    )
  })
  let sizes = absolute(da)
  for (let l = layers.length; l >= 1; l--) {
    note(`da${l}`, sizes)
    const dz = note(`dz${l}`, chain(l, sizes))
    const W = absolute(layers[l - 1]!.W)
    const { dW, db, dx } = manual.dense.backward({ dz, x: x[l - 1]!, W, layout })
    note(`dW${l}`, dW)
    note(`db${l}`, db)
    sizes = dx
  }
  note('dX', sizes)
  return terms
}

function absolute({ shape, data }: manual.Matrix): manual.Matrix {
  return manual.matrix(shape, Float64Array.from(data, Math.abs))
}

/** Entry by entry, from matrices of one shape. */
function combine(
  matrices: readonly manual.Matrix[],
  f: (...entries: readonly [number, number, number]) => number,
): manual.Matrix {
  const data = matrices[0]!.data
  const at = (i: number): [number, number, number] =>
    matrices.map(x => x.data[i]!) as [number, number, number]
  return manual.matrix(
    matrices[0]!.shape,
    Float64Array.from(data, (_, i) => f(...at(i))),
  )
}

/** One forward and backward pass on both sides, from the same numbers. */
function run(loss: LossTwin, network: Network, dtype: 'float32' | 'float64'): Passes {
  const { sizes, activations, layout, m, seed } = network
  const rng = new Rng(seed)
  const X = rng.normal(shapeOf(layout, sizes[0]!, m), { dtype: 'float64' }).cast(dtype)
  const Y = drawTargets(rng, loss.targets, network).cast(dtype)
  const denses = activations.map(
    (_, l) => new nn.Dense<number, number, nn.Layout>(sizes[l]!, sizes[l + 1]!, { rng, layout, dtype }),
  )
  const layers = activations.flatMap((name, l) => [denses[l]!, ACTIVATIONS[name].automatic(layout)])
  const model = new nn.Sequential(layers)

  const input = tensor(X.data(), { shape: [...X.shape], requiresGrad: true })
  const observed = new Map<string, Tensor>()
  const output = model.forward(input, { observe: (path, x) => observed.set(path, x) })
  const cost = loss.automatic(output, Y, layout)
  cost.backward()

  const automatic = new Map<string, Float64Array>()
  const values = (x: Tensor, factor = 1): Float64Array => Float64Array.from(x.data(), v => v * factor)
  automatic.set('cost', values(cost))
  activations.forEach((_, l) => {
    const [z, a] = [observed.get(String(2 * l))!, observed.get(String(2 * l + 1))!]
    automatic.set(`z${l + 1}`, values(z)).set(`a${l + 1}`, values(a))
    // The lecture's dz and da are derivatives of the loss of each example; the mean divides them by m.
    automatic.set(`dz${l + 1}`, values(z.grad!, m)).set(`da${l + 1}`, values(a.grad!, m))
    automatic.set(`dW${l + 1}`, values(denses[l]!.weight.grad!))
    automatic.set(`db${l + 1}`, values(denses[l]!.bias!.grad!))
  })
  automatic.set('dX', values(input.grad!, m))

  const twin: manual.DenseNetwork = {
    layers: denses.map(({ weight, bias }, l) => ({
      W: toMatrix(weight),
      b: toMatrix(bias!),
      activation: ACTIVATIONS[activations[l]!].manual,
    })),
    loss: loss.manual,
    layout,
  }
  const [X0, Y0] = [toMatrix(X), toMatrix(Y)]
  const cache = manual.denseNetwork.forward(twin, X0)
  const byHand = (output: 'literal' | 'simplified'): Quantities => {
    const gradients = manual.denseNetwork.backward(twin, X0, cache, Y0, { output })
    const quantities = new Map<string, ArrayLike<number> & Iterable<number>>()
    quantities.set('cost', [manual.denseNetwork.cost(twin, cache, Y0)])
    activations.forEach((_, l) => {
      quantities.set(`z${l + 1}`, cache.z[l]!.data).set(`a${l + 1}`, cache.a[l]!.data)
      quantities.set(`dz${l + 1}`, gradients.dz[l]!.data).set(`da${l + 1}`, gradients.da[l]!.data)
      quantities.set(`dW${l + 1}`, gradients.dW[l]!.data).set(`db${l + 1}`, gradients.db[l]!.data)
    })
    return quantities.set('dX', gradients.dX.data)
  }

  let clearance = Infinity
  activations.forEach((name, l) => {
    const twin: Twin = ACTIVATIONS[name]
    if (twin.kink === undefined) return
    for (const z of cache.z[l]!.data) clearance = Math.min(clearance, Math.abs(z - twin.kink))
  })
  for (const kink of loss.kinks ?? []) {
    cache.a.at(-1)!.data.forEach((a, i) => {
      clearance = Math.min(clearance, Math.abs(a - Y0.data[i]! - kink))
    })
  }
  const da = loss.manual.backward({ a: cache.a.at(-1)!, y: Y0, layout })
  return {
    automatic,
    literal: byHand('literal'),
    simplified: byHand('simplified'),
    terms: termsOf(twin, X0, cache, da),
    clearance,
    signal: Math.max(...absolute(da).data),
  }
}

/** The largest distance of any quantity, relative to its largest entry or its largest terms, and its name. */
function worst({ automatic, terms }: Passes, expected: Quantities): { name: string; distance: number } {
  expect([...automatic.keys()].sort()).toEqual([...expected.keys()].sort())
  let found = { name: 'none', distance: 0 }
  for (const [name, values] of expected) {
    const d = distance(automatic.get(name)!, values, terms.get(name))
    if (!(d <= found.distance)) found = { name, distance: d }
  }
  return found
}

/** Which networks a comparison means something for: nothing on a kink, and predictions that are not the targets already. */
function isMeaningful({ clearance, signal }: Passes, margin: number): boolean {
  return clearance > margin && (signal === 0 || signal > 0.1)
}

/** Networks per loss and dtype. */
const RUNS = 250

const FLOAT64 = 1e-12

/**
 * A number on its way through one layer is rounded at most 8 times: Wx, + b, g; then g' (twice), da g', and the two products
 * with dz. Each is half an ulp, on either of two sides: 8 ε for a layer. Four times as much is allowed, because what is
 * left of a − y may be a tenth of a.
 */
const float32Bound = (layers: number): number => 32 * layers * 2 ** -23

const counts = { float64: 0, float32: 0 }
const largest = { float64: 0, float32: 0 }

afterAll(() => {
  console.log(
    `witness: ${counts.float64} random networks in float64, largest relative difference ${largest.float64.toExponential(1)}; ` +
      `${counts.float32} in float32, ${largest.float32.toExponential(1)}`,
  )
})

describe.each(Object.entries(LOSSES))('%s', (_, loss) => {
  const compare = (dtype: 'float64' | 'float32', margin: number, bound: (layers: number) => number): void => {
    fc.assert(
      fc.property(networksFor(loss), network => {
        const passes = run(loss, network, dtype)
        fc.pre(isMeaningful(passes, margin))
        counts[dtype]++
        for (const form of ['literal', 'simplified'] as const) {
          const { name, distance } = worst(passes, passes[form])
          largest[dtype] = Math.max(largest[dtype], distance)
          expect(distance, `${name}, ${form} output`).toBeLessThanOrEqual(bound(network.activations.length))
        }
      }),
      { numRuns: RUNS },
    )
  }

  test('autograd equals the hand-derived pass in float64', () => compare('float64', 1e-9, () => FLOAT64))

  test('autograd equals the hand-derived pass in float32', () => compare('float32', 1e-4, float32Bound))
})

test('a mistake of one part in a million in a single quantity is found', () => {
  const network: Network = {
    sizes: [3, 4, 2],
    activations: ['tanh', 'sigmoid'],
    layout: 'columns',
    m: 5,
    hard: true,
    seed: 1,
  }
  const passes = run(LOSSES.binaryCrossEntropy!, network, 'float64')
  const quantities = [...passes.literal.keys()]
  expect(quantities).toHaveLength(1 + 2 * 6 + 1)
  for (const name of quantities) {
    const wrong = Float64Array.from(passes.automatic.get(name)!, value => value * (1 + 1e-6))
    const found = worst(
      { ...passes, automatic: new Map([...passes.automatic, [name, wrong]]) },
      passes.literal,
    )
    expect(found.name).toBe(name)
    expect(found.distance).toBeGreaterThan(1e5 * FLOAT64)
  }
})
