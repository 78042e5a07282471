/** Targets of a classification: class indices, or a distribution over the classes. */

import { formatShape, sameShape, weigh, wrapIndices } from '@adjoint/core/engine'
import { gather, reshape, type Shape, ShapeError, sum, type Tensor } from '@adjoint/core/functional'
import { unitsAxis } from '../module/layout.ts'
import { expectTensor } from '../module/shown.ts'
import { type LossOptions, type LossShape, type Reduction, reduce } from './loss.ts'

/** A loss of classes: targets are int32 class indices, or probabilities in the shape of the scores. */
export type ClassLoss = <R extends Reduction = 'mean'>(
  scores: Tensor,
  target: Tensor,
  options?: LossOptions<R>,
) => Tensor<LossShape<R, Shape>>

/**
 * −Σ y log p over the classes of every example, reduced over the examples. `logOf` makes log p of the scores, for all
 * classes along an axis, or of the scores of the target classes only when it works element by element.
 */
export function crossEntropyOf(
  op: string,
  scores: Tensor,
  target: Tensor,
  options: LossOptions,
  logOf: { readonly elementwise: boolean; readonly log: (x: Tensor, axis: number) => Tensor },
): Tensor {
  expectTensor(op, 'scores', scores)
  expectTensor(op, 'target', target)
  const axis = classAxis(op, scores, options)
  if (target.dtype === 'int32') {
    const picks = expectClasses(op, scores, target, axis)
    const logs = logOf.elementwise
      ? logOf.log(gather(scores, axis, picks), axis)
      : gather(logOf.log(scores, axis), axis, picks)
    return reduce(op, options.reduction === 'none' ? reshape(logs, target.shape) : logs, options, -1)
  }
  expectDistributions(op, scores, target, axis)
  // A class of probability 0 adds nothing, whatever its logarithm.
  return reduce(op, sum(weigh(target, logOf.log(scores, axis)), axis), options, -1)
}

/** The axis of the classes; a single example `[classes]` has only this one. */
function classAxis(op: string, { rank, shape }: Tensor, { layout = 'rows' }: LossOptions): number {
  const fromEnd = unitsAxis(op, layout)
  if (rank === 0) {
    throw new ShapeError(op, 'the scores are a single number; give them an axis of classes, [m, classes].', [
      shape,
    ])
  }
  return rank === 1 ? 0 : rank + fromEnd
}

/** Class indices with an axis of size 1 where the classes are, checked: gather would count -1 from the end. The check is a
 * kernel, so that a transform that has no values, such as vmap, carries it along. */
function expectClasses(op: string, scores: Tensor, target: Tensor, axis: number): Tensor {
  const wanted = scores.shape.filter((_, k) => k !== axis)
  if (!sameShape(target.shape, wanted)) throw targetError(op, scores, target, axis)
  const size = scores.shape[axis]!
  return reshape(
    wrapIndices(target, { size, caller: op, called: 'target', of: 'the classes', wrap: false }),
    scores.shape.map((size, k) => (k === axis ? 1 : size)),
  )
}

function expectDistributions(op: string, scores: Tensor, target: Tensor, axis: number): void {
  if (!sameShape(target.shape, scores.shape)) throw targetError(op, scores, target, axis)
}

function targetError(op: string, scores: Tensor, target: Tensor, axis: number): ShapeError {
  const perExample = scores.shape.filter((_, k) => k !== axis)
  const shapes = [scores.shape, target.shape]
  const hint =
    target.dtype !== 'int32' && sameShape(target.shape, perExample)
      ? " If these are class indices, make them with { dtype: 'int32' }."
      : ''
  return new ShapeError(
    op,
    `scores of shape ${formatShape(scores.shape)} take int32 class indices of shape ${formatShape(perExample)}, or probabilities of ` +
      `shape ${formatShape(scores.shape)}; got ${target.dtype} of shape ${formatShape(target.shape)}.${hint}`,
    shapes,
  )
}
