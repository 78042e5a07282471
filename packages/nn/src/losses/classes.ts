/** Targets of a classification: class indices, or a distribution over the classes. */

import { expectOptions, formatShape, sameShape, weigh, wrapIndices } from '@adjoint/core/engine'
import {
  ArgumentError,
  AxisError,
  add,
  cast,
  div,
  equal,
  gather,
  logicalNot,
  mul,
  neg,
  reshape,
  type Shape,
  ShapeError,
  sum,
  type Tensor,
  take,
  where,
} from '@adjoint/core/functional'
import { type Layout, unitsAxis } from '../module/layout.ts'
import { expectTensor, shown } from '../module/shown.ts'
import { type LossOptions, type LossShape, type Reduction, reduce, withoutAxis } from './loss.ts'

/** Settings of a loss of classes. */
export interface ClassLossOptions<R extends Reduction = Reduction> extends LossOptions<R> {
  /** The axis of the classes, for scores that have it neither last nor where `layout` says: PyTorch's is 1. */
  readonly axis?: number
  /**
   * A factor for every class, `[classes]`. The mean of losses of class indices divides by the factors of the targets,
   * that of distributions by the number of examples.
   */
  readonly weight?: Tensor
  /** Examples with this class index take no part, and do not count in the mean: the mean of none is NaN. Default: none. */
  readonly ignoreIndex?: number
}

/** What a loss of classes has that may smooth the targets. */
export interface SmoothingSettings {
  /** This share of every target is spread evenly over all classes: y becomes (1 − ε) y + ε / classes. Default 0. */
  readonly labelSmoothing?: number
}

/** A loss of classes: targets are int32 class indices, or probabilities in the shape of the scores. */
export type ClassLoss<More extends object = object> = <R extends Reduction = 'mean'>(
  scores: Tensor,
  target: Tensor,
  options?: ClassLossOptions<R> & More,
) => Tensor<LossShape<R, Shape>>

/** How log p is made of scores: for all classes along an axis, or of single scores when it works element by element. */
export interface LogOfScores {
  readonly elementwise: boolean
  readonly log: (x: Tensor, axis: number) => Tensor
}

/** −Σ y log p over the classes of every example, weighted and reduced over the examples. `more` names further settings. */
export function crossEntropyOf(
  op: string,
  scores: Tensor,
  target: Tensor,
  options: ClassLossOptions & SmoothingSettings,
  logOf: LogOfScores,
  more: readonly string[] = [],
): Tensor {
  expectOptions<object>(op, options, [...SETTINGS, ...more] as never)
  expectTensor(op, 'scores', scores)
  expectTensor(op, 'target', target)
  const axis = classAxis(op, scores, options)
  const { reduction = 'mean', weight, ignoreIndex, labelSmoothing = 0 } = options
  const isPlain = weight === undefined && ignoreIndex === undefined && labelSmoothing === 0
  if (!isPlain) return refined(op, scores, target, axis, options, logOf)
  if (target.dtype === 'int32') {
    const picks = expectClasses(op, scores, target, axis)
    const logs = logOf.elementwise
      ? logOf.log(gather(scores, axis, picks), axis)
      : gather(logOf.log(scores, axis), axis, picks)
    return reduce(op, reduction === 'none' ? reshape(logs, target.shape) : logs, { reduction }, -1)
  }
  expectDistributions(op, scores, target, axis)
  // A class of probability 0 adds nothing, whatever its logarithm.
  return reduce(op, sum(weigh(target, logOf.log(scores, axis)), axis), { reduction }, -1)
}

const SETTINGS = ['reduction', 'layout', 'axis', 'weight', 'ignoreIndex']

/**
 * The same with weights of classes, ignored examples or smoothed targets. For a class index t with weights w, and shares
 * s = w_t, or 0 where the example is ignored, the loss is (1 − ε) s (−log p_t) + (ε / n) [s counts] Σ w_k (−log p_k), and
 * its mean is the sum over the examples by the sum of s.
 */
