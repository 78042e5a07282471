/** What a loss is, and what all losses share: the check of the shapes, and the reduction to one number. */

import { expectOptions, formatShape, sameShape, weigh } from '@adjoint/core/engine'
import {
  ArgumentError,
  DTypeError,
  mean,
  neg,
  type Shape,
  ShapeError,
  sum,
  type Tensor,
} from '@adjoint/core/functional'
import { type Layout, unitsAxis } from '../module/layout.ts'
import type { SameShapeCheck } from '../module/shapes.ts'
import { expectTensor, shown } from '../module/shown.ts'

/** What becomes of the losses: their mean, their sum, or nothing. */
export type Reduction = 'mean' | 'sum' | 'none'

/** Settings of every loss; one that is not known is refused. */
export interface LossOptions<R extends Reduction = Reduction> {
  /** Default `'mean'`. */
  readonly reduction?: R
  /** Whether examples are rows `[m, n]` or columns `[n, m]`. Default `'rows'`. Losses of elements give the same for both. */
  readonly layout?: Layout
}

/** Settings of a loss whose terms may be weighted. */
export interface WeightedLossOptions<R extends Reduction = Reduction> extends LossOptions<R> {
  /**
   * A factor for every loss, in the shape that `'none'` gives or broadcast to it. Where it is 0 the loss takes no part,
   * whatever it is. The mean divides by the number of losses all the same, as PyTorch's does.
   */
  readonly weight?: Tensor
}

/** The shape that a loss has: one number, or with `'none'` all that would have been reduced. */
export type LossShape<R extends Reduction, All extends Shape> = R extends 'none' ? All : []

/** A target that may have the shape of the prediction; in generic code it must be the very same type. */
export type TargetLike<P extends Shape, T extends Shape> = Tensor<T> & (SameShapeCheck<P, T> | Tensor<P>)

/** A loss of every element, `[...shape], [...shape] -> []`; `'none'` keeps the shape. `More` are settings of its own. */
export type ElementLoss<More extends object = object> = <
  P extends Shape,
  T extends Shape,
  R extends Reduction = 'mean',
>(
  prediction: Tensor<P>,
  target: TargetLike<P, T>,
  options?: WeightedLossOptions<R> & More,
) => Tensor<LossShape<R, P>>

/**
 * Throws unless these are tensors of one shape (broadcasting `[m, 1]` with `[m]` would compare all with all), and the
 * settings are known: those of every loss, and `more`.
 */
export function expectOperands(
  op: string,
  operands: Readonly<Record<string, Tensor>>,
  options: LossOptions,
  more: readonly string[] = [],
): void {
  expectOptions<object>(op, options, (more.length === 0 ? COMMON : [...COMMON, ...more]) as never)
  let first: string | undefined
  for (const name in operands) {
    const x = operands[name]
    expectTensor(op, name, x)
    first ??= name
    const { shape, size } = operands[first]!
    if (sameShape(shape, x.shape)) continue
    const want = formatShape(shape)
    throw new ShapeError(
      op,
      `the ${first} has shape ${want}, the ${name} ${formatShape(x.shape)}; nothing is broadcast.` +
        (size === x.size ? ` Give the ${name} that shape: ${name}.reshape(${want}).` : ''),
      [shape, x.shape],
    )
  }
}

const COMMON = ['reduction', 'layout', 'weight']

/**
 * The losses, or what they are the negatives of (`sign` -1), weighted and reduced.
 *
 * @throws ArgumentError for an unknown reduction; ShapeError for a weight that does not broadcast to the losses.
 */
export function reduce(
  op: string,
  losses: Tensor,
  { reduction = 'mean', weight }: WeightedLossOptions,
  sign: 1 | -1 = 1,
): Tensor {
  const reducer = Object.hasOwn(REDUCERS, reduction) ? REDUCERS[reduction] : undefined
  if (reducer === undefined) {
    throw new ArgumentError(op, `reduction must be 'mean', 'sum' or 'none', got '${String(reduction)}'.`)
  }
  const reduced = reducer(weight === undefined ? losses : weighted(op, losses, weight))
  return sign === 1 ? reduced : neg(reduced)
}

const REDUCERS: Readonly<Record<Reduction, (losses: Tensor) => Tensor>> = {
  mean: losses => mean(losses),
  sum: losses => sum(losses),
  none: losses => losses,
}

/** Every loss times its weight; nothing of what has the weight 0. */
function weighted(op: string, losses: Tensor, weight: Tensor): Tensor {
  expectTensor(op, 'weight', weight)
  const { shape, rank } = losses
  const fits = weight.shape.every((size, k) => size === 1 || size === shape[k + rank - weight.rank])
  if (fits && weight.rank <= rank) return weigh(weight, losses)
  throw new ShapeError(
    op,
    `the weight has shape ${formatShape(weight.shape)}; it must have that of the losses, ${formatShape(shape)}, or broadcast to it.`,
    [shape, weight.shape],
  )
}

/** The axis of the numbers that make up one example, `[m, n]` or `[n, m]`; a single example `[n]` has only this one. */
export function axisOfUnits(
  op: string,
  what: string,
  { rank, shape }: Tensor,
  { layout = 'rows' }: LossOptions,
): number {
  const fromEnd = unitsAxis(op, layout)
  if (rank > 0) return rank === 1 ? 0 : rank + fromEnd
  throw new ShapeError(op, `${what} a single number; give them an axis of their numbers, [m, n].`, [shape])
}

/** The shape without one axis: what is left when the units of every example have become one number. */
export function withoutAxis({ shape }: Tensor, axis: number): readonly number[] {
  return shape.filter((_, k) => k !== axis)
}

/** Throws unless there is one number, or index, for every example. */
export function expectOnePerExample(op: string, what: string, x: Tensor, shape: readonly number[]): void {
  expectTensor(op, what, x)
  if (sameShape(x.shape, shape)) return
  throw new ShapeError(
    op,
    `the ${what} has shape ${formatShape(x.shape)}; it is one number for every example, ${formatShape(shape)}.`,
    [x.shape, shape],
  )
}

/** Targets that are 1 or -1; 0 and 1, as booleans are, would be a mistake that nobody sees. */
export function expectSigns(op: string, target: Tensor): void {
  if (target.dtype !== 'bool') return
  throw new DTypeError(op, 'targets are 1 and -1, got booleans; where(target, 1, -1) makes them.', [
    target.dtype,
  ])
}

/** A setting that must be a finite number above `low`, or not below it when it is `included`. */
export function expectSetting(
  op: string,
  name: string,
  value: number,
  low: number,
  included = false,
): number {
  if (typeof value === 'number' && (included ? value >= low : value > low) && value < Infinity) return value
  throw new ArgumentError(
    op,
    `${name} must be ${included ? `at least ${low}` : `greater than ${low}`}, got ${shown(value)}.`,
  )
}
