/** Cases of kind `lecture`: the lecture's networks, by autograd and by hand. Examples are columns. */
import {
  add,
  leakyRelu,
  matmul,
  mul,
  relu,
  sigmoid,
  softmax,
  type Tensor,
  tanh,
  tensor,
  vjp,
} from '@adjoint/core'
import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import { classOf } from '../classes.ts'
import { NotCovered, ParityInputError } from '../errors.ts'
import { Fields } from '../fields.ts'
import type { ParityCase, StoredTensor } from '../format.ts'
import { type Comparison, type Outcome, type Stage, verdictOn } from '../outcome.ts'
import { differenceOf, load, numberOf } from '../tensors.ts'

const layout = 'columns'

const ACTIVATIONS: ReadonlyMap<string, { automatic: (x: Tensor) => Tensor; byHand: manual.Activation }> =
  new Map([
    ['sigmoid', { automatic: (x: Tensor) => sigmoid(x), byHand: manual.sigmoid }],
    ['tanh', { automatic: (x: Tensor) => tanh(x), byHand: manual.tanh }],
    ['relu', { automatic: (x: Tensor) => relu(x), byHand: manual.relu }],
    ['leaky_relu', { automatic: (x: Tensor) => leakyRelu(x), byHand: manual.leakyRelu() }],
    ['linear', { automatic: (x: Tensor) => nn.linear(x), byHand: manual.linear }],
    ['softmax', { automatic: (x: Tensor) => softmax(x, -2), byHand: manual.softmax }],
  ])

/** A loss of the output a as the lecture writes it. */
const LOSSES: ReadonlyMap<string, { automatic: (a: Tensor, y: Tensor) => Tensor; byHand: manual.Loss }> =
  new Map([
    [
      'bce',
      {
        automatic: (a: Tensor, y: Tensor): Tensor => nn.binaryCrossEntropy(a, y),
        byHand: manual.binaryCrossEntropy,
      },
    ],
    [
      'half_mse',
      {
        automatic: (a: Tensor, y: Tensor): Tensor => nn.halfSquaredError(a, y, { layout }),
        byHand: manual.halfSquaredError,
      },
    ],
    [
      'softmax_ce',
      {
        automatic: (a: Tensor, y: Tensor): Tensor => nn.categoricalCrossEntropy(a, y, { layout }),
        byHand: manual.categoricalCrossEntropy,
      },
    ],
  ])

/** An entry of a table; what is not there is not covered. */
function known<Entry>(table: ReadonlyMap<string, Entry>, name: string, what: string): Entry {
  const found = table.get(name)
  if (found === undefined) throw new NotCovered(`the ${what} ${name}`)
  return found
}

type Compare = (stage: Stage, what: string, actual: Tensor, expected: StoredTensor) => Comparison

/** A matrix of the hand-written side as a tensor, and back. */
const toTensor = ({ shape, data }: manual.Matrix): Tensor =>
  tensor(Array.from(data), { shape: [...shape], dtype: 'float64' })
const toMatrix = (x: Tensor): manual.Matrix =>
  manual.matrix([x.shape[0]!, x.shape[1]!], x.data() as Float64Array)
const numberTensor = (value: number): Tensor => tensor(value, { dtype: 'float64' }) as Tensor
const numbersTensor = (values: readonly number[]): Tensor =>
  tensor([...values], { dtype: 'float64' }) as Tensor
const storedNumbers = (data: readonly number[]): StoredTensor => ({
  shape: [data.length],
  dtype: 'float64',
  data,
})

/** z, a, dz, dW and db of every layer, and the cost. */
interface Pass {
  readonly z: readonly Tensor[]
  readonly a: readonly Tensor[]
  readonly dz: readonly Tensor[]
  readonly dW: readonly Tensor[]
  readonly db: readonly Tensor[]
  readonly cost: number
}

/** A network that can be passed through and that can step. */
interface Trained {
  readonly pass: () => Pass
  readonly descend: (pass: Pass) => void
  readonly weights: () => readonly { readonly W: Tensor; readonly b: Tensor }[]
}

