/** The lecture's four activations and their derivatives, as core computes them. */
import { gradients, leakyRelu, relu, sigmoid, sum, type Tensor, tanh, tensor } from '@adjoint/core'
import * as Plot from '@observablehq/plot'
import { chart } from './chart.ts'
import { html, type Markup } from './html.ts'
import { legend, legendLine } from './legend.ts'

interface ActivationRow {
  readonly title: string
  readonly formula: string
  readonly slopeFormula: string
  readonly g: (z: Tensor) => Tensor
  /** Whether the derivative jumps at 0. */
  readonly kink: boolean
}

/** ε of the leaky ReLU, larger than the usual 0.01 so that it can be seen. */
const LEAK = 0.1

/** The four, in the order of the lecture. */
export const ACTIVATION_ROWS: readonly ActivationRow[] = [
  { title: 'sigmoid', formula: 'g = 1/(1 + e⁻ᶻ)', slopeFormula: "g' = a(1 − a)", g: sigmoid, kink: false },
  { title: 'tanh', formula: 'g = tanh z', slopeFormula: "g' = 1 − a²", g: tanh, kink: false },
  { title: 'ReLU', formula: 'g = max(0, z)', slopeFormula: "g' = 1 or 0", g: relu, kink: true },
  {
    title: 'leaky ReLU',
    formula: `g = max(εz, z), ε = ${LEAK}`,
    slopeFormula: "g' = 1 or ε",
    g: z => leakyRelu(z, LEAK),
    kink: true,
  },
]

const REACH = 4
const STEPS = 80

/** An activation at some places. */
export interface ActivationCurve {
  readonly z: readonly number[]
  readonly values: readonly number[]
  /** g'(z), by autodiff. */
  readonly slopes: readonly number[]
}

/** z, g(z) and g'(z) from −4 to 4. */
export function curveOf(g: (z: Tensor) => Tensor): ActivationCurve {
  const z = Array.from({ length: STEPS + 1 }, (_, at) => REACH * ((2 * at) / STEPS - 1))
  const input = tensor(z, { dtype: 'float64', requiresGrad: true })
  const output = g(input)
  const [slopes] = gradients(sum(output), [input])
  return { z, values: output.toArray() as number[], slopes: slopes!.toArray() as number[] }
}

const VALUE = { stroke: 'var(--accent)', strokeWidth: 2.2 } as const
const SLOPE = { stroke: 'var(--positive)', strokeWidth: 1.8, strokeDasharray: '5 3' } as const

/** A small chart for each of the four. */
export function activationsFigure(): Markup {
  const figures = ACTIVATION_ROWS.map(
    row => html`<figure class="activation">
<figcaption><strong>${row.title}</strong><span>${row.formula}; ${row.slopeFormula}</span></figcaption>
${activationChart(row)}
</figure>`,
  )
  return html`${legend([
    { sample: legendLine(VALUE), label: 'a = g(z)' },
    { sample: legendLine(SLOPE), label: "g'(z), by autodiff" },
  ])}<div class="grid four">${figures}</div>`
}

function activationChart({ title, g, kink }: ActivationRow): Markup {
  const { z, values, slopes } = curveOf(g)
  const points = z.map((at, i) => ({ z: at, value: values[i]!, slope: slopes[i]! }))
  // The derivative has no value between its two sides; at the kink itself it is the smaller one, drawn as a dot.
  const sides = kink ? [points.filter(({ z }) => z < 0), points.filter(({ z }) => z > 0)] : [points]
  const origin = points.filter(({ z }) => z === 0)
  const steepest = Math.max(...slopes)
  return chart(
    `${title} and its derivative from −${REACH} to ${REACH}; the derivative is at most ${Number(steepest.toFixed(4))}` +
      `${kink ? `, and ${origin[0]!.slope} at 0` : ''}.`,
    {
      width: 264,
      height: 210,
      marginLeft: 28,
      marginRight: 8,
      marginTop: 10,
      marginBottom: 32,
      grid: true,
      x: { domain: [-REACH, REACH], ticks: 5, label: 'z', labelAnchor: 'center', labelArrow: 'none' },
      y: { domain: [-1.2, 2.2], ticks: [-1, 0, 1, 2], tickFormat: 'd', label: null },
      marks: [
        Plot.ruleY([0], { stroke: 'var(--muted)', strokeOpacity: 0.6 }),
        Plot.ruleX([0], { stroke: 'var(--muted)', strokeOpacity: 0.6 }),
        Plot.line(
          points.filter(({ value }) => value <= 2.2),
          { x: 'z', y: 'value', ...VALUE },
        ),
        // On top, so that it is seen where the two are equal.
        ...sides.map(side => Plot.line(side, { x: 'z', y: 'slope', ...SLOPE })),
        ...(kink ? [Plot.dot(origin, { x: 'z', y: 'slope', r: 3, fill: 'var(--positive)' })] : []),
      ],
    },
  )
}
