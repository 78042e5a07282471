// The lecture's networks as PyTorch computed them, through autograd and through the hand-derived passes.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import {
  leakyRelu,
  matmul,
  relu,
  sigmoid,
  softmax,
  sum,
  type Tensor,
  tanh,
  tensor,
  type UnaryOp,
} from '@adjoint/core'
import * as manual from '@adjoint/manual'
import { afterAll, describe, expect, test } from 'vitest'
import * as nn from '../src/index.ts'
import { toMatrix } from './support.ts'

interface Stored {
  readonly shape: readonly [number, number]
  readonly dtype: string
  readonly data: readonly number[]
}

interface Tolerance {
  readonly rtol: number
  readonly atol: number
}

/** z, a, dz, dW and db of every layer, and the cost. */
interface Step {
  readonly z: readonly Stored[]
  readonly a: readonly Stored[]
  readonly dz: readonly Stored[]
  readonly dW: readonly Stored[]
  readonly db: readonly Stored[]
  readonly cost: number
}

interface NetworkCase {
  readonly id: string
  readonly attrs: {
    readonly layerSizes: readonly number[]
    readonly activations: readonly string[]
    readonly loss: string
    readonly m: number
    readonly alpha: number
    readonly steps: number
  }
  readonly X: Stored
  readonly Y: Stored
  readonly W0: readonly Stored[]
  readonly b0: readonly Stored[]
  readonly step0: Step
  readonly losses: readonly number[]
  readonly Wfinal: readonly Stored[]
  readonly bfinal: readonly Stored[]
  readonly stepFinal: Step
  readonly tol: Tolerance
}

interface CollapseCase
  extends Readonly<Record<'X' | 'W1' | 'b1' | 'W2' | 'b2' | 'a2' | 'Wprime' | 'bprime', Stored>> {
  readonly tol: Tolerance
}

interface TableCase {
  readonly z: Stored
  readonly values: Readonly<Record<string, Stored>>
  readonly derivatives: Readonly<Record<string, Stored>>
  readonly tol: Tolerance
}

interface Case {
  readonly id: string
  readonly op: string
}

const fixture = JSON.parse(
  gunzipSync(readFileSync(new URL('./fixtures/lecture.json.gz', import.meta.url))).toString('utf8'),
) as { readonly count: number; readonly cases: readonly Case[] }

const ACTIVATIONS: Readonly<Record<string, { automatic: UnaryOp; manual: manual.Activation }>> = {
  sigmoid: { automatic: sigmoid, manual: manual.sigmoid },
  tanh: { automatic: tanh, manual: manual.tanh },
  relu: { automatic: relu, manual: manual.relu },
  leaky_relu: { automatic: leakyRelu, manual: manual.leakyRelu() },
  linear: { automatic: nn.linear, manual: manual.linear },
  softmax: { automatic: x => softmax(x, -2), manual: manual.softmax },
}

type Cost = (prediction: Tensor, target: Tensor) => Tensor
const layout = 'columns'

/** A loss of the output a as the lecture writes it, and, where it exists, the one of the net input z. */
const LOSSES: Readonly<Record<string, { ofA: Cost; ofZ?: Cost; manual: manual.Loss }>> = {
  bce: {
    ofA: nn.binaryCrossEntropy,
    ofZ: nn.binaryCrossEntropyWithLogits,
    manual: manual.binaryCrossEntropy,
  },
  half_mse: { ofA: (a, y) => nn.halfSquaredError(a, y, { layout }), manual: manual.halfSquaredError },
  softmax_ce: {
    ofA: (a, y) => nn.categoricalCrossEntropy(a, y, { layout }),
    ofZ: (z, y) => nn.crossEntropy(z, y, { layout }),
    manual: manual.categoricalCrossEntropy,
  },
}

/** An entry of a table; a name that the tests do not know fails. */
function known<T>(table: Readonly<Record<string, T>>, name: string): T {
  if (!Object.hasOwn(table, name)) expect.fail(`the fixture has '${name}', which these tests do not know`)
  return table[name]!
}

function load({ shape, data, dtype }: Stored): Tensor {
  expect(dtype).toBe('float64')
  return tensor(data, { shape, dtype: 'float64' })
}

function expectAgrees(
  what: string,
  { data: actual, shape }: { readonly data: ArrayLike<number>; readonly shape?: readonly number[] },
  expected: Stored | { readonly data: readonly number[]; readonly shape?: undefined },
  { rtol, atol }: Tolerance,
): void {
  if (expected.shape !== undefined && shape !== undefined)
    expect(shape, `shape of ${what}`).toEqual(expected.shape)
  expect(actual.length, `size of ${what}`).toBe(expected.data.length)
  expected.data.forEach((e, i) => {
    const distance = Math.abs(actual[i]! - e)
    if (!(distance <= atol + rtol * Math.abs(e)))
      expect.fail(`${what}[${i}] is ${actual[i]}, expected is ${e}`)
  })
}

