/** What a loss is, and what all losses share: the check of the shapes, and the reduction to one number. */

import { formatShape, sameShape } from '@adjoint/core/engine'
import { ArgumentError, mean, neg, type Shape, ShapeError, sum, type Tensor } from '@adjoint/core/functional'
import type { Layout } from '../module/layout.ts'
import type { SameShapeCheck } from '../module/shapes.ts'
import { expectTensor } from '../module/shown.ts'

/** What becomes of the losses: their mean, their sum, or nothing. */
export type Reduction = 'mean' | 'sum' | 'none'

/** Settings of every loss. */
export interface LossOptions<R extends Reduction = Reduction> {
  /** Default `'mean'`. */
  readonly reduction?: R
  /** Whether examples are rows `[m, n]` or columns `[n, m]`. Default `'rows'`. Losses of elements give the same for both. */
  readonly layout?: Layout
}

/** The shape that a loss has: one number, or with `'none'` all that would have been reduced. */
export type LossShape<R extends Reduction, All extends Shape> = R extends 'none' ? All : []

/** A target that may have the shape of the prediction; in generic code it must be the very same type. */
export type TargetLike<P extends Shape, T extends Shape> = Tensor<T> & (SameShapeCheck<P, T> | Tensor<P>)

/** A loss of every element, `[...shape], [...shape] -> []`; `'none'` keeps the shape. */
export type ElementLoss = <P extends Shape, T extends Shape, R extends Reduction = 'mean'>(
  prediction: Tensor<P>,
  target: TargetLike<P, T>,
  options?: LossOptions<R>,
) => Tensor<LossShape<R, P>>

/** Throws unless prediction and target have one shape: broadcasting `[m, 1]` with `[m]` would compare all with all. */
export function expectSameShape(op: string, prediction: Tensor, target: Tensor): void {
  expectTensor(op, 'prediction', prediction)
  expectTensor(op, 'target', target)
  if (sameShape(prediction.shape, target.shape)) return
  const want = formatShape(prediction.shape)
  throw new ShapeError(
    op,
    `the prediction has shape ${want}, the target ${formatShape(target.shape)}; nothing is broadcast.` +
      (prediction.size === target.size ? ` Give the target that shape: target.reshape(${want}).` : ''),
    [prediction.shape, target.shape],
  )
}

/**
 * The losses, or what they are the negatives of (`sign` -1), reduced.
 *
 * @throws ArgumentError for an unknown reduction.
 */
export function reduce(
  op: string,
  losses: Tensor,
  { reduction = 'mean' }: LossOptions,
  sign: 1 | -1 = 1,
): Tensor {
  const reducer = Object.hasOwn(REDUCERS, reduction) ? REDUCERS[reduction] : undefined
  if (reducer === undefined) {
    throw new ArgumentError(op, `reduction must be 'mean', 'sum' or 'none', got '${String(reduction)}'.`)
  }
  const reduced = reducer(losses)
  return sign === 1 ? reduced : neg(reduced)
}

const REDUCERS: Readonly<Record<Reduction, (losses: Tensor) => Tensor>> = {
  mean: losses => mean(losses),
  sum: losses => sum(losses),
  none: losses => losses,
}
