/** The digits: which are taken for which, and images that the network got wrong. */
import * as Plot from '@observablehq/plot'
import { chart } from './chart.ts'
import { html, type Markup } from './html.ts'

/** A held-out image with what was written and what the network read. */
export interface DigitAnswer {
  readonly pixels: readonly number[]
  readonly written: number
  readonly read: number
}

/** Wrong answers that are shown. */
const SHOWN = 12
const DIGITS = Array.from({ length: 10 }, (_, digit) => digit)

/** The confusion matrix beside the images that were misread. */
export function digitsFigure(answers: readonly DigitAnswer[]): Markup {
  const wrong = answers.filter(({ written, read }) => written !== read)
  return html`<div class="grid two">
<figure>
<figcaption><strong>Confusion matrix</strong><span>${answers.length} held-out images, ${wrong.length} misread</span></figcaption>
${confusionChart(answers)}
</figure>
<div>
<h3>Misread digits</h3>
${
  wrong.length === 0
    ? html`<p>None: every held-out image was read as it was written.</p>`
    : html`<p>${wrong.length > SHOWN ? `The first ${SHOWN} of ${wrong.length}:` : 'All of them:'}</p>
<ul class="digits">${wrong.slice(0, SHOWN).map(digitItem)}</ul>`
}
</div>
</div>
`
}

function confusionChart(answers: readonly DigitAnswer[]): Markup {
  const cells = DIGITS.flatMap(written =>
    DIGITS.map(read => {
      const ofRow = answers.filter(answer => answer.written === written)
      const count = ofRow.filter(answer => answer.read === read).length
      return { written, read, count, share: ofRow.length === 0 ? 0 : count / ofRow.length }
    }),
  )
  const wrong = cells.filter(({ written, read, count }) => written !== read && count > 0)
  return chart(
    `Confusion matrix of the digits. ${
      wrong.length === 0
        ? 'All are on the diagonal.'
        : `Off the diagonal: ${wrong.map(({ written, read, count }) => `${written} read as ${read}, ${count === 1 ? 'once' : `${count} times`}`).join('; ')}.`
    }`,
    {
      width: 460,
      height: 440,
      marginLeft: 40,
      marginTop: 34,
      marginRight: 4,
      marginBottom: 4,
      padding: 0.04,
      x: { label: 'read as', axis: 'top', tickSize: 0, labelAnchor: 'center', labelArrow: 'none' },
      y: { label: 'written', tickSize: 0, labelAnchor: 'center', labelArrow: 'none' },
      opacity: { domain: [0, 1], range: [0, 1] },
      marks: [
        Plot.cell(cells, { x: 'read', y: 'written', fill: 'var(--band)' }),
        Plot.cell(
          cells.filter(({ count }) => count > 0),
          {
            x: 'read',
            y: 'written',
            fill: ({ written, read }) => (written === read ? 'var(--accent)' : 'var(--bad)'),
            fillOpacity: ({ written, read, share }) =>
              written === read ? share : Math.min(1, 0.35 + 3 * share),
          },
        ),
        Plot.text(
          cells.filter(({ count }) => count > 0),
          {
            x: 'read',
            y: 'written',
            text: 'count',
            fill: ({ share }) => (share > 0.5 ? 'var(--surface)' : 'var(--ink)'),
            fontWeight: 600,
            fontSize: 13,
          },
        ),
      ],
    },
  )
}

function digitItem({ pixels, written, read }: DigitAnswer): Markup {
  return html`<li>${digitChart(pixels, written)}<span>${written}, read as ${read}</span></li>`
}

function digitChart(pixels: readonly number[], written: number): Markup {
  const cells = pixels.map((value, at) => ({ x: at % 8, y: Math.floor(at / 8), value: value / 16 }))
  return chart(`A handwritten ${written} of 8 by 8 pixels`, {
    width: 72,
    height: 72,
    margin: 0,
    padding: 0,
    axis: null,
    opacity: { domain: [0, 1], range: [0, 1] },
    marks: [
      Plot.frame({ fill: 'var(--band)', stroke: 'none' }),
      Plot.cell(
        cells.filter(({ value }) => value > 0),
        { x: 'x', y: 'y', fill: 'var(--ink)', fillOpacity: 'value', inset: -0.2 },
      ),
    ],
    x: { domain: Array.from({ length: 8 }, (_, x) => x) },
    y: { domain: Array.from({ length: 8 }, (_, y) => y) },
  })
}
