/** Workloads: what every subject does, with the same numbers, and what it must come to. */

import { Rng } from '@adjoint/core'

/** Kinds of work; a subject says which of them it can do. */
export type Family =
  | 'perceptron'
  | 'convolution'
  | 'lstm'
  | 'gru'
  | 'transformer'
  | 'matmul'
  | 'tanhSigmoid'
  | 'softmax'
  | 'tanh'
  | 'sum'
  | 'add'
  | 'hessianVectorProduct'

/** Values that all subjects start from. */
export interface Values {
  readonly shape: readonly number[]
  readonly data: Float32Array | Int32Array
}

/** Settings of a workload, plain data: they are handed to workers of every language. */
export type Settings = Readonly<Record<string, number | string | boolean | readonly number[]>>

/** Draws the values of one workload. */
export type Draw = (rng: Rng) => Readonly<Record<string, Values>>

/** One workload. */
export interface Workload {
  /** What `--only` names: `W3`. */
  readonly id: string
  /** What it is, with its sizes. */
  readonly title: string
  readonly family: Family
  readonly settings: Settings
  readonly draw: Draw
  /** Steps after which results are compared; 1 where nothing is updated. */
  readonly steps: number
  /** Largest relative difference between a subject's results and the others'. */
  readonly tolerance: number
  /** Floating point operations of one step, where they are the measure. */
  readonly flops?: number
  /** Other names under which `--only` finds it. */
  readonly groups: readonly string[]
}

/** The seed of all values. */
const SEED = 20_260_101

/** The values of a workload: always the same ones. */
export function valuesOf({ id, draw }: Workload): Readonly<Record<string, Values>> {
  const name = [...id].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 1_000_003, 7)
  return draw(new Rng(SEED).foldIn(name))
}

function normal(rng: Rng, shape: readonly number[], scale: number = 1): Values {
  return { shape, data: Float32Array.from(rng.normal(shape).data(), x => scale * x) }
}

/** As PyTorch's layers begin: uniform in ±1/√inputs. */
function uniform(rng: Rng, shape: readonly number[], inputs: number): Values {
  const bound = 1 / Math.sqrt(inputs)
  return { shape, data: Float32Array.from(rng.uniform(shape, { low: -bound, high: bound }).data()) }
}

function constant(shape: readonly number[], value: number): Values {
  return { shape, data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(value) }
}

function labels(rng: Rng, count: number, classes: number): Values {
  return { shape: [count], data: Int32Array.from({ length: count }, () => rng.integer(classes)) }
}

/** Targets for inputs `[m, features]`: one number per example, by a rule that a small network can learn. */
function targets({ shape, data }: Values, rule: (x: number, y: number) => number): Values {
  const [m, features] = shape as [number, number]
  const values = Float32Array.from({ length: m }, (_, i) =>
    rule(data[features * i]!, data[features * i + 1]!),
  )
  return { shape: [m, 1], data: values }
}

/** `weight1`, `bias1`, `weight2`...: `[outputs, inputs]` and `[outputs]`. */
function denseValues(rng: Rng, sizes: readonly number[]): Record<string, Values> {
  const values: Record<string, Values> = {}
  for (let layer = 1; layer < sizes.length; layer++) {
    const [inputs, outputs] = [sizes[layer - 1]!, sizes[layer]!]
    values[`weight${layer}`] = uniform(rng, [outputs, inputs], inputs)
    values[`bias${layer}`] = uniform(rng, [outputs], inputs)
  }
  return values
}

/** How a network of dense layers is trained. */
interface Training {
  readonly sizes: readonly number[]
  readonly batch: number
  readonly activation: 'sigmoid' | 'tanh' | 'relu'
  readonly loss: 'binaryCrossEntropy' | 'meanSquaredError' | 'crossEntropy'
  readonly optimizer: 'sgd' | 'adam'
  readonly learningRate: number
}

function perceptron(
  id: string,
  title: string,
  training: Training,
  steps: number,
  tolerance: number,
): Workload {
  const { sizes, batch, loss } = training
  const [features, outputs] = [sizes[0]!, sizes.at(-1)!]
  return {
    id,
    title,
    family: 'perceptron',
    settings: { ...training },
    draw: rng => {
      const X = normal(rng, [batch, features])
      const Y =
        loss === 'crossEntropy'
          ? labels(rng, batch, outputs)
          : loss === 'binaryCrossEntropy'
            ? targets(X, (x, y) => (x * y > 0 ? 1 : 0))
            : outputs === 1
              ? targets(X, (x, y) => Math.sin(2 * x) * y)
              : normal(rng, [batch, outputs])
      return { X, Y, ...denseValues(rng, sizes) }
    },
    steps,
    tolerance,
    groups: [],
  }
}

const SMALL = {
  sizes: [2, 3, 1],
  activation: 'sigmoid',
  loss: 'binaryCrossEntropy',
  optimizer: 'sgd',
  learningRate: 0.1,
} as const

