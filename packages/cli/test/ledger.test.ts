import { ArgumentError, leakyRelu, Rng, relu, sigmoid, softmax, tanh } from '@adjoint/core'
import type { Layout } from '@adjoint/manual'
import { type AnyLayer, Dense, LeakyRelu, linear, Sequential, Softmax } from '@adjoint/nn'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LEDGER_TOLERANCE, type LedgerInputs, ledgerOf } from '../src/ledger.ts'
import type { Examples, Task } from '../src/networks/examples.ts'
import type { LossName } from '../src/networks/losses.ts'
import { pairLayers } from '../src/pairing.ts'
import { plantMistake } from '../src/plantedMistake.ts'

interface Drawn extends LedgerInputs {
  readonly examples: Examples
}

const HIDDEN: readonly AnyLayer[] = [tanh, sigmoid, relu, leakyRelu, new LeakyRelu(0.2), linear]

/** What stands behind the last dense layer, and the task, for each loss. */
function outputFor(loss: LossName, layout: Layout): { task: Task; activations: AnyLayer[] } {
  if (loss === 'binaryCrossEntropy') return { task: 'binary', activations: [sigmoid] }
  if (loss === 'halfSquaredError') return { task: 'regression', activations: [] }
  if (loss === 'crossEntropy') return { task: 'classes', activations: [linear] }
  return { task: 'classes', activations: [layout === 'rows' ? softmax : new Softmax({ layout })] }
}

/** A random network of any depth with random data; some layers without a bias, some nested. */
function draw(seed: number, loss: LossName, layout: Layout, hidden: readonly number[]): Drawn {
  const rng = new Rng(seed)
  const { task, activations } = outputFor(loss, layout)
  const inputs = 1 + rng.integer(4)
  const outputs = task === 'classes' ? 2 + rng.integer(3) : 1
  const layers: AnyLayer[] = []
  let units = inputs
  for (const next of hidden) {
    const dense = new Dense(units, next, { rng, layout, bias: rng.next() > 0.2 })
    const activation = HIDDEN[rng.integer(HIDDEN.length)]!
    layers.push(...(rng.next() > 0.3 ? [dense, activation] : [new Sequential([dense, activation])]))
    units = next
  }
  layers.push(new Dense(units, outputs, { rng, layout }), ...activations)
  const count = 2 + rng.integer(5)
  const examples: Examples = {
    features: Array.from({ length: count }, () => Array.from({ length: inputs }, () => 2 * rng.next() - 1)),
    targets: Array.from({ length: count }, () =>
      task === 'regression' ? rng.next() : rng.integer(task === 'binary' ? 2 : outputs),
    ),
  }
  return { model: new Sequential(layers), loss, task, layout, examples }
}

const LOSS_NAMES: readonly LossName[] = [
  'binaryCrossEntropy',
  'categoricalCrossEntropy',
  'crossEntropy',
  'halfSquaredError',
]

describe('the ledger of a random network', () => {
  test.each(LOSS_NAMES)('agrees in every dz, dW and db: %s', loss => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom<Layout>('rows', 'columns'),
        fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
        (seed, layout, hidden) => {
          const drawn = draw(seed, loss, layout, hidden)
          const { rows, agrees } = ledgerOf(drawn, drawn.examples)
          expect(agrees).toBe(true)
          expect(Math.max(...rows.map(({ maxRel }) => maxRel))).toBeLessThanOrEqual(LEDGER_TOLERANCE)
          const layers = pairLayers(drawn.model)
          const names = layers.flatMap(({ dense }, at) =>
            (dense.bias === null ? ['dz', 'dW'] : ['dz', 'dW', 'db']).map(quantity => `${quantity}${at + 1}`),
          )
          expect(rows.map(({ name }) => name).sort()).toEqual(names.sort())
        },
      ),
      { numRuns: 25 },
    )
  })

  test('is in float64 and leaves the float32 model as it was', () => {
    const drawn = draw(3, 'crossEntropy', 'rows', [4])
    const values = (): number[][] =>
      pairLayers(drawn.model).map(({ dense }) => Array.from(dense.weight.data()))
    const before = values()
    ledgerOf(drawn, drawn.examples)
    expect(values()).toEqual(before)
    const [first] = pairLayers(drawn.model)
    expect(first!.dense.weight.dtype).toBe('float32')
    expect(first!.dense.weight.grad).toBeNull()
    expect(first!.dense.weight.name).toMatch(/weight$/)
  })
})

