/** The report of a demo: everything that was trained, drawn and compared, on one page. */

import type { Penguin } from '@adjoint/data'
import type { BackpropReport } from '@adjoint/testing'
import { formatError, formatPercent, formatQuality, formatValue, ULP_NOTE } from '../format.ts'
import { MEASUREMENT_LABELS } from '../networks/measurements.ts'
import { BINARY_MEASUREMENTS, type BinaryStudy } from '../networks/penguinBinary.ts'
import { largestDifference, type Run } from '../run.ts'
import { activationsFigure } from './activations.ts'
import { boundariesFigure } from './boundaries.ts'
import { curvesFigure } from './curves.ts'
import { depthFigure } from './depth.ts'
import { type DigitAnswer, digitsFigure } from './digits.ts'
import { hiddenFigure } from './hidden.ts'
import { html, type Markup } from './html.ts'
import { ledgerDetails, ledgerTable } from './ledger.ts'
import { type MassAnswer, massChart } from './mass.ts'
import { networksFigure } from './network.ts'
import { neuronChart, unitOf } from './neuron.ts'
import { page } from './page.ts'
import { sourcesList } from './sources.ts'

/** What the report is made of. */
export interface ReportInputs {
  readonly seed: number
  readonly quick: boolean
  readonly versions: { readonly adjoint: string; readonly node: string }
  readonly runs: readonly Run[]
  readonly binary: {
    readonly study: BinaryStudy
    readonly penguins: readonly Penguin[]
    readonly runs: readonly Run[]
  }
  readonly droppedPenguins: number
  readonly digits: readonly DigitAnswer[]
  readonly masses: readonly MassAnswer[]
  readonly planted: { readonly ledger: BackpropReport; readonly title: string; readonly formula: string }
  readonly graph: Markup
}

/** The report as the text of one HTML file. */
export function renderReport(inputs: ReportInputs): string {
  return page(
    'Adjoint: automatic differentiation beside backpropagation by hand',
    html`${opening(inputs)}
<main>
${boundaries(inputs)}
${networks(inputs)}
${hidden(inputs)}
${curves(inputs)}
${results(inputs)}
${ledgers(inputs)}
${mistake(inputs)}
${activations()}
${depth(inputs)}
${digits(inputs)}
${masses(inputs)}
${graph(inputs)}
${sources(inputs)}
</main>
${closing(inputs)}`,
  )
}

function opening({ runs, seed, quick, versions, digits }: ReportInputs): Markup {
  const quantities = runs.reduce((sum, { ledger }) => sum + ledger.rows.length, 0)
  const agreeing = runs.reduce(
    (sum, { ledger }) => sum + ledger.rows.filter(({ verdict }) => verdict === 'agrees').length,
    0,
  )
  const right = digits.filter(({ written, read }) => written === read).length
  const facts: readonly (readonly [string, string, string])[] = [
    [
      'gradients that agree',
      `${agreeing} of ${quantities}`,
      `every dz, dW and db of ${runs.length} networks`,
    ],
    [
      'largest difference',
      formatError(Math.max(...runs.map(({ ledger }) => largestDifference(ledger)))),
      'relative, in float64',
    ],
    [
      'digits read correctly',
      formatPercent(right / digits.length),
      `${right} of ${digits.length} held-out images`,
    ],
    ['seed', String(seed), `Adjoint ${versions.adjoint}, Node ${versions.node}${quick ? ', short run' : ''}`],
  ]
  return html`<header>
<h1>Automatic differentiation beside backpropagation by hand</h1>
<p class="lead">${runs.length} networks were trained on real data in float32. Then the gradients of every layer were computed in
float64 by automatic differentiation, by the formulas of backpropagation derived by hand, and, at a sample of their entries,
by central differences.</p>
<dl class="facts">${facts.map(([term, value, note]) => html`<div><dt>${term}</dt><dd>${value}<small>${note}</small></dd></div>`)}</dl>
<nav aria-label="Sections"><ul>${SECTIONS.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
</header>`
}

