/** The regression: predicted against measured body mass of the held-out birds. */
import * as Plot from '@observablehq/plot'
import { chart } from './chart.ts'
import type { Markup } from './html.ts'

/** A held-out bird; both masses in g. */
export interface MassAnswer {
  readonly measured: number
  readonly predicted: number
}

export function massChart(answers: readonly MassAnswer[]): Markup {
  const values = answers.flatMap(({ measured, predicted }) => [measured, predicted])
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const domain: [number, number] = [low - 100, high + 100]
  return chart(
    `Predicted against measured body mass of ${answers.length} held-out penguins, with the line where both are equal.`,
    {
      width: 440,
      height: 400,
      marginLeft: 52,
      marginBottom: 40,
      marginTop: 24,
      marginRight: 10,
      grid: true,
      x: { domain, label: 'measured body mass (g)', labelAnchor: 'center', ticks: 5 },
      y: { domain, label: 'predicted body mass (g)', ticks: 6 },
      marks: [
        Plot.line(
          domain.map(mass => [mass, mass]),
          { stroke: 'var(--muted)', strokeDasharray: '4 3' },
        ),
        Plot.dot(answers, {
          x: 'measured',
          y: 'predicted',
          r: 3.5,
          fill: 'var(--accent)',
          fillOpacity: 0.75,
          stroke: 'var(--surface)',
        }),
      ],
    },
  )
}