function* comparePass(
  prefix: string,
  found: Pass,
  expected: Fields,
  compare: Compare,
): Generator<Comparison> {
  for (const name of ['z', 'a', 'dz', 'dW', 'db'] as const) {
    const stage = name === 'z' || name === 'a' ? 'value' : 'first'
    for (const [l, wanted] of expected.tensors(name).entries())
      yield compare(stage, `${prefix}: ${name}${l + 1}`, found[name][l]!, wanted)
  }
  yield compare('value', `${prefix}: cost`, numberTensor(found.cost), expected.scalar('cost'))
}

function* compareTraining(
  how: string,
  net: Trained,
  steps: number,
  fields: Fields,
  compare: Compare,
): Generator<Comparison> {
  const costs: number[] = []
  for (let step = 0; step < steps; step++) {
    const pass = net.pass()
    costs.push(pass.cost)
    if (step === 0) yield* comparePass(`${how}, before the first step`, pass, fields.record('step0'), compare)
    net.descend(pass)
  }
  const last = net.pass()
  costs.push(last.cost)
  yield* comparePass(`${how}, after the last step`, last, fields.record('stepFinal'), compare)
  for (const [l, { W, b }] of net.weights().entries()) {
    yield compare('first', `${how}: final W${l + 1}`, W, fields.tensors('Wfinal')[l]!)
    yield compare('first', `${how}: final b${l + 1}`, b, fields.tensors('bfinal')[l]!)
  }
  yield compare('value', `${how}: losses`, numbersTensor(costs), storedNumbers(fields.numbers('losses')))
}

interface Network {
  readonly X: Tensor
  readonly Y: Tensor
  readonly W: readonly Tensor[]
  readonly b: readonly Tensor[]
  readonly activations: readonly string[]
  readonly loss: string
  readonly alpha: number
}

function automaticNet({ X, Y, W, b, activations, loss, alpha }: Network): Trained {
  const denses = W.map((weight, l) => denseOf(weight, b[l]!))
  const model = new nn.Sequential(
    denses.flatMap((dense, l) => [dense, known(ACTIVATIONS, activations[l]!, 'activation').automatic]),
  )
  const optimizer = new nn.SGD(nn.parameters(model), { learningRate: alpha })
  return {
    pass: () => {
      const seen = new Map<string, Tensor>()
      const output = model.forward(X, { observe: (path: string, x: Tensor) => seen.set(path, x) }) as Tensor
      const cost = known(LOSSES, loss, 'loss').automatic(output, Y)
      cost.backward()
      const z = denses.map((_, l) => seen.get(String(2 * l))!)
      return {
        z,
        a: denses.map((_, l) => seen.get(String(2 * l + 1))!),
        // The stored dz belongs to the sum of the losses, autograd's to their mean.
        dz: z.map((x): Tensor => mul(x.grad!, X.shape[1]!)),
        dW: denses.map(dense => dense.weight.grad!),
        db: denses.map(dense => dense.bias!.grad!),
        cost: cost.item(),
      }
    },
    descend: () => {
      optimizer.step()
    },
    weights: () => denses.map(dense => ({ W: dense.weight, b: dense.bias! })),
  }
}

function denseOf(W: Tensor, b: Tensor): nn.Dense<number, number, 'columns'> {
  return new nn.Dense(W.shape[1]!, W.shape[0]!, {
    layout,
    dtype: 'float64',
    weightInitializer: () => W,
    biasInitializer: () => b,
  })
}

function handNet(
  { X, Y, W, b, activations, loss, alpha }: Network,
  output: 'literal' | 'simplified',
): Trained {
  const [x, y] = [toMatrix(X), toMatrix(Y)]
  let net: manual.DenseNetwork = {
    layers: W.map((weight, l) => ({
      W: toMatrix(weight),
      b: toMatrix(b[l]!),
      activation: known(ACTIVATIONS, activations[l]!, 'activation').byHand,
    })),
    loss: known(LOSSES, loss, 'loss').byHand,
    layout,
  }
  let gradients: manual.DenseNetworkGradients
  return {
    pass: () => {
      const cache = manual.denseNetwork.forward(net, x)
      gradients = manual.denseNetwork.backward(net, x, cache, y, { output })
      return {
        z: cache.z.map(toTensor),
        a: cache.a.map(toTensor),
        dz: gradients.dz.map(toTensor),
        dW: gradients.dW.map(toTensor),
        db: gradients.db.map(toTensor),
        cost: manual.denseNetwork.cost(net, cache, y),
      }
    },
    descend: () => {
      net = manual.denseNetwork.descend(net, gradients, alpha)
    },
    weights: () => net.layers.map(layer => ({ W: toTensor(layer.W), b: toTensor(layer.b) })),
  }
}

