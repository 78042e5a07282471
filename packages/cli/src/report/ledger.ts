/** The ledgers as tables: autodiff, the hand-derived formula and the central difference side by side. */
import type { BackpropReport, BackpropRow } from '@adjoint/testing'
import { DISTANCE_TITLE, formatError, formatShape, formatUlp, formatValue } from '../format.ts'
import { largestDifference, type Run } from '../run.ts'
import { html, type Markup } from './html.ts'

/** One ledger that opens when its line is clicked. */
export function ledgerDetails({ experiment, ledger }: Run): Markup {
  const result = ledger.agrees
    ? html`<span class="badge good">all ${ledger.rows.length} agree</span> largest relative difference <span class="number">${formatError(largestDifference(ledger))}</span>`
    : html`<span class="badge bad">differs</span> first at ${ledger.firstDifference?.name}`
  return html`<details>
<summary><strong>${experiment.title}</strong> <span class="net">${experiment.architecture}</span> <span class="result">${result}</span></summary>
${ledgerTable(ledger, `Ledger of ${experiment.title}`)}
</details>
`
}

/** The table of a ledger, from the loss back to the input. */
export function ledgerTable(ledger: BackpropReport, caption: string): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
<table class="ledger">
<caption class="unseen">${caption}</caption>
<thead><tr>
<th scope="col">quantity</th><th scope="col">shape</th>
<th scope="col">max abs</th><th scope="col">max rel</th><th scope="col">ulp</th>
<th scope="col">by hand</th><th scope="col">autodiff</th><th scope="col">difference quotient</th>
<th scope="col">${DISTANCE_TITLE}</th>
<th scope="col">verdict</th>
</tr></thead>
<tbody>
${ledger.rows.map((row, at) => ledgerRow(row, ledger.rows[at - 1]?.hint))}
</tbody>
</table>
</div>
`
}

/** A hint that the row above has given already is not repeated. */
function ledgerRow(row: BackpropRow, hintAbove: string | undefined): Markup {
  const differs = row.verdict === 'differs'
  const hint =
    row.hint === undefined || row.hint === hintAbove
      ? undefined
      : html`<tr class="hint"><td colspan="10"><span>${row.hint}</span></td></tr>
`
  return html`<tr${differs ? html` class="differs"` : ''}>
<th scope="row">${symbolOf(row)}</th><td>${formatShape(row.shape)}</td>
<td>${formatError(row.maxAbs)}</td><td>${formatError(row.maxRel)}</td><td>${formatUlp(row.maxUlp)}</td>
<td>${formatValue(row.manual)}</td><td>${formatValue(row.autodiff)}</td><td>${row.difference === undefined ? '–' : formatValue(row.difference)}</td>
<td>${row.maxAbsDifference === undefined ? '–' : formatError(row.maxAbsDifference)}</td>
<td>${differs ? html`<span class="badge bad">differs</span>` : html`<span class="badge good">agrees</span>`}</td>
</tr>
${hint}`
}

/** dW with its layer in brackets above it, as the lecture writes it. */
function symbolOf({ quantity, layer }: BackpropRow): Markup {
  return html`<i>${quantity}</i><sup>[${layer}]</sup>`
}
