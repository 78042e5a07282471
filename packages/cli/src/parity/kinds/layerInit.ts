/** Cases of kind `stats` about layers: the values that they start with. */
import { type Parameter, Rng, type Tensor } from '@adjoint/core'
import {
  BatchNorm,
  Conv2d,
  Dense,
  Embedding,
  GRU,
  GroupNorm,
  LayerNorm,
  LSTM,
  namedParameters,
  RNN,
  stateOf,
} from '@adjoint/nn'
import { NotCovered } from '../errors.ts'
import { Fields } from '../fields.ts'
import type { ParityCase } from '../format.ts'

/** The layers that a case speaks of, made of the numbers in its text. */
const LAYERS: readonly (readonly [
  pattern: RegExp,
  make: (numbers: readonly number[], rng: Rng) => unknown[],
])[] = [
  [/^Linear\(in=(\d+), out=(\d+)\)$/, ([into, out], rng) => [new Dense(into!, out!, { rng, dtype })]],
  [
    /^Conv2d\(in=(\d+), out=(\d+), kernel=(\d+)\)$/,
    ([into, out, kernel], rng) => [new Conv2d(into!, out!, kernel!, { rng, dtype })],
  ],
  [
    /^RNN\/LSTM\/GRU\(hidden=(\d+)\)$/,
    ([hidden], rng) => [
      new RNN(hidden!, hidden!, { rng, dtype }),
      new LSTM(hidden!, hidden!, { rng, dtype }),
      new GRU(hidden!, hidden!, { rng, dtype }),
    ],
  ],
  [
    /^Embedding\((\d+), (\d+)\)$/,
    ([n, dimensions], rng) => [new Embedding(n!, dimensions!, { rng, dtype, paddingIndex: 0 })],
  ],
  [
    /^BatchNorm\/LayerNorm\/GroupNorm$/,
    () => [new BatchNorm(6, { dtype }), new LayerNorm([6], { dtype }), new GroupNorm(2, 6, { dtype })],
  ],
]

const dtype = 'float64'

/** What is wrong with the start values; nothing when they are as PyTorch's. */
export function* layerProblems(found: ParityCase): Generator<string> {
  const fields = Fields.of(found)
  const text = fields.text('layer')
  const [layers] = LAYERS.flatMap(([pattern, make]) => {
    const match = pattern.exec(text)
    return match === null ? [] : [make(match.slice(1).map(Number), new Rng(0))]
  })
  if (layers === undefined) throw new NotCovered(`the start values of ${text}`)
  const expect = fields.record('expect')
  const known = ['weight', 'bias', 'runningMean', 'runningVar', 'paddingRow']
  const unknown = expect.names().filter(name => !known.includes(name))
  if (unknown.length > 0) throw new NotCovered(`an expectation of ${unknown.join(', ')}`)
  for (const layer of layers) {
    const name = String(layer)
    for (const [path, parameter] of Object.entries(namedParameters(layer))) {
      const kind = /bias$/i.test(path) ? 'bias' : 'weight'
      if (!expect.has(kind)) continue
      const sigmas = fields.has('sigmas') ? fields.number('sigmas') : 6
      for (const problem of problemsOf(parameter, expect.record(kind), sigmas))
        yield `${name} ${path}: ${problem}`
    }
    const state = stateOf(layer)
    for (const [key, path] of [
      ['runningMean', 'runningMean'],
      ['runningVar', 'runningVariance'],
    ] as const) {
      const value = state[path]
      if (value === undefined || !expect.has(key)) continue
      if (value.data().some(x => x !== expect.number(key))) yield `${name} ${path}: ${value}`
    }
    if (
      expect.has('paddingRow') &&
      state
        .weight!.slice(0)
        .data()
        .some(x => x !== 0)
    ) {
      yield `${name}: the padding row is not zeros`
    }
  }
}

function* problemsOf(parameter: Parameter, expect: Fields, sigmas: number): Generator<string> {
  const drawn: Tensor = expect.has('mean') ? (parameter.slice([1, null]) as Tensor) : parameter
  const values = Array.from(drawn.data())
  const count = values.length
  const bound = expect.has('uniformBound') ? expect.number('uniformBound') : Infinity
  const stray = values.find(value => !(Math.abs(value) <= bound))
  if (stray !== undefined) yield `${stray} is beyond ${bound}`
  if (expect.has('constant') && values.some(value => value !== expect.number('constant'))) {
    yield `not all are ${expect.number('constant')}`
  }
  if (!expect.has('std')) return
  const std = expect.number('std')
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1))
  const wanted = expect.has('mean') ? expect.number('mean') : 0
  if (!(Math.abs(mean - wanted) <= (sigmas * std) / Math.sqrt(count))) yield `the mean is ${mean}`
  if (!(Math.abs(spread - std) <= ((sigmas + 2) * std) / Math.sqrt(count)))
    yield `the standard deviation is ${spread}, expected is ${std}`
}
