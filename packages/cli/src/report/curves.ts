/** Loss curves: how the loss fell on the training examples and on the held-out ones. */
import * as Plot from '@observablehq/plot'
import { formatValue } from '../format.ts'
import { LOSSES } from '../networks/losses.ts'
import type { Run } from '../run.ts'
import { chart } from './chart.ts'
import { html, type Markup } from './html.ts'
import { legend, legendLine } from './legend.ts'

const TRAIN: Plot.LineOptions = { stroke: 'var(--accent)', strokeWidth: 2 }
const TEST: Plot.LineOptions = { stroke: 'var(--muted)', strokeWidth: 1.6, strokeDasharray: '4 3' }

/** One small chart for each run, all with the same marks. */
export function curvesFigure(runs: readonly Run[]): Markup {
  const figures = runs.map(
    run => html`<figure>
<figcaption><strong>${run.experiment.title}</strong><span>${LOSSES[run.experiment.loss].label}</span></figcaption>
${curveChart(run)}
</figure>`,
  )
  return html`${legend([
    { sample: legendLine(TRAIN), label: 'training examples' },
    { sample: legendLine(TEST), label: 'held-out examples' },
  ])}<div class="grid four">${figures}</div>`
}

function curveChart({ experiment, training }: Run): Markup {
  const { history, train, test } = training
  const at = { x: 'epoch' } as const
  const ticks = lossTicks(history.flatMap(point => [point.train, point.test]))
  return chart(
    `Loss of ${experiment.title} over ${experiment.epochs} epochs: from ${formatValue(training.before.loss)} to ` +
      `${formatValue(train.loss)} on the training examples, and to ${formatValue(test.loss)} on the held-out ones.`,
    {
      width: 264,
      height: 190,
      marginLeft: 38,
      marginRight: 14,
      marginTop: 24,
      marginBottom: 38,
      x: { label: 'epoch', ticks: 4, labelAnchor: 'center' },
      y: {
        type: 'log',
        label: 'loss',
        domain: [ticks[0]!, ticks.at(-1)!],
        ticks,
        tickFormat: '~g',
        grid: true,
      },
      marks: [
        Plot.line(history, { ...at, y: 'test', ...TEST }),
        Plot.line(history, { ...at, y: 'train', ...TRAIN }),
      ],
    },
  )
}

/** Round losses from below the smallest to above the largest: 1, 2, 5 within two decades, else powers of ten. */
function lossTicks(losses: readonly number[]): number[] {
  const [low, high] = [Math.min(...losses), Math.max(...losses)]
  const steps = high / low < 100 ? [1, 2, 5] : [1]
  const decades = Array.from({ length: 40 }, (_, at) => at - 30)
  const round = decades.flatMap(decade => steps.map(step => Number(`${step}e${decade}`)))
  const first = round.findLastIndex(tick => tick <= low)
  const last = round.findIndex(tick => tick >= high)
  return round.slice(Math.max(first, 0), last + 1)
}