const REGRESSION = {
  sizes: [2, 16, 16, 1],
  batch: 256,
  activation: 'tanh',
  loss: 'meanSquaredError',
  optimizer: 'sgd',
  learningRate: 0.05,
} as const

function recurrent(kind: 'lstm' | 'gru'): Workload {
  const [batch, time, inputs, hidden, gates] = [32, 32, 32, 64, kind === 'lstm' ? 4 : 3]
  return {
    id: kind === 'lstm' ? 'W6-LSTM' : 'W6-GRU',
    title: `${kind.toUpperCase()}, batch ${batch}, ${time} steps, ${inputs} -> ${hidden}, forward and backward`,
    family: kind,
    settings: { batch, time, inputs, hidden },
    draw: rng => ({
      X: normal(rng, [batch, time, inputs]),
      weight_ih_l0: uniform(rng, [gates * hidden, inputs], hidden),
      weight_hh_l0: uniform(rng, [gates * hidden, hidden], hidden),
      bias_ih_l0: uniform(rng, [gates * hidden], hidden),
      bias_hh_l0: uniform(rng, [gates * hidden], hidden),
    }),
    steps: 1,
    tolerance: 1e-3,
    groups: ['W6'],
  }
}

function transformer(): Workload {
  const [batch, time, features, heads, hidden] = [8, 64, 128, 4, 512]
  return {
    id: 'W7',
    title: `transformer block, batch ${batch}, ${time} x ${features}, ${heads} heads, MLP ${hidden}, forward and backward`,
    family: 'transformer',
    settings: { batch, time, features, heads, hidden, epsilon: 1e-5 },
    draw: rng => ({
      X: normal(rng, [batch, time, features]),
      'self_attn.in_proj_weight': uniform(rng, [3 * features, features], features),
      'self_attn.in_proj_bias': uniform(rng, [3 * features], features),
      'self_attn.out_proj.weight': uniform(rng, [features, features], features),
      'self_attn.out_proj.bias': uniform(rng, [features], features),
      'linear1.weight': uniform(rng, [hidden, features], features),
      'linear1.bias': uniform(rng, [hidden], features),
      'linear2.weight': uniform(rng, [features, hidden], hidden),
      'linear2.bias': uniform(rng, [features], hidden),
      'norm1.weight': constant([features], 1),
      'norm1.bias': constant([features], 0),
      'norm2.weight': constant([features], 1),
      'norm2.bias': constant([features], 0),
    }),
    steps: 1,
    tolerance: 1e-3,
    groups: [],
  }
}

function convolution(): Workload {
  const batch = 32
  return {
    id: 'W5',
    title: `conv 16@3x3, ReLU, maxpool 2, conv 32@3x3, ReLU, maxpool 2, dense 10, CE, SGD; batch ${batch} of 1x28x28`,
    family: 'convolution',
    settings: { batch, learningRate: 0.01 },
    draw: rng => ({
      X: normal(rng, [batch, 1, 28, 28]),
      Y: labels(rng, batch, 10),
      '0.weight': uniform(rng, [16, 1, 3, 3], 9),
      '0.bias': uniform(rng, [16], 9),
      '3.weight': uniform(rng, [32, 16, 3, 3], 144),
      '3.bias': uniform(rng, [32], 144),
      '7.weight': uniform(rng, [10, 800], 800),
      '7.bias': uniform(rng, [10], 800),
    }),
    steps: 5,
    tolerance: 1e-3,
    groups: [],
  }
}

/** Which operand lies transposed in memory, or that there are several products in one call. */
export type MatmulForm = 'plain' | 'left' | 'right' | 'batched'

const FORM_TITLES: Readonly<Record<MatmulForm, string>> = {
  plain: 'A B',
  left: 'Aᵀ B',
  right: 'A Bᵀ',
  batched: 'A B, batch of 4',
}

function matmul(size: number, form: MatmulForm): Workload {
  const batch = form === 'batched' ? 4 : 1
  const shape = form === 'batched' ? [batch, size, size] : [size, size]
  const isFirst = size === 512 && form === 'plain'
  return {
    id: isFirst ? 'W8' : `matmul-${size}-${form}`,
    title: `matmul ${size} x ${size}, ${FORM_TITLES[form]}`,
    family: 'matmul',
    settings: { size, form, batch },
    draw: rng => ({ A: normal(rng, shape), B: normal(rng, shape) }),
    steps: 1,
    tolerance: 1e-4,
    flops: 2 * batch * size ** 3,
    groups: ['matmul', `matmul-${size}`],
  }
}