const SECTIONS: readonly (readonly [id: string, title: string])[] = [
  ['boundaries', 'Decision boundaries'],
  ['networks', 'A unit, and networks of units'],
  ['hidden', 'What hidden units answer'],
  ['curves', 'Loss curves'],
  ['results', 'Results'],
  ['ledgers', 'Ledgers'],
  ['mistake', 'What a mistake looks like'],
  ['activations', 'Activations'],
  ['depth', 'Gradients in deep networks'],
  ['digits', 'Digits'],
  ['mass', 'Body mass'],
  ['graph', 'The recorded graph'],
  ['sources', 'Data'],
]

/** A section under its heading, whose id is the target of the links at the top. */
function section(id: string, content: Markup): Markup {
  const title = SECTIONS.find(([known]) => known === id)?.[1]
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${content}
</section>
`
}

function boundaries({ binary }: ReportInputs): Markup {
  return section(
    'boundaries',
    html`<p>Is it a Chinstrap? One question about two measurements, put to four networks with the same data and the same seed.
Chinstrap bills are as deep as those of Adelies and as long as those of Gentoos. Logistic regression can only draw a
straight line; hidden layers can bend it, and the more there are, the more closely it can follow single birds.</p>
${boundariesFigure(binary)}`,
  )
}

function networks({ binary }: ReportInputs): Markup {
  const { study } = binary
  const { logistic, oneHidden, twoHidden, fiveHidden } = study.experiments
  const labels = BINARY_MEASUREMENTS.map(measurement => MEASUREMENT_LABELS[measurement].replace(/ \(.*/, ''))
  return section(
    'networks',
    html`<div class="grid two">
<div>
<p>The model of a neuron that the lecture starts from: signals come in over dendrites, each stronger or weaker; the cell body
adds them up; the axon fires or does not. One unit does the same with numbers. It multiplies each input by a weight, adds the
products and a bias, and puts the sum through an activation: a = g(Σ w x + b).</p>
<p>This one is the logistic regression above after its training, at work on a held-out penguin. Its measurements are
standardised: 0 is the mean of the training birds.</p>
</div>
<figure class="neuron">${neuronChart(unitOf(logistic, study.test.features[0]!, labels))}</figure>
</div>
<p class="after">The other three networks, drawn from their trained parameters. Every circle is such a unit. The wider a line,
the larger the weight beside the largest one of the network.</p>
${networksFigure([oneHidden, twoHidden, fiveHidden])}`,
  )
}

function hidden({ binary }: ReportInputs): Markup {
  const { twoHidden } = binary.study.experiments
  return section(
    'hidden',
    html`<p>The network with two hidden layers, unit by unit, over the same plane as the boundaries. A unit of the first layer
sees the measurements themselves: it can only say on which side of a straight edge a bird lies. A unit of the second layer sees
what those of the first have answered, and puts their edges together to bent regions; the output puts the regions together.</p>
${hiddenFigure(twoHidden, binary.study)}`,
  )
}

function activations(): Markup {
  return section(
    'activations',
    html`<p>Between two layers stands a function that is not linear, else the two would be one. Its derivative is a factor in the
gradient of every layer before it. Those of sigmoid and tanh are near 0 far from 0: a unit that is sure of itself hardly learns.
Dots are the derivatives at the kinks, where there are two: the smaller is taken.</p>
${activationsFigure()}`,
  )
}

function depth({ binary, seed }: ReportInputs): Markup {
  return section(
    'depth',
    html`<p>On the way back to the first layer the gradient is multiplied by g' and by the weights once for every layer. The
derivative of the sigmoid is at most 1/4, and its gradients vanish: learning begins at the end of a deep network and hardly
arrives at its front. That of tanh is at most 1, that of ReLU is 1 wherever a unit is active. Networks of 16 units in each
hidden layer, before any training, with weights drawn as suits each activation; the scale is logarithmic.</p>
${depthFigure(binary.study.train, seed)}`,
  )
}

function curves({ runs }: ReportInputs): Markup {
  return section(
    'curves',
    html`<p>The loss during training, on the examples a network learned from and on the fifth that it never saw. Where the
held-out loss turns upward while the training loss still falls, a network begins to learn its examples by heart.</p>
${curvesFigure(runs)}`,
  )
}

function results({ runs }: ReportInputs): Markup {
  const rows = runs.map(({ experiment, training }) => {
    const { before, train, test } = training
    return html`<tr>
<th scope="row">${experiment.title}</th><td>${formatQuality(test)}</td><td>${formatQuality(train)}</td>
<td>${formatValue(before.loss)}</td><td>${formatValue(train.loss)}</td><td>${formatValue(test.loss)}</td>
<td class="text"><span class="net">${experiment.architecture}</span></td>
</tr>
`
  })
  return section(
    'results',
    html`<p>Accuracy is the share of right answers; for the regression, R² is the share of the variance that is explained.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Results of all networks">
<table>
<caption class="unseen">Loss before and after training, and quality, of each network</caption>
<thead><tr>
<th scope="col">network</th><th scope="col">accuracy, held out</th><th scope="col">accuracy, training</th>
<th scope="col">loss before</th><th scope="col">loss after</th><th scope="col">held-out loss</th>
<th scope="col" class="text">layers</th>
</tr></thead>
<tbody>
${rows}
</tbody>
</table>
</div>`,
  )
}

function ledgers({ runs }: ReportInputs): Markup {
  return section(
    'ledgers',
    html`<p>Layer by layer, from the loss back to the input: the largest absolute difference between the two gradients, the same
relative to the largest value of the quantity and in units in the last place; at the entry where they differ most, the value
by hand, by autodiff and by a central difference quotient; and the largest absolute distance of autodiff from the quotient
among a sample of entries. As in the lecture, <i>dz</i> belongs to the loss of one example and
carries no 1/m; <i>dW</i> and <i>db</i> belong to the mean over the batch.</p>
${runs.map(ledgerDetails)}
<p class="note">${ULP_NOTE}</p>`,
  )
}

function mistake({ planted }: ReportInputs): Markup {
  const first = planted.ledger.firstDifference
  return section(
    'mistake',
    html`<p>On purpose, the hand-derived side of the network with ${planted.title} now has a wrong sign in layer 1:
${planted.formula}. ${
      first === undefined
        ? 'The ledger did not notice it.'
        : html`Read from the loss downward, the first quantity that differs is <i>${first.quantity}</i><sup>[${first.layer}]</sup>. The line below it says which side the difference quotient supports.`
    } This ledger is not counted above.</p>
${ledgerTable(planted.ledger, 'Ledger with a planted mistake')}`,
  )
}

function digits({ digits }: ReportInputs): Markup {
  return section(
    'digits',
    html`<p>Each row of the matrix is a digit as it was written, each column what the network read.</p>
${digitsFigure(digits)}`,
  )
}

function masses({ masses, runs }: ReportInputs): Markup {
  const run = runs.find(({ experiment }) => experiment.task === 'regression')
  return section(
    'mass',
    html`<div class="grid two">
<div>
<p>A regression with the lecture's half squared error: the body mass of a penguin from the length and depth of its bill and the
length of its flippers. The network never learns the species or the sex.</p>
<p>On the dashed line a prediction is exact. R² on the ${masses.length} held-out birds:
<strong>${run?.training.test.r2?.toFixed(3)}</strong>.</p>
</div>
<figure>${massChart(masses)}</figure>
</div>`,
  )
}

function graph({ graph }: ReportInputs): Markup {
  return section(
    'graph',
    html`<p>What autodiff walks backward: each op that the forward pass ran, with the shape of its result. Filled boxes are the
parameters, dashed ones the data. Some names come from inside the library: <code>weigh</code> is a product that is exactly 0
where its first factor is 0, so that 0 · log 0 in the loss counts 0, and <code>log1p</code> is log(1 + x), exact near 0.</p>
${graph}`,
  )
}

function sources({ droppedPenguins }: ReportInputs): Markup {
  return section(
    'sources',
    html`<p>A fifth of each data set, chosen by the seed, is held out. Features are standardised with the mean and the deviation of
the training examples.</p>
${sourcesList(droppedPenguins)}`,
  )
}

function closing({ seed, quick }: ReportInputs): Markup {
  return html`<footer>Made by <code>adjoint demo${quick ? ' --quick' : ''} --seed ${seed}</code>. On the same machine with the same version of Node the same seed gives the same numbers; elsewhere the last digits may differ, because each JavaScript engine rounds functions such as exp and tanh in its own way.</footer>`
}
