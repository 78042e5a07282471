/** Networks drawn from their parameters: units as circles, weights as lines. */
import * as Plot from '@observablehq/plot'
import { formatValue } from '../format.ts'
import type { Experiment } from '../networks/experiment.ts'
import { type AnyDense, pairLayers } from '../pairing.ts'
import { chart } from './chart.ts'
import { html, type Markup } from './html.ts'
import { legend, legendLine, legendSymbol } from './legend.ts'

/** The widest line, for the largest weight of a network. */
const WIDEST = 4.5
const NARROWEST = 0.25

/** A weight of a layer, between two units of neighbouring columns. */
export interface DrawnWeight {
  /** The column on the left: 0 is the input. */
  readonly from: number
  readonly value: number
  readonly y1: number
  readonly y2: number
}

/** A unit, or an input, which has no bias. */
export interface DrawnUnit {
  readonly column: number
  readonly y: number
  readonly bias: number | undefined
}

export interface Diagram {
  /** Units of each column, the input first. */
  readonly sizes: readonly number[]
  readonly units: readonly DrawnUnit[]
  readonly weights: readonly DrawnWeight[]
}

/** Where units and weights of a model stand: the columns from left to right, each with its middle at 0. */
export function diagramOf({ model }: Pick<Experiment, 'model'>): Diagram {
  const layers = pairLayers(model).map(({ dense }) => dense)
  const sizes = [layers[0]!.inputs, ...layers.map(({ outputs }) => outputs)]
  const heightOf = (column: number, unit: number): number => (sizes[column]! - 1) / 2 - unit
  const biases = layers.map(({ bias }) => (bias === null ? undefined : Array.from(bias.data(), Number)))
  return {
    sizes,
    units: sizes.flatMap((size, column) =>
      Array.from({ length: size }, (_, unit) => ({
        column,
        y: heightOf(column, unit),
        bias: biases[column - 1]?.[unit],
      })),
    ),
    weights: layers.flatMap((layer, from) =>
      rowsOf(layer).flatMap((row, to) =>
        row.map((value, input) => ({
          from,
          value,
          y1: heightOf(from, input),
          y2: heightOf(from + 1, to),
        })),
      ),
    ),
  }
}

/** W as it is in both layouts: for each unit the weights of its inputs. */
function rowsOf({ weight }: AnyDense): number[][] {
  return weight.toArray() as number[][]
}

/** Networks side by side with their common legend. */
export function networksFigure(experiments: readonly Experiment[]): Markup {
  const figures = experiments.map(
    experiment => html`<figure class="network">
<figcaption><strong>${experiment.title}</strong><span class="net">${experiment.architecture}</span></figcaption>
${networkChart(experiment)}
</figure>`,
  )
  return html`${legend([
    { sample: legendLine({ stroke: 'var(--positive)', strokeWidth: 3 }), label: 'weight above 0' },
    { sample: legendLine({ stroke: 'var(--negative)', strokeWidth: 3 }), label: 'weight below 0' },
    { sample: legendSymbol(unitStyle(1, 1)), label: 'unit; the colour of its ring is the sign of its bias' },
    { sample: legendSymbol(unitStyle(undefined, 1)), label: 'input' },
  ])}<div class="grid three">${figures}</div>`
}

function networkChart(experiment: Experiment): Markup {
  const { sizes, units, weights } = diagramOf(experiment)
  const widest = largest(weights.map(({ value }) => value))
  const last = sizes.length - 1
  const high = (Math.max(...sizes) - 1) / 2 + 0.55
  return chart(
    `Diagram of ${experiment.title}: columns of ${sizes.join(', ')} units, with ${weights.length} weights between them, of ` +
      `which the largest is ${formatValue(widest)}.`,
    {
      width: 340,
      height: 230,
      marginLeft: 40,
      marginRight: 26,
      marginTop: 4,
      marginBottom: 18,
      axis: null,
      x: { domain: [0, last] },
      y: { domain: [-high, high] },
      marks: [
        // The largest last, on top of the others.
        Plot.link(
          weights.toSorted((v, w) => Math.abs(v.value) - Math.abs(w.value)),
          {
            x1: 'from',
            x2: ({ from }: DrawnWeight) => from + 1,
            y1: 'y1',
            y2: 'y2',
            stroke: ({ value }: DrawnWeight) => signColor(value),
            strokeWidth: ({ value }: DrawnWeight) =>
              NARROWEST + (WIDEST - NARROWEST) * (Math.abs(value) / (widest || 1)),
            strokeOpacity: 0.75,
          },
        ),
        ...units.map(unit =>
          Plot.dot([unit], {
            x: 'column',
            y: 'y',
            r: 8,
            ...unitStyle(unit.bias, largest(units.map(({ bias }) => bias ?? 0))),
          }),
        ),
        Plot.text(
          units.filter(({ column }) => column === 0),
          { x: 'column', y: 'y', text: (_, at) => subscripted('x', at + 1), dx: -22, fill: 'var(--ink)' },
        ),
        Plot.text(
          units.filter(({ column }) => column === last),
          { x: 'column', y: 'y', text: () => 'a', dx: 18, fill: 'var(--ink)' },
        ),
        Plot.text(
          sizes.map((_, column) => column),
          {
            x: column => column,
            frameAnchor: 'bottom',
            dy: 15,
            text: column => (column === 0 ? 'input' : column === last ? 'output' : String(column)),
            fill: 'var(--muted)',
          },
        ),
      ],
    },
  )
}

/** x₁ for `('x', 1)`. */
export function subscripted(name: string, index: number): string {
  return name + [...String(index)].map(digit => String.fromCodePoint(0x2080 + Number(digit))).join('')
}

/** The colour of a weight. */
export function signColor(value: number): string {
  return value === 0 ? 'var(--muted)' : value > 0 ? 'var(--positive)' : 'var(--negative)'
}

/** A ring in the colour of the bias, the wider the larger; an input is a filled dot. */
function unitStyle(
  bias: number | undefined,
  widest: number,
): { fill: string; stroke: string; strokeWidth: number } {
  if (bias === undefined) return { fill: 'var(--band)', stroke: 'var(--muted)', strokeWidth: 1 }
  return {
    fill: 'var(--surface)',
    stroke: signColor(bias),
    strokeWidth: 1 + 2 * (Math.abs(bias) / (widest || 1)),
  }
}

function largest(values: readonly number[]): number {
  return Math.max(...values.map(Math.abs))
}
