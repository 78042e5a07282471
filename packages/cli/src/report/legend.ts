/** Legends as a line of samples and words that wraps on a narrow screen. */
import * as Plot from '@observablehq/plot'
import { decoration } from './chart.ts'
import { html, type Markup } from './html.ts'

export interface LegendItem {
  readonly sample: Markup
  readonly label: string
}

export function legend(items: readonly LegendItem[]): Markup {
  return html`<ul class="legend">${items.map(({ sample, label }) => html`<li>${sample} ${label}</li>`)}</ul>
`
}

/** A dot as the charts draw it. */
export function legendSymbol(style: Plot.DotOptions): Markup {
  return sample([Plot.dot([[0, 0]], { r: 4, ...style })])
}

/** A line as the charts draw it. */
export function legendLine(style: Plot.LineOptions): Markup {
  return sample([
    Plot.line(
      [
        [-1, 0],
        [1, 0],
      ],
      style,
    ),
  ])
}

function sample(marks: Plot.Markish[]): Markup {
  return decoration({
    width: 22,
    height: 14,
    margin: 2,
    axis: null,
    x: { domain: [-1, 1] },
    y: { domain: [-1, 1] },
    marks,
  })
}
