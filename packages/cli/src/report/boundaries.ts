/** Decision boundaries as in the lecture: where each network says yes, how sure it is, and the data. */

import { type Penguin, SPECIES } from '@adjoint/data'
import * as Plot from '@observablehq/plot'
import { outputsOf } from '../evaluate.ts'
import { formatPercent } from '../format.ts'
import type { Experiment } from '../networks/experiment.ts'
import { MEASUREMENT_LABELS } from '../networks/measurements.ts'
import { BINARY_MEASUREMENTS, BINARY_SPECIES, type BinaryStudy } from '../networks/penguinBinary.ts'
import type { Run } from '../run.ts'
import { chart } from './chart.ts'
import { html, type Markup } from './html.ts'
import { legend, legendSymbol } from './legend.ts'
import { cellsOf, fieldColors, fieldThresholds, type Plane, planeOf } from './plane.ts'

/** Points of the probability field along each axis. */
const GRID = 160
/** Bands of equal width in which the field is coloured. */
const BANDS = 20

/** The symbol of each species; its colour says on which side of the question it is. */
const SYMBOLS: Readonly<Record<string, Plot.SymbolType>> = {
  Adelie: 'triangle',
  Chinstrap: 'circle',
  Gentoo: 'square',
}

/** What the charts need: the study, all birds in the order of its positions, and the trained runs. */
export interface BoundariesInputs {
  readonly study: BinaryStudy
  readonly penguins: readonly Penguin[]
  readonly runs: readonly Run[]
}

/** The four charts side by side with their common legend. */
export function boundariesFigure({ study, penguins, runs }: BoundariesInputs): Markup {
  const points = pointsOf(study, penguins)
  const plane = planeOf(study)
  const figures = runs.map(
    ({ experiment, training }) => html`<figure class="boundary">
<figcaption><strong>${experiment.title}</strong><span>held-out accuracy ${formatPercent(training.test.accuracy ?? 0)}</span></figcaption>
${boundaryChart(experiment, study, plane, points)}
</figure>`,
  )
  return html`${boundaryLegend()}
<div class="grid four">${figures}</div>`
}

interface Point {
  readonly x: number
  readonly y: number
  readonly species: string
  readonly heldOut: boolean
}

function pointsOf({ measured, split }: BinaryStudy, penguins: readonly Penguin[]): Point[] {
  const heldOut = new Set(split.test)
  return measured.map(([x, y], at) => ({
    x: x!,
    y: y!,
    species: penguins[at]!.species,
    heldOut: heldOut.has(at),
  }))
}

function boundaryChart(
  experiment: Experiment,
  study: BinaryStudy,
  plane: Plane,
  points: readonly Point[],
): Markup {
  const probabilities = outputsOf(experiment, cellsOf(plane, GRID, study.scale)).map(([p]) => p!)
  const field = { ...plane.field, width: GRID, height: GRID, clip: true }
  const thresholds = fieldThresholds(BANDS, [0, 1])
  const [horizontal, vertical] = BINARY_MEASUREMENTS
  return chart(
    `Decision boundary of ${experiment.title}: the probability of ${BINARY_SPECIES} over bill length and bill depth, ` +
      `the line where it is one half, and ${points.length} penguins.`,
    {
      width: 264,
      height: 270,
      marginLeft: 28,
      marginRight: 2,
      marginTop: 24,
      marginBottom: 38,
      x: { domain: plane.x, label: MEASUREMENT_LABELS[horizontal], ticks: 5, labelAnchor: 'center' },
      y: { domain: plane.y, label: MEASUREMENT_LABELS[vertical], ticks: 5 },
      color: { type: 'threshold', domain: thresholds, range: fieldColors(BANDS) },
      marks: [
        Plot.frame({ fill: fieldColors(BANDS)[0]!, stroke: 'none' }),
        Plot.contour(probabilities, { ...field, fill: Plot.identity, thresholds, stroke: 'none' }),
        Plot.contour(probabilities, {
          ...field,
          value: Plot.identity,
          thresholds: [0.5],
          stroke: 'var(--ink)',
          strokeWidth: 1.8,
        }),
        ...SPECIES.flatMap(species =>
          [false, true].map(heldOut =>
            Plot.dot(
              points.filter(point => point.species === species && point.heldOut === heldOut),
              { x: 'x', y: 'y', r: 2.5, ...dotStyle(species, heldOut) },
            ),
          ),
        ),
        Plot.frame({ stroke: 'var(--line)' }),
      ],
    },
  )
}

/** Filled for birds that the network learned from, a ring for those held out. */
function dotStyle(
  species: string,
  heldOut: boolean,
): { symbol: Plot.SymbolType; fill: string; stroke: string; strokeWidth: number } {
  const color = species === BINARY_SPECIES ? 'var(--positive)' : 'var(--negative)'
  return {
    symbol: SYMBOLS[species]!,
    fill: heldOut ? 'var(--surface)' : color,
    stroke: heldOut ? color : 'var(--surface)',
    strokeWidth: heldOut ? 1.5 : 0.7,
  }
}

function boundaryLegend(): Markup {
  const bySpecies = SPECIES.map(species => ({
    sample: legendSymbol(dotStyle(species, false)),
    label: species,
  }))
  return legend([
    ...bySpecies,
    { sample: legendSymbol(dotStyle(BINARY_SPECIES, true)), label: 'rings: held out' },
    {
      sample: html`<span class="ramp" aria-hidden="true"></span>`,
      label: `probability of ${BINARY_SPECIES}, 0 to 1`,
    },
    { sample: html`<span class="stroke" aria-hidden="true"></span>`, label: 'where it is one half' },
  ])
}