function refined(
  op: string,
  scores: Tensor,
  target: Tensor,
  axis: number,
  { reduction = 'mean', weight, ignoreIndex, labelSmoothing = 0 }: ClassLossOptions & SmoothingSettings,
  { log }: LogOfScores,
): Tensor {
  const classes = scores.shape[axis]!
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new ArgumentError(op, `labelSmoothing must be from 0 to 1, got ${shown(labelSmoothing)}.`)
  }
  const factors = weight && reshape(expectClassWeight(op, weight, classes), alongAxis(scores, axis))
  const weighted = (x: Tensor): Tensor => (factors === undefined ? x : weigh(factors, x))
  if (target.dtype !== 'int32') {
    expectDistributions(op, scores, target, axis)
    if (ignoreIndex !== undefined) {
      throw new ArgumentError(
        op,
        'ignoreIndex is for class indices; give an example weights y of 0 to ignore it.',
      )
    }
    const y = labelSmoothing === 0 ? target : add(mul(target, 1 - labelSmoothing), labelSmoothing / classes)
    return reduce(op, sum(weighted(weigh(y, log(scores, axis))), axis), { reduction }, -1)
  }
  const ignored = ignoreIndex === undefined ? undefined : equal(target, ignoreIndex)
  const picks = expectClasses(op, scores, ignored ? where(ignored, 0, target) : target, axis)
  const held = picks.shape
  const isIgnored = ignored && reshape(ignored, held)
  // The scores of ignored examples are not looked at: 1 has a logarithm, and a softmax.
  const logs = log(isIgnored ? where(isIgnored, 1, scores) : scores, axis)
  const kept = isIgnored && cast(logicalNot(isIgnored), logs.dtype)
  const chosen = weight && reshape(take(weight, picks), held)
  const share = chosen && kept ? mul(chosen, kept) : (chosen ?? kept)
  const shared = (by: Tensor | undefined, x: Tensor): Tensor => (by === undefined ? x : weigh(by, x))
  const picked = shared(share, gather(logs, axis, picks))
  const losses =
    labelSmoothing === 0
      ? picked
      : add(
          mul(picked, 1 - labelSmoothing),
          mul(shared(kept, sum(weighted(logs), axis, { keepDims: true })), labelSmoothing / classes),
        )
  if (share !== undefined && reduction === 'mean') return neg(div(sum(losses), sum(share)))
  return reduce(op, reduction === 'none' ? reshape(losses, target.shape) : losses, { reduction }, -1)
}

/** Sizes 1, but for one axis. */
function alongAxis({ shape }: Tensor, axis: number): readonly number[] {
  return shape.map((size, k) => (k === axis ? size : 1))
}

/** @throws ShapeError unless there is one weight for every class. */
export function expectClassWeight(op: string, weight: Tensor, classes: number): Tensor {
  expectTensor(op, 'weight', weight)
  if (sameShape(weight.shape, [classes])) return weight
  throw new ShapeError(
    op,
    `the weight has shape ${formatShape(weight.shape)}; it is one number for every class, [${classes}].`,
    [weight.shape],
  )
}

/** The axis of the classes; a single example `[classes]` has only this one. */
export function classAxis(
  op: string,
  { rank, shape }: Tensor,
  { layout = 'rows', axis }: { readonly layout?: Layout; readonly axis?: number },
): number {
  const fromEnd = unitsAxis(op, layout)
  if (rank === 0) {
    throw new ShapeError(op, 'the scores are a single number; give them an axis of classes, [m, classes].', [
      shape,
    ])
  }
  if (rank === 1) return 0
  if (axis === undefined) return rank + fromEnd
  if (Number.isInteger(axis) && axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis
  throw new AxisError(op, axis, rank)
}

/** Class indices with an axis of size 1 where the classes are, checked: gather would count -1 from the end. The check is a
 * kernel, so that a transform that has no values, such as vmap, carries it along. */
export function expectClasses(op: string, scores: Tensor, target: Tensor, axis: number): Tensor {
  if (!sameShape(target.shape, withoutAxis(scores, axis))) throw targetError(op, scores, target, axis)
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
  const perExample = withoutAxis(scores, axis)
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