const read = (x: Tensor): { data: ArrayLike<number>; shape: readonly number[] } => ({
  data: x.data(),
  shape: x.shape,
})

/** Trains the network of a case by autograd and compares what autograd finds before the first and after the last step. */
function runAutomatic(network: NetworkCase, form: 'ofA' | 'ofZ'): void {
  const { attrs, X: storedX, Y: storedY, W0, b0, tol } = network
  const [X, Y] = [load(storedX), load(storedY)]
  const cost = known(LOSSES, attrs.loss)[form]!
  const denses = W0.map((W, l) => {
    const [outputs, inputs] = W.shape
    return new nn.Dense(inputs, outputs, {
      layout,
      dtype: 'float64',
      weightInitializer: () => load(W),
      biasInitializer: () => load(b0[l]!),
    })
  })
  const model = new nn.Sequential(
    denses.flatMap((dense, l) => [dense, known(ACTIVATIONS, attrs.activations[l]!).automatic]),
  )
  const optimizer = new nn.SGD(nn.parameters(model), { learningRate: attrs.alpha })
  const costs: number[] = []
  /** One forward and backward pass; compares everything with `expected`, when given. */
  const pass = (expected?: Step): void => {
    const seen = new Map<string, Tensor>()
    const output = model.forward(X, { observe: (path, x) => seen.set(path, x) })
    const last = denses.length - 1
    const loss = cost(form === 'ofA' ? output : seen.get(String(2 * last))!, Y)
    loss.backward()
    costs.push(loss.item())
    if (expected === undefined) return
    denses.forEach((dense, l) => {
      const [z, a] = [seen.get(String(2 * l))!, seen.get(String(2 * l + 1))!]
      expectAgrees(`z${l + 1}`, read(z), expected.z[l]!, tol)
      expectAgrees(`a${l + 1}`, read(a), expected.a[l]!, tol)
      // The stored dz belongs to the sum of the losses, autograd's to their mean.
      expectAgrees(`dz${l + 1}`, read(z.grad!.mul(attrs.m)), expected.dz[l]!, tol)
      expectAgrees(`dW${l + 1}`, read(dense.weight.grad!), expected.dW[l]!, tol)
      expectAgrees(`db${l + 1}`, read(dense.bias!.grad!), expected.db[l]!, tol)
    })
    expectAgrees('cost', { data: [loss.item()] }, { data: [expected.cost] }, tol)
  }
  for (let step = 0; step < attrs.steps; step++) {
    pass(step === 0 ? network.step0 : undefined)
    optimizer.step()
  }
  pass(network.stepFinal)
  denses.forEach((dense, l) => {
    expectAgrees(`final W${l + 1}`, read(dense.weight), network.Wfinal[l]!, tol)
    expectAgrees(`final b${l + 1}`, read(dense.bias!), network.bfinal[l]!, tol)
  })
  expectAgrees('losses', { data: costs }, { data: network.losses }, tol)
}

/** The same by the hand-derived passes. */
function runManual(network: NetworkCase, output: 'literal' | 'simplified'): void {
  const { attrs, W0, b0, tol } = network
  const [X, Y] = [toMatrix(load(network.X)), toMatrix(load(network.Y))]
  let net: manual.DenseNetwork = {
    layers: W0.map((W, l) => ({
      W: toMatrix(load(W)),
      b: toMatrix(load(b0[l]!)),
      activation: known(ACTIVATIONS, attrs.activations[l]!).manual,
    })),
    loss: known(LOSSES, attrs.loss).manual,
    layout,
  }
  const costs: number[] = []
  const pass = (expected?: Step): manual.DenseNetworkGradients => {
    const cache = manual.denseNetwork.forward(net, X)
    const gradients = manual.denseNetwork.backward(net, X, cache, Y, { output })
    costs.push(manual.denseNetwork.cost(net, cache, Y))
    if (expected === undefined) return gradients
    net.layers.forEach((_, l) => {
      expectAgrees(`z${l + 1}`, cache.z[l]!, expected.z[l]!, tol)
      expectAgrees(`a${l + 1}`, cache.a[l]!, expected.a[l]!, tol)
      expectAgrees(`dz${l + 1}`, gradients.dz[l]!, expected.dz[l]!, tol)
      expectAgrees(`dW${l + 1}`, gradients.dW[l]!, expected.dW[l]!, tol)
      expectAgrees(`db${l + 1}`, gradients.db[l]!, expected.db[l]!, tol)
    })
    expectAgrees('cost', { data: costs.slice(-1) }, { data: [expected.cost] }, tol)
    return gradients
  }
  for (let step = 0; step < attrs.steps; step++) {
    net = manual.denseNetwork.descend(net, pass(step === 0 ? network.step0 : undefined), attrs.alpha)
  }
  pass(network.stepFinal)
  net.layers.forEach(({ W, b }, l) => {
    expectAgrees(`final W${l + 1}`, W, network.Wfinal[l]!, tol)
    expectAgrees(`final b${l + 1}`, b, network.bfinal[l]!, tol)
  })
  expectAgrees('losses', { data: costs }, { data: network.losses }, tol)
}

