/** One unit as the lecture draws a neuron: inputs, weights, a sum, an activation. */
import { sigmoid, tensor } from '@adjoint/core'
import * as Plot from '@observablehq/plot'
import type { Experiment } from '../networks/experiment.ts'
import { pairLayers } from '../pairing.ts'
import { chart } from './chart.ts'
import type { Markup } from './html.ts'
import { signColor, subscripted } from './network.ts'

/** What a unit computes for one example: a = σ(z), z = Σ wᵢ xᵢ + b. */
export interface UnitAtWork {
  /** What the inputs are. */
  readonly labels: readonly string[]
  readonly inputs: readonly number[]
  readonly weights: readonly number[]
  readonly bias: number
  readonly z: number
  readonly a: number
}

/** The one unit of a logistic regression at work on an example. */
export function unitOf(
  { model }: Pick<Experiment, 'model'>,
  inputs: readonly number[],
  labels: readonly string[],
): UnitAtWork {
  const [{ dense }] = pairLayers(model) as [ReturnType<typeof pairLayers>[number]]
  const [weights] = dense.weight.toArray() as number[][]
  const bias = dense.bias === null ? 0 : dense.bias.reshape([]).item()
  const z = weights!.reduce((sum, weight, at) => sum + weight * inputs[at]!, bias)
  return { labels, inputs, weights: weights!, bias, z, a: sigmoid(tensor(z, { dtype: 'float64' })).item() }
}

const INPUT = 0
const SUM = 0.52
const ACTIVATION = 0.76
const OUTPUT = 1

/** Where the parts of the biological cell would be. */
const PARTS: readonly (readonly [part: string, x: number])[] = [
  ['dendrites', 0.21],
  ['cell body', SUM],
  ['axon', (ACTIVATION + OUTPUT) / 2],
]

export function neuronChart({ labels, inputs, weights, bias, z, a }: UnitAtWork): Markup {
  const heightOf = (at: number): number => 0.55 * ((inputs.length - 1) / 2 - at)
  const widest = Math.max(...weights.map(Math.abs)) || 1
  const inputRows = inputs.map((value, at) => ({ at, value, weight: weights[at]!, y: heightOf(at) }))
  const slope = Array.from({ length: 41 }, (_, at) => (at - 20) / 20)
  const curve = sigmoid(tensor(slope).mul(6)).toArray() as number[]
  const ink = { fill: 'var(--ink)' } as const
  const muted = { fill: 'var(--muted)' } as const
  const write = (x: number, y: number, text: string, style: Plot.TextOptions): Plot.Markish =>
    Plot.text([text], { x: () => x, y: () => y, ...style })
  return chart(
    `One unit at work: ${inputRows.map(({ at, value, weight }) => `${labels[at]} ${format(value)} times ${format(weight)}`).join(', plus ')}, ` +
      `plus ${format(bias)}, is ${format(z)}; its sigmoid is ${format(a)}.`,
    {
      width: 380,
      height: 200,
      marginLeft: 48,
      marginRight: 52,
      marginTop: 26,
      marginBottom: 26,
      axis: null,
      x: { domain: [0, 1] },
      y: { domain: [-0.5, 0.5] },
      marks: [
        Plot.link(inputRows, {
          x1: () => INPUT,
          y1: 'y',
          x2: () => SUM,
          y2: () => 0,
          stroke: ({ weight }) => signColor(weight),
          strokeWidth: ({ weight }) => 0.5 + 4 * (Math.abs(weight) / widest),
        }),
        Plot.arrow(
          [
            [SUM, ACTIVATION],
            [ACTIVATION, OUTPUT - 0.02],
          ],
          {
            x1: ([from]) => from!,
            x2: ([, to]) => to!,
            y1: () => 0,
            y2: () => 0,
            insetStart: 24,
            insetEnd: 24,
            stroke: 'var(--muted)',
          },
        ),
        Plot.dot(inputRows, { x: () => INPUT, y: 'y', r: 17, fill: 'var(--band)', stroke: 'var(--muted)' }),
        Plot.dot([SUM, ACTIVATION], {
          x: at => at,
          y: () => 0,
          r: 22,
          fill: 'var(--surface)',
          stroke: 'var(--accent)',
          strokeWidth: 1.5,
        }),
        Plot.line(slope, {
          x: at => ACTIVATION + 0.042 * at,
          y: (_, at) => 0.14 * (curve[at]! - 0.5),
          stroke: 'var(--accent)',
          strokeWidth: 1.8,
        }),
        ...inputRows.flatMap(({ at, value, weight, y }) => [
          write(INPUT, y, format(value), ink),
          write(INPUT, y, `${subscripted('x', at + 1)}, ${labels[at]}`, {
            ...muted,
            dy: at === 0 ? -26 : 28,
            dx: -44,
            textAnchor: 'start',
          }),
          write(SUM / 2, y / 2, `${subscripted('w', at + 1)} = ${format(weight)}`, {
            ...ink,
            dy: y < 0 ? 13 : -13,
            dx: 12,
            stroke: 'var(--surface)',
            strokeWidth: 4,
          }),
        ]),
        write(SUM, 0, 'Σ', { ...ink, fontSize: 18 }),
        write(SUM, 0, `b = ${format(bias)}`, { ...muted, dy: 34 }),
        write(SUM, 0, `z = ${format(z)}`, { ...ink, dy: 49 }),
        write(ACTIVATION, 0, 'g = σ', { ...muted, dy: 34 }),
        write(OUTPUT, 0, `a = ${format(a)}`, { ...ink, dx: 16 }),
        ...PARTS.map(([part, x]) =>
          Plot.text([part], { x: () => x, frameAnchor: 'top', dy: -18, fontStyle: 'italic', ...muted }),
        ),
      ],
    },
  )
}

/** Two digits behind the point, with a minus that is as wide as a plus. */
function format(value: number): string {
  return value.toFixed(2).replace('-', '−')
}
