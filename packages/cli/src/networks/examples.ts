/** Examples as plain numbers, and as the tensors and matrices that networks take. */
import { type Tensor, tensor } from '@adjoint/core'
import { type Layout, type Matrix, matrix } from '@adjoint/manual'
import type { Features } from './features.ts'

/** What a network is asked: one of two, one of several, or a number. */
export type Task = (typeof TASKS)[number]

export const TASKS = ['binary', 'classes', 'regression'] as const

/** Standardised features, and for each example its target: 0 or 1, the number of a class, or a standardised value. */
export interface Examples {
  readonly features: Features
  readonly targets: readonly number[]
}

/** The inputs and targets of a network as tensors. */
export interface Batch {
  readonly inputs: Tensor
  readonly targets: Tensor
}

/** The examples at the given positions. */
export function pickExamples({ features, targets }: Examples, positions: ArrayLike<number>): Examples {
  const order = Array.from(positions)
  return { features: order.map(at => features[at]!), targets: order.map(at => targets[at]!) }
}

/** Inputs (n_x, m) in columns or (m, n_x) in rows; targets beside the output, or int32 class numbers [m]. */
export function toBatch(
  { features, targets }: Examples,
  {
    task,
    layout,
    dtype,
  }: { readonly task: Task; readonly layout: Layout; readonly dtype: 'float32' | 'float64' },
): Batch {
  const inputs = toInputs(features, { layout, dtype })
  if (task === 'classes')
    return { inputs, targets: tensor(targets, { shape: [targets.length], dtype: 'int32' }) }
  const shape = layout === 'columns' ? [1, targets.length] : [targets.length, 1]
  return { inputs, targets: tensor(targets, { shape, dtype }) }
}

/** Features as a tensor: (n_x, m) in columns, (m, n_x) in rows. */
export function toInputs(
  features: Features,
  { layout, dtype }: { readonly layout: Layout; readonly dtype: 'float32' | 'float64' },
): Tensor {
  const rows = tensor(features.flat(), { shape: [features.length, features[0]?.length ?? 0], dtype })
  return layout === 'rows' ? rows : rows.transpose()
}

/** Targets in the shape of the output of the network, classes one-hot: what hand-derived losses take. */
export function toTargetMatrix(
  targets: readonly number[],
  units: number,
  task: Task,
  layout: Layout,
): Matrix {
  const count = targets.length
  const data = new Float64Array(count * units)
  for (const [example, target] of targets.entries()) {
    for (let unit = 0; unit < units; unit++) {
      const at = layout === 'columns' ? unit * count + example : example * units + unit
      data[at] = task === 'classes' ? Number(unit === target) : target
    }
  }
  return matrix(layout === 'columns' ? [units, count] : [count, units], data)
}
