// The figures of the report that show what the lecture draws: each is made from a model, and says what the model says.
import { loadPenguins } from '@adjoint/data'
import { parseHTML } from 'linkedom'
import { beforeAll, describe, expect, test } from 'vitest'
import { outputsOf } from '../src/evaluate.ts'
import { type BinaryStudy, penguinBinary } from '../src/networks/penguinBinary.ts'
import { pairLayers } from '../src/pairing.ts'
import { ACTIVATION_ROWS, activationsFigure, curveOf } from '../src/report/activations.ts'
import { depthFigure, gradientSizes } from '../src/report/depth.ts'
import { answersOf, hiddenFigure } from '../src/report/hidden.ts'
import type { Markup } from '../src/report/html.ts'
import { diagramOf, networksFigure } from '../src/report/network.ts'
import { neuronChart, unitOf } from '../src/report/neuron.ts'
import { cellsOf, planeOf } from '../src/report/plane.ts'
import { train } from '../src/train.ts'

let study: BinaryStudy

beforeAll(async () => {
  const { records } = await loadPenguins()
  study = penguinBinary(records, { seed: 1, quick: true })
  train(study.experiments.logistic, () => {})
  train(study.experiments.twoHidden, () => {})
})

/** What a selector finds in some markup. */
function elements(markup: Markup, selector: string) {
  const { document } = parseHTML(`<body>${markup}</body>`)
  return [...document.querySelectorAll(selector)]
}

describe('a unit as a neuron', () => {
  test('its weighted sum through its activation is what the model answers', () => {
    const { logistic } = study.experiments
    for (const inputs of study.test.features.slice(0, 10)) {
      const unit = unitOf(logistic, inputs, ['length', 'depth'])
      const { weights, bias, z, a } = unit
      expect(z).toBeCloseTo(weights[0]! * inputs[0]! + weights[1]! * inputs[1]! + bias, 12)
      expect(a).toBeCloseTo(1 / (1 + Math.exp(-z)), 12)
      expect(a).toBeCloseTo(outputsOf(logistic, [inputs])[0]![0]!, 5)
    }
  })

  test('the figure has its numbers, and the parts of the cell', () => {
    const unit = unitOf(study.experiments.logistic, [1.27, -0.5], ['length', 'depth'])
    const markup = neuronChart(unit)
    const texts = elements(markup, 'text').map(({ textContent }) => textContent)
    for (const text of [
      'dendrites',
      'cell body',
      'axon',
      'Σ',
      'g = σ',
      'x₁, length',
      'x₂, depth',
      '1.27',
      '−0.50',
    ])
      expect(texts).toContain(text)
    expect(texts).toContain(`w₁ = ${unit.weights[0]!.toFixed(2).replace('-', '−')}`)
    expect(texts).toContain(`a = ${unit.a.toFixed(2)}`)
  })
})

describe('diagrams of networks', () => {
  test('have a circle for every unit and a line for every weight, wherever they are', () => {
    const { fiveHidden } = study.experiments
    const { sizes, units, weights } = diagramOf(fiveHidden)
    expect(sizes).toEqual([2, 6, 6, 6, 6, 6, 1])
    expect(units).toHaveLength(33)
    const drawn = weights.filter(({ from }) => from === 1)
    const { weight, bias } = pairLayers(fiveHidden.model)[1]!.dense
    expect(drawn.map(({ value }) => value)).toEqual(Array.from(weight.data(), Number))
    // From the top unit on the left to the one at the bottom on the right is the first weight of the last row.
    expect(drawn.find(({ y1, y2 }) => y1 === 2.5 && y2 === -2.5)!.value).toBe(Number(weight.data()[30]))
    expect(units.filter(({ column }) => column === 2).map(({ bias }) => bias)).toEqual(
      Array.from(bias!.data(), Number),
    )
    expect(units.filter(({ bias }) => bias === undefined)).toHaveLength(2)

    const markup = networksFigure([fiveHidden])
    expect(elements(markup, 'figure g[aria-label="dot"] circle')).toHaveLength(33)
    expect(elements(markup, 'figure g[aria-label="link"] path')).toHaveLength(2 * 6 + 4 * 36 + 6)
  })

  test('show the sign of a weight by its colour, its size by its width', () => {
    const { twoHidden } = study.experiments
    const lines = elements(networksFigure([twoHidden]), 'figure g[aria-label="link"] path').map(path => ({
      color: path.getAttribute('stroke'),
      width: Number(path.getAttribute('stroke-width')),
    }))
    const values = diagramOf(twoHidden)
      .weights.map(({ value }) => value)
      .toSorted((v, w) => Math.abs(v) - Math.abs(w))
    expect(lines.map(({ color }) => color)).toEqual(
      values.map(value => (value > 0 ? 'var(--positive)' : 'var(--negative)')),
    )
    const widths = lines.map(({ width }) => width)
    expect(widths).toEqual(widths.toSorted((v, w) => v - w))
    expect(widths.at(-1)).toBe(4.5)
  })
})

