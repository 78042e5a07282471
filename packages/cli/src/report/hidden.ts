/** What each unit of a network answers over the plane, layer by layer: the features that it has made for itself. */
import { noGrad, type Tensor } from '@adjoint/core'
import * as Plot from '@observablehq/plot'
import { toInputs } from '../networks/examples.ts'
import type { Experiment } from '../networks/experiment.ts'
import type { Features } from '../networks/features.ts'
import type { BinaryStudy } from '../networks/penguinBinary.ts'
import { pairLayers } from '../pairing.ts'
import { chart } from './chart.ts'
import { html, type Markup } from './html.ts'
import { legend } from './legend.ts'
import { cellsOf, fieldColors, fieldThresholds, type Plane, planeOf } from './plane.ts'

/** Points along each axis: fewer than for the boundaries, because the pictures are smaller. */
const GRID = 56
const BANDS = 8

/** What the activations of a layer lie between, and the net input z at which one of them is reached. */
const RANGES: Readonly<
  Record<string, { readonly range: readonly [number, number]; readonly inverse: (a: number) => number }>
> = {
  tanh: { range: [-1, 1], inverse: Math.atanh },
  sigmoid: { range: [0, 1], inverse: a => Math.log(a / (1 - a)) },
}

/** A layer of a network on some examples. */
export interface LayerAnswers {
  /** The name of its activation. */
  readonly activation: string
  /** For each unit, its net input z for each example. */
  readonly inputs: readonly (readonly number[])[]
  /** For each unit, what it answers for each example. */
  readonly units: readonly (readonly number[])[]
}

/** The activations of every layer, the last one included. */
export function answersOf({ model, layout }: Experiment, features: Features): LayerAnswers[] {
  const seen = new Map<string, Tensor>()
  noGrad(() =>
    model.forward(toInputs(features, { layout, dtype: 'float32' }), {
      observe: (path, output) => {
        seen.set(path, output)
      },
    }),
  )
  return pairLayers(model).map(({ path, activation }) => {
    const valuesOf = (x: Tensor): number[][] =>
      (layout === 'columns' ? x : x.transpose()).toArray() as number[][]
    return {
      activation: activation.name,
      inputs: valuesOf(seen.get(path.z)!),
      units: valuesOf(seen.get(path.a)!),
    }
  })
}

/** One row of small fields for each layer. */
export function hiddenFigure(experiment: Experiment, study: BinaryStudy): Markup {
  const plane = planeOf(study)
  const layers = answersOf(experiment, cellsOf(plane, GRID, study.scale))
  const last = layers.length - 1
  const rows = layers.map(({ activation, inputs }, at) => {
    const title = at === last ? 'Output' : `Hidden layer ${at + 1}`
    const figures = inputs.map((values, unit) => {
      const name = at === last ? 'the answer' : `unit ${unit + 1}`
      const description = `${title}, ${name}: what it answers over bill length and bill depth.`
      return html`<figure><figcaption>${name}</figcaption>
${fieldChart(description, values, plane, activation)}</figure>`
    })
    return html`<h3 class="layer">${title}${at === 0 ? ': straight edges' : at === last ? '' : ': bent regions'}</h3>
<div class="grid units">${figures}</div>`
  })
  return html`${legend([
    {
      sample: html`<span class="ramp" aria-hidden="true"></span>`,
      label: 'from the smallest to the largest value of the activation',
    },
    { sample: html`<span class="stroke" aria-hidden="true"></span>`, label: 'half-way between' },
  ])}${rows}`
}

/**
 * The field is drawn from z, with bounds at the z of each band of a: where an activation is steep, z still rises evenly from
 * one point of the grid to the next, and edges between points are where they should be.
 */
function fieldChart(
  description: string,
  inputs: readonly number[],
  plane: Plane,
  activation: string,
): Markup {
  const field = { ...plane.field, width: GRID, height: GRID, clip: true }
  const { range, inverse } = RANGES[activation] ?? { range: rangeOf(inputs), inverse: (z: number) => z }
  const thresholds = fieldThresholds(BANDS, range).map(inverse)
  const colors = fieldColors(BANDS)
  return chart(description, {
    width: 150,
    height: 140,
    margin: 1,
    axis: null,
    x: { domain: plane.x },
    y: { domain: plane.y },
    color: { type: 'threshold', domain: thresholds, range: colors },
    marks: [
      Plot.frame({ fill: colors[0]!, stroke: 'none' }),
      Plot.contour(inputs, { ...field, fill: Plot.identity, thresholds, stroke: 'none' }),
      Plot.contour(inputs, {
        ...field,
        value: Plot.identity,
        thresholds: [inverse((range[0] + range[1]) / 2)],
        stroke: 'var(--ink)',
        strokeWidth: 1.5,
      }),
      Plot.frame({ stroke: 'var(--line)' }),
    ],
  })
}

/** For an activation without bounds: as far as z went. */
function rangeOf(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)]
}
