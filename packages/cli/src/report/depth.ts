/** Vanishing gradients: how large the gradient is that arrives at each layer of deeper and deeper networks. */
import { Rng, type Tensor } from '@adjoint/core'
import { binaryCrossEntropyWithLogits } from '@adjoint/nn'
import * as Plot from '@observablehq/plot'
import { denseNet } from '../networks/denseNet.ts'
import { type Examples, pickExamples, toBatch } from '../networks/examples.ts'
import { pairLayers } from '../pairing.ts'
import { chart } from './chart.ts'
import { html, type Markup } from './html.ts'
import { legend, legendLine } from './legend.ts'

type Hidden = 'sigmoid' | 'tanh' | 'relu'

const TITLES: Readonly<Record<Hidden, string>> = { sigmoid: 'sigmoid', tanh: 'tanh', relu: 'ReLU' }
/** Hidden layers of the networks, and how their lines are drawn. */
const DEPTHS: readonly (readonly [depth: number, style: Plot.LineOptions])[] = [
  [5, { stroke: 'var(--muted)', strokeWidth: 1.6, strokeDasharray: '2 3' }],
  [10, { stroke: 'var(--positive)', strokeWidth: 1.8, strokeDasharray: '5 3' }],
  [20, { stroke: 'var(--accent)', strokeWidth: 2 }],
]
const UNITS = 16
const EXAMPLES = 30
/** Networks over which is averaged: a single one has luck of its own. */
const DRAWS = 4

/**
 * The size of the gradient at each hidden layer of untrained networks, from the first layer to the last: the root mean
 * square of ∂J/∂z, as a geometric mean over several draws of the weights.
 */
export function gradientSizes(
  examples: Examples,
  { hidden, depth, seed }: { readonly hidden: Hidden; readonly depth: number; readonly seed: number },
): number[] {
  const rng = new Rng(seed)
  const { inputs, targets } = toBatch(examples, { task: 'binary', layout: 'columns', dtype: 'float32' })
  const logarithms = new Array<number>(depth).fill(0)
  for (let draw = 0; draw < DRAWS; draw++) {
    const model = denseNet({
      inputs: examples.features[0]!.length,
      hidden: new Array<number>(depth).fill(UNITS),
      outputs: 1,
      hiddenActivation: hidden,
      layout: 'columns',
      rng,
    })
    const seen = new Map<string, Tensor>()
    const logits = model.forward(inputs, {
      observe: (path, output) => {
        seen.set(path, output)
      },
    })
    binaryCrossEntropyWithLogits(logits, targets).backward()
    for (const [layer, { path }] of pairLayers(model).slice(0, depth).entries()) {
      const size = seen.get(path.z)!.grad!.square().mean().sqrt().item()
      logarithms[layer]! += Math.log(size) / DRAWS
    }
  }
  return logarithms.map(Math.exp)
}

/** A chart for each activation, all with the same axes. */
export function depthFigure(examples: Examples, seed: number): Markup {
  const some = pickExamples(
    examples,
    Array.from({ length: Math.min(EXAMPLES, examples.targets.length) }, (_, at) => at),
  )
  const curves = (Object.keys(TITLES) as Hidden[]).map(hidden => ({
    hidden,
    lines: DEPTHS.map(([depth, style]) => ({
      depth,
      style,
      sizes: gradientSizes(some, { hidden, depth, seed }),
    })),
  }))
  const sizes = curves.flatMap(({ lines }) => lines.flatMap(({ sizes }) => sizes))
  const domain = [
    10 ** Math.floor(Math.log10(Math.min(...sizes))),
    10 ** Math.ceil(Math.log10(Math.max(...sizes))),
  ]
  const figures = curves.map(({ hidden, lines }) => {
    const deepest = lines.at(-1)!
    const ratio = deepest.sizes[0]! / deepest.sizes.at(-1)!
    return html`<figure class="depth">
<figcaption><strong>${TITLES[hidden]}</strong><span>first layer of ${deepest.depth} gets ${describeRatio(ratio)}</span></figcaption>
${depthChart(hidden, lines, domain)}
</figure>`
  })
  return html`${legend(
    DEPTHS.map(([depth, style]) => ({ sample: legendLine(style), label: `${depth} hidden layers` })),
  )}<div class="grid three">${figures}</div>`
}

interface Line {
  readonly depth: number
  readonly style: Plot.LineOptions
  readonly sizes: readonly number[]
}

function depthChart(hidden: Hidden, lines: readonly Line[], domain: readonly number[]): Markup {
  return chart(
    `Size of the gradient at each hidden layer of ${TITLES[hidden]} networks. ${lines
      .map(
        ({ depth, sizes }) =>
          `With ${depth} hidden layers: ${sizes[0]!.toExponential(1)} at the first, ${sizes.at(-1)!.toExponential(1)} at the last.`,
      )
      .join(' ')}`,
    {
      width: 340,
      height: 240,
      marginLeft: 46,
      marginRight: 14,
      marginTop: 24,
      marginBottom: 38,
      x: {
        domain: [1, Math.max(...lines.map(({ depth }) => depth))],
        ticks: [1, 5, 10, 15, 20],
        label: 'layer',
        labelAnchor: 'center',
      },
      y: { type: 'log', domain: [...domain], label: 'size of ∂J/∂z', ticks: 5, tickFormat: '~e', grid: true },
      marks: lines.map(({ sizes, style }) =>
        Plot.line(sizes, { x: (_, at) => at + 1, y: size => size, ...style }),
      ),
    },
  )
}

/** What the first layer gets of what the last gets: a percentage, or a part of a power of ten. */
function describeRatio(ratio: number): string {
  if (ratio >= 0.001) return `${Number((100 * ratio).toPrecision(2))} % of the last`
  const digits = [...String(Math.round(-Math.log10(ratio)))]
  return `about 10⁻${digits.map(digit => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('')} of the last`
}