describe('what hidden units answer', () => {
  test('the first layer draws straight edges, the second bends them', () => {
    const { twoHidden } = study.experiments
    const grid = 12
    const layers = answersOf(twoHidden, cellsOf(planeOf(study), grid, study.scale))
    expect(layers.map(({ units }) => units.length)).toEqual([6, 6, 1])
    expect(layers.map(({ activation }) => activation)).toEqual(['tanh', 'tanh', 'sigmoid'])
    /** How far z is from a plane: its largest second difference along the rows, beside its largest value. */
    const bend = (z: readonly number[]): number => {
      const bent = z.map((value, at) => (at % grid > grid - 3 ? 0 : value - 2 * z[at + 1]! + z[at + 2]!))
      return Math.max(...bent.map(Math.abs)) / Math.max(...z.map(Math.abs))
    }
    // A plane up to the rounding of float32.
    for (const z of layers[0]!.inputs) expect(bend(z)).toBeLessThan(2 ** -20)
    for (const z of layers[1]!.inputs) expect(bend(z)).toBeGreaterThan(0.01)
    for (const { inputs, units } of layers.slice(0, 2)) {
      for (const [at, z] of inputs.flat().entries()) expect(units.flat()[at]).toBeCloseTo(Math.tanh(z), 5)
    }
  })

  test('the last layer is what the network answers, and the figure has a field for every unit', () => {
    const { twoHidden } = study.experiments
    const { features } = study.test
    const answers = answersOf(twoHidden, features).at(-1)!.units[0]
    expect(answers).toEqual(outputsOf(twoHidden, features).map(([a]) => a))
    const markup = hiddenFigure(twoHidden, study)
    expect(elements(markup, 'h3').map(({ textContent }) => textContent)).toEqual([
      'Hidden layer 1: straight edges',
      'Hidden layer 2: bent regions',
      'Output',
    ])
    expect(elements(markup, 'figure svg')).toHaveLength(13)
    for (const svg of elements(markup, 'figure svg'))
      expect(svg.querySelectorAll('g[aria-label="contour"] path').length).toBeGreaterThan(2)
  })
})

describe('activations', () => {
  const slopes: Readonly<Record<string, (z: number) => number>> = {
    sigmoid: z => Math.exp(-z) / (1 + Math.exp(-z)) ** 2,
    tanh: z => 1 / Math.cosh(z) ** 2,
    ReLU: z => (z > 0 ? 1 : 0),
    'leaky ReLU': z => (z > 0 ? 1 : 0.1),
  }

  test.each(ACTIVATION_ROWS)(
    "of $title, g' is the formula, and the smaller side at a kink",
    ({ title, g }) => {
      const curve = curveOf(g)
      expect(curve.z).toContain(0)
      for (const [at, z] of curve.z.entries()) expect(curve.slopes[at]).toBeCloseTo(slopes[title]!(z), 14)
    },
  )

  test('are four charts, each with g and its derivative', () => {
    const charts = elements(activationsFigure(), 'figure svg')
    expect(charts.map(svg => svg.getAttribute('aria-label')!.split(' and its')[0])).toEqual([
      'sigmoid',
      'tanh',
      'ReLU',
      'leaky ReLU',
    ])
    expect(charts.map(svg => svg.querySelectorAll('g[aria-label="line"] path').length)).toEqual([2, 2, 3, 3])
  })
})

describe('gradients against depth', () => {
  test('vanish with sigmoid, and not with tanh and relu', () => {
    const shareOf = (hidden: 'sigmoid' | 'tanh' | 'relu', depth: number): number => {
      const sizes = gradientSizes(study.train, { hidden, depth, seed: 1 })
      expect(sizes).toHaveLength(depth)
      return sizes[0]! / sizes.at(-1)!
    }
    expect(shareOf('sigmoid', 5)).toBeLessThan(4 ** -4)
    expect(shareOf('sigmoid', 10)).toBeLessThan(4 ** -9)
    expect(shareOf('tanh', 10)).toBeGreaterThan(0.1)
    expect(shareOf('relu', 10)).toBeGreaterThan(0.1)
  })

  test('are three charts with a line for each depth', () => {
    const charts = elements(depthFigure(study.train, 1), 'figure svg')
    expect(charts).toHaveLength(3)
    for (const svg of charts) expect(svg.querySelectorAll('g[aria-label="line"] path')).toHaveLength(3)
  })
})