function* training(found: ParityCase, fields: Fields, compare: Compare): Generator<Comparison> {
  const attrs = new Fields(`${found.id}.attrs`, found.attrs)
  const network: Network = {
    X: load(fields.tensor('X')),
    Y: load(fields.tensor('Y')),
    W: fields.tensors('W0').map(load),
    b: fields.tensors('b0').map(load),
    activations: attrs.texts('activations'),
    loss: attrs.text('loss'),
    alpha: attrs.number('alpha'),
  }
  if (network.activations.length !== network.W.length || network.b.length !== network.W.length)
    throw new ParityInputError('the case is malformed: W0, b0 and activations are not equally many.')
  const steps = attrs.number('steps')
  yield* compareTraining('autograd', automaticNet(network), steps, fields, compare)
  for (const output of ['literal', 'simplified'] as const)
    yield* compareTraining(`by hand, ${output}`, handNet(network, output), steps, fields, compare)
}

/** Two linear layers are one. */
function* collapse(_: ParityCase, fields: Fields, compare: Compare): Generator<Comparison> {
  const [X, W1, b1, W2, b2] = (['X', 'W1', 'b1', 'W2', 'b2'] as const).map(name => load(fields.tensor(name)))
  const deep = nn.sequential(denseOf(W1!, b1!), nn.linear, denseOf(W2!, b2!), nn.linear)
  yield compare('value', 'a2', deep.forward(X!) as Tensor, fields.tensor('a2'))
  const [W, b] = [matmul(W2!, W1!), add(matmul(W2!, b1!), b2!)]
  yield compare('value', "W'", W, fields.tensor('Wprime'))
  yield compare('value', "b'", b, fields.tensor('bprime'))
  yield compare('value', 'the one layer', denseOf(W, b).forward(X!) as Tensor, fields.tensor('a2'))
}

/** Values and derivatives of the activations, by autograd and by hand. */
function* activationTable(_: ParityCase, fields: Fields, compare: Compare): Generator<Comparison> {
  const stored = fields.tensor('z')
  const z = load(stored)
  const ones = tensor(new Array<number>(z.size).fill(1), { dtype: 'float64' }) as Tensor
  const [values, derivatives] = [fields.record('values'), fields.record('derivatives')]
  for (const name of values.names()) {
    const { automatic, byHand } = known(ACTIVATIONS, name, 'activation')
    const { value, pullback } = vjp(automatic, z)
    yield compare('value', `${name}(z)`, value, values.tensor(name))
    yield compare('first', `${name}'(z)`, pullback(ones), derivatives.tensor(name))
    const row = manual.matrix([1, z.size], stored.data.map(numberOf))
    const a = byHand.forward(row, 'rows')
    const da = manual.matrix(row.shape, new Float64Array(z.size).fill(1))
    const flat = (m: manual.Matrix): Tensor => numbersTensor(Array.from(m.data))
    yield compare('value', `${name}(z) by hand`, flat(a), values.tensor(name))
    const dz = byHand.backward({ da, z: row, a, layout: 'rows' })
    yield compare('first', `${name}'(z) by hand`, flat(dz), derivatives.tensor(name))
  }
}

const RUNS: ReadonlyMap<string, typeof training> = new Map([
  ['shallow_binary', training],
  ['shallow_regression', training],
  ['deep_binary', training],
  ['deep_regression', training],
  ['multiclass_softmax', training],
  ['zero_init_symmetry', training],
  ['linear_collapse', collapse],
  ['activation_table', activationTable],
])

export function decideLecture(found: ParityCase): Outcome {
  const run = known(RUNS, found.op, 'lecture case')
  const { tol } = found
  if (tol === undefined) throw new ParityInputError('the case is malformed: tol is missing.')
  const compare: Compare = (stage, what, actual, expected) => ({
    stage,
    difference: differenceOf(what, actual, expected, tol),
  })
  return verdictOn([...run(found, Fields.of(found), compare)], classOf(found.tags))
}