function elementwise(withGradient: boolean): Workload {
  const count = 1_000_000
  return {
    id: withGradient ? 'W9' : 'tanhSigmoid',
    title: `sum(tanh(x * w + b) * sigmoid(x)), a million elements, ${withGradient ? 'with gradient' : 'forward'}`,
    family: 'tanhSigmoid',
    settings: { count, withGradient },
    draw: rng => ({ X: normal(rng, [count]), w: constant([], 1.25), b: constant([], 0.5) }),
    steps: 1,
    // Wide enough for a sum of a million float32 terms one after the other, which is what some of the peers do.
    tolerance: 5e-3,
    groups: ['elementwise'],
  }
}

function add(size: number, withBackward: boolean): Workload {
  return {
    id: `add-${size}${withBackward ? '-backward' : ''}`,
    title: `add, ${size} ${size === 1 ? 'element' : 'elements'}, recorded${withBackward ? ', and backward' : ''}`,
    family: 'add',
    settings: { size, withBackward },
    draw: rng => ({ X: normal(rng, [size]), Y: normal(rng, [size]) }),
    steps: 1,
    tolerance: 1e-6,
    groups: ['overhead'],
  }
}

function sum(axis: number): Workload {
  const size = 2048
  return {
    id: `sum-axis${axis}`,
    title: `sum of ${size} x ${size} over axis ${axis}`,
    family: 'sum',
    settings: { size, axis },
    // Numbers around 1: sums of numbers around 0 have no relative precision to compare.
    draw: rng => ({ X: uniformAround(rng, [size, size]) }),
    steps: 1,
    tolerance: 1e-4,
    groups: ['sums'],
  }
}

function uniformAround(rng: Rng, shape: readonly number[]): Values {
  return { shape, data: Float32Array.from(rng.uniform(shape, { low: 0.5, high: 1.5 }).data()) }
}

function hessianVectorProduct(): Workload {
  const { sizes, batch } = REGRESSION
  return {
    id: 'hvp',
    title: `Hessian-vector product of the loss of W2 by all weights`,
    family: 'hessianVectorProduct',
    settings: { sizes, batch },
    draw: rng => {
      const X = normal(rng, [batch, 2])
      const Y = targets(X, (x, y) => Math.sin(2 * x) * y)
      const weights = denseValues(rng, sizes)
      const vector = Object.entries(weights).map(
        ([name, { shape }]) => [`vector.${name}`, normal(rng, shape)] as const,
      )
      return { X, Y, ...weights, ...Object.fromEntries(vector) }
    },
    steps: 1,
    tolerance: 1e-3,
    groups: [],
  }
}

/** All workloads, in the order of the tables. */
export const WORKLOADS: readonly Workload[] = [
  perceptron('W1a', '2-3-1 sigmoid BCE SGD, m = 400', { ...SMALL, batch: 400 }, 50, 1e-4),
  perceptron('W1b', '2-3-1 sigmoid BCE SGD, m = 4', { ...SMALL, batch: 4 }, 50, 1e-4),
  perceptron('W2', '2-16-16-1 tanh MSE SGD, m = 256', REGRESSION, 50, 1e-3),
  perceptron(
    'W3',
    '784-256-128-10 ReLU, softmax CE, Adam, batch 128',
    {
      sizes: [784, 256, 128, 10],
      batch: 128,
      activation: 'relu',
      loss: 'crossEntropy',
      optimizer: 'adam',
      learningRate: 0.001,
    },
    5,
    1e-3,
  ),
  perceptron(
    'W4',
    '1024-1024-1024-1024 ReLU MSE SGD, batch 256',
    {
      sizes: [1024, 1024, 1024, 1024],
      batch: 256,
      activation: 'relu',
      loss: 'meanSquaredError',
      optimizer: 'sgd',
      learningRate: 10,
    },
    2,
    1e-3,
  ),
  convolution(),
  recurrent('lstm'),
  recurrent('gru'),
  transformer(),
  matmul(512, 'plain'),
  elementwise(true),
  {
    id: 'W10',
    title: 'sum(c * softmax(x)), 1024 x 1000, with gradient',
    family: 'softmax',
    settings: { rows: 1024, columns: 1000 },
    draw: rng => ({ X: normal(rng, [1024, 1000]), c: normal(rng, [1024, 1000]) }),
    steps: 1,
    tolerance: 1e-3,
    groups: [],
  },
  ...[1, 16].flatMap(size => [add(size, false), add(size, true)]),
  elementwise(false),
  {
    id: 'tanh',
    title: 'tanh of a million elements',
    family: 'tanh',
    settings: { count: 1_000_000 },
    draw: rng => ({ X: normal(rng, [1_000_000]) }),
    steps: 1,
    tolerance: 1e-4,
    groups: ['elementwise'],
  },
  sum(0),
  sum(1),
  ...[512, 768, 1024].flatMap(size =>
    (['plain', 'left', 'right', 'batched'] as const)
      .map(form => matmul(size, form))
      .slice(size === 512 ? 1 : 0),
  ),
  hessianVectorProduct(),
]