function runCollapse(collapse: CollapseCase): void {
  const { tol } = collapse
  const [X, W1, b1, W2, b2] = [collapse.X, collapse.W1, collapse.b1, collapse.W2, collapse.b2].map(load) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ]
  const dense = (W: Tensor, b: Tensor): nn.Dense<number, number, 'columns'> =>
    new nn.Dense(W.shape[1]!, W.shape[0]!, {
      layout,
      dtype: 'float64',
      weightInitializer: () => W,
      biasInitializer: () => b,
    })
  const deep = nn.sequential(dense(W1, b1), nn.linear, dense(W2, b2), nn.linear)
  expectAgrees('a2', read(deep.forward(X)), collapse.a2, tol)
  const [W, b] = [matmul(W2, W1), matmul(W2, b1).add(b2)]
  expectAgrees("W'", read(W), collapse.Wprime, tol)
  expectAgrees("b'", read(b), collapse.bprime, tol)
  expectAgrees('the one layer', read(dense(W, b).forward(X)), collapse.a2, tol)

  const activation = manual.linear
  const byHand: manual.DenseNetwork = {
    layers: [
      { W: toMatrix(W1), b: toMatrix(b1), activation },
      { W: toMatrix(W2), b: toMatrix(b2), activation },
    ],
    loss: manual.halfSquaredError,
    layout,
  }
  expectAgrees('a2 by hand', manual.denseNetwork.forward(byHand, toMatrix(X)).a[1]!, collapse.a2, tol)
}

function runTable({ z, values, derivatives, tol }: TableCase): void {
  expect(Object.keys(derivatives)).toEqual(Object.keys(values))
  for (const name of Object.keys(values)) {
    const { automatic, manual: byHand } = known(ACTIVATIONS, name)
    const x = tensor(z.data, { dtype: 'float64', requiresGrad: true })
    const a = automatic(x)
    sum(a).backward()
    expectAgrees(`${name}(z)`, { data: a.data() }, values[name]!, tol)
    expectAgrees(`${name}'(z)`, { data: x.grad!.data() }, derivatives[name]!, tol)
    const row = manual.matrix([1, z.data.length], z.data)
    const forward = byHand.forward(row, 'rows')
    const ones = manual.matrix(row.shape, new Float64Array(z.data.length).fill(1))
    expectAgrees(`${name}(z) by hand`, { data: forward.data }, values[name]!, tol)
    const dz = byHand.backward({ da: ones, z: row, a: forward, layout: 'rows' })
    expectAgrees(`${name}'(z) by hand`, { data: dz.data }, derivatives[name]!, tol)
  }
}

/** What is done with a case, by its op. */
type Run = (stored: Case) => readonly (readonly [what: string, run: () => void])[]

const network: Run = stored => {
  const net = stored as unknown as NetworkCase
  const { ofZ } = known(LOSSES, net.attrs.loss)
  return [
    ['autograd, loss of a', () => runAutomatic(net, 'ofA')],
    ...(ofZ === undefined ? [] : [['autograd, loss of z', () => runAutomatic(net, 'ofZ')] as const]),
    ['by hand, literal', () => runManual(net, 'literal')],
    ['by hand, simplified', () => runManual(net, 'simplified')],
  ]
}

const RUNS: Readonly<Record<string, Run>> = {
  shallow_binary: network,
  shallow_regression: network,
  deep_binary: network,
  deep_regression: network,
  multiclass_softmax: network,
  zero_init_symmetry: network,
  linear_collapse: stored => [['both ways', () => runCollapse(stored as unknown as CollapseCase)]],
  activation_table: stored => [['both ways', () => runTable(stored as unknown as TableCase)]],
}

/** Cases of which every run has passed. */
let agreeing = 0

afterAll(() => {
  console.log(`lecture oracle: ${agreeing} of ${fixture.count} cases agree`)
})

test('the fixture is whole', () => {
  expect(fixture.cases).toHaveLength(fixture.count)
  expect(new Set(fixture.cases.map(({ id }) => id)).size).toBe(fixture.count)
})

describe.each(fixture.cases)('$id', stored => {
  const runs = Object.hasOwn(RUNS, stored.op) ? RUNS[stored.op]!(stored) : []

  let passed = 0

  test('is a case that these tests know', () => {
    expect(Object.keys(RUNS)).toContain(stored.op)
  })

  for (const [what, run] of runs) {
    test(what, () => {
      run()
      if (++passed === runs.length) agreeing++
    })
  }
})