describe('a planted mistake', () => {
  const rng = new Rng(1)
  const dense = (inputs: number, outputs: number): Dense<number, number, 'columns'> =>
    new Dense(inputs, outputs, { rng, layout: 'columns' })
  const model = new Sequential([dense(2, 4), tanh, dense(4, 3), tanh, dense(3, 1), sigmoid])
  const inputs: LedgerInputs = { model, loss: 'binaryCrossEntropy', task: 'binary', layout: 'columns' }
  const examples: Examples = {
    features: [
      [1, 2],
      [-1, 0.5],
      [0.3, -2],
    ],
    targets: [1, 0, 1],
  }

  test('is named by layer and quantity; what lies behind it agrees', () => {
    const ledger = ledgerOf(inputs, examples, plantMistake)
    expect(ledger.agrees).toBe(false)
    expect(ledger.firstDifference).toMatchObject({ layer: 1, quantity: 'dz', name: 'dz1' })
    expect(ledger.firstDifference!.hint).toContain('autodiff agrees with the central difference')
    expect(ledger.rows.filter(({ verdict }) => verdict === 'differs').map(({ name }) => name)).toEqual([
      'dz1',
      'dW1',
      'db1',
    ])
  })

  test('needs tanh in layer 1, the place of the slip', () => {
    const other = new Sequential([dense(2, 4), relu, dense(4, 1), sigmoid])
    expect(() => ledgerOf({ ...inputs, model: other }, examples, plantMistake)).toThrow(
      'plantMistake: the mistake is one in the derivative of tanh, but layer 1 has relu',
    )
  })

  test('without it the same network agrees', () => {
    expect(ledgerOf(inputs, examples).agrees).toBe(true)
  })
})

test('what has no hand-derived twin is refused, with its place', () => {
  const rng = new Rng(0)
  expect(() => pairLayers(new Sequential([new Dense(2, 2, { rng }), x => x]))).toThrow(
    "layer '1' (a function) has no hand-derived twin here",
  )
  const inner = new Sequential([relu, new Dense(2, 2, { rng })])
  expect(() => pairLayers(new Sequential([inner]))).toThrow("layer '0.0' (relu) follows no dense layer")
})

describe('what a ledger cannot be made of is refused with a sentence', () => {
  const rng = new Rng(0)
  const model = new Sequential([new Dense(2, 1, { rng }), sigmoid])
  const inputs: LedgerInputs = { model, loss: 'binaryCrossEntropy', task: 'binary', layout: 'rows' }
  const examples: Examples = {
    features: [
      [1, 2],
      [3, 4],
    ],
    targets: [0, 1],
  }
  const shared = new Dense(2, 2, { rng })

  test.each<[string, object, Examples, string]>([
    ['loss', { loss: 'mse' }, examples, 'ledgerOf: loss must be one of binaryCrossEntropy,'],
    ['no loss', { loss: undefined }, examples, 'got nothing'],
    [
      'task',
      { task: 'foo' },
      examples,
      'ledgerOf: task must be one of binary, classes, regression; got "foo".',
    ],
    ['layout', { layout: 'diagonal' }, examples, 'layout must be one of rows, columns; got "diagonal".'],
    ['other layout', { layout: 'columns' }, examples, "layer '0' has layout 'rows', the ledger 'columns'"],
    ['model', { model: new Dense(2, 1, { rng }) }, examples, 'ledgerOf: model must be a Sequential'],
    ['empty', { model: new Sequential([]) }, examples, 'the model has no dense layer'],
    ['targets', {}, { ...examples, targets: [1] }, 'examples have 2 rows of features and 1 targets'],
    ['nothing', {}, { features: [], targets: [] }, 'at least one row'],
    [
      'a layer twice',
      { model: new Sequential([shared, tanh, new Sequential([shared]), new Dense(2, 1, { rng }), sigmoid]) },
      examples,
      "pairLayers: layers '0' and '2.0' share their parameters.",
    ],
  ])('%s', (_, change, data, message) => {
    const attempt = (): unknown => ledgerOf({ ...inputs, ...change }, data)
    expect(attempt).toThrow(ArgumentError)
    expect(attempt).toThrow(message)
  })

  test('and the unchanged inputs make one', () => {
    expect(ledgerOf(inputs, examples).agrees).toBe(true)
  })
})
