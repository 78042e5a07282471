/** What a classifier answered and what is true, as whole numbers: what the metrics of classes share. */

import { expectOptions, formatShape } from '@adjoint/core/engine'
import { ArgumentError, ShapeError, type Tensor } from '@adjoint/core/functional'
import { type Layout, unitsAxis } from '../module/layout.ts'
import { expectTensor } from '../module/shown.ts'

/** Settings of the metrics of classes. */
export interface ClassMetricOptions {
  /** From which score on a single output means class 1. Default 0.5, for probabilities; for logits it is 0. */
  readonly threshold?: number
  /** Whether examples are rows `[m, classes]` or columns `[classes, m]`. Default `'rows'`. */
  readonly layout?: Layout
}

export const CLASS_OPTIONS: readonly (keyof ClassMetricOptions)[] = ['threshold', 'layout']

/** Chosen and true classes of m examples. */
export interface Labels {
  readonly chosen: Int32Array
  readonly actual: Int32Array
  /** Number of classes. */
  readonly classes: number
}

/**
 * The chosen and the true class of each example.
 *
 * - scores `[m, classes]`, the largest wins, the first of equals; target int32 `[m]`, or a distribution `[m, classes]`.
 * - scores `[m]` or `[m, 1]`: class 1 from the threshold on; target 0 or 1 in the same shape, or `[m]`.
 * - scores int32 `[m]`: the chosen classes themselves.
 *
 * @throws ShapeError when the shapes do not belong together; ArgumentError for classes that do not exist.
 */
export function labelsOf(op: string, scores: Tensor, target: Tensor, options: ClassMetricOptions): Labels {
  const { threshold = 0.5, layout = 'rows' } = options
  expectOptions(op, options, CLASS_OPTIONS)
  expectTensor(op, 'scores', scores)
  expectTensor(op, 'target', target)
  const table = scoresTable(op, scores, layout)
  const isChosen = scores.rank === 1 && (scores.dtype === 'int32' || scores.dtype === 'bool')
  const chosen = isChosen
    ? Int32Array.from(table.data)
    : table.units === 1
      ? Int32Array.from(table.data, score => (score >= threshold ? 1 : 0))
      : largestOf(table)
  const actual = targetLabels(op, scores, target, table, layout)
  // A single score knows two classes, however large a target is.
  const named = isChosen ? Math.max(largest(chosen), largest(actual)) + 1 : table.units
  const classes = Math.max(2, named)
  for (const [what, found] of Object.entries({ scores: chosen, target: actual })) {
    const stray = found.find(label => label < 0 || label >= classes)
    if (stray === undefined) continue
    throw new ArgumentError(
      op,
      `class ${stray} of the ${what} does not exist; classes are 0 to ${classes - 1}.`,
    )
  }
  return { chosen, actual, classes }
}

/** Scores with the units of an example next to each other. */
interface Table {
  readonly data: ArrayLike<number> & Iterable<number>
  readonly examples: number
  readonly units: number
}

function scoresTable(op: string, x: Tensor, layout: Layout): Table {
  const isColumns = unitsAxis(op, layout) === -2
  if (x.rank === 1) return { data: x.data(), examples: x.size, units: 1 }
  if (x.rank !== 2) {
    const problem = `takes scores [m, classes] or [m], got ${formatShape(x.shape)}; reshape them first`
    throw new ShapeError(op, `${problem}.`, [x.shape])
  }
  const [rows, columns] = x.shape as [number, number]
  if (!isColumns) return { data: x.data(), examples: rows, units: columns }
  const data = x.data()
  const turned = Float64Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!)
  return { data: turned, examples: columns, units: rows }
}

function largestOf({ data, examples, units }: Table): Int32Array {
  return Int32Array.from({ length: examples }, (_, i) => {
    let best = 0
    for (let k = 1; k < units; k++) if (data[i * units + k]! > data[i * units + best]!) best = k
    return best
  })
}

function targetLabels(op: string, scores: Tensor, target: Tensor, table: Table, layout: Layout): Int32Array {
  const { examples, units } = table
  if (target.size === examples && target.rank <= 2) {
    const named = target.data()
    // Beside a single score, a target may be a probability.
    const fits = units === 1 ? Number.isFinite : Number.isInteger
    const stray = named.findIndex((label: number) => !fits(label))
    if (stray === -1) return Int32Array.from(named, Math.round)
    throw new ArgumentError(op, `a target is the number of a class, got ${named[stray]}.`)
  }
  if (units > 1 && target.rank === 2 && formatShape(target.shape) === formatShape(scores.shape)) {
    return largestOf(scoresTable(op, target, layout))
  }
  throw new ShapeError(
    op,
    `scores of shape ${formatShape(scores.shape)} take ${examples} classes, or probabilities of that shape; the target has shape ${formatShape(target.shape)}.`,
    [scores.shape, target.shape],
  )
}

function largest(labels: Int32Array): number {
  return labels.reduce((most, label) => Math.max(most, label), -1)
}
