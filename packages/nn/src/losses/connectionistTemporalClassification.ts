import { expectOptions, formatShape, sameShape, wrapIndices } from '@adjoint/core/engine'
import {
  ArgumentError,
  add,
  arange,
  concat,
  DTypeError,
  div,
  equal,
  expand,
  full,
  gather,
  less,
  logAddExp,
  maximum,
  mul,
  neg,
  notEqual,
  reshape,
  type Shape,
  ShapeError,
  scan,
  slice,
  stack,
  sub,
  swapAxes,
  Tensor,
  tensor,
  unsqueeze,
  where,
  zeros,
} from '@adjoint/core/functional'
import { expectTensor, shown } from '../module/shown.ts'
import { type LossShape, type Reduction, reduce } from './loss.ts'

/** Settings of {@link connectionistTemporalClassification}. */
export interface ConnectionistTemporalClassificationOptions<R extends Reduction = Reduction> {
  /** `'mean'`, the default, is the mean over the examples of each loss by the length of its target (at least 1). */
  readonly reduction?: R
  /** How many time steps of every example count, int32 `[batch]` or a list. Default: all. */
  readonly inputLengths?: Tensor | readonly number[]
  /** How many labels of every target count, int32 `[batch]` or a list. Default: all. */
  readonly targetLengths?: Tensor | readonly number[]
  /** The class that stands for no label. Default 0. */
  readonly blank?: number
  /** Whether an example whose target does not fit into its time costs 0 in place of Infinity. Default false. */
  readonly zeroInfinity?: boolean
  /** Whether the time is the first axis, as in PyTorch: `[time, batch, classes]`. Default false. */
  readonly timeFirst?: boolean
}

/**
 * The negative logarithm of the probability that a sequence of class distributions spells the labels l_1 ... l_L, in all
 * alignments: a path names one class for every time step, and spells what is left when repeated classes are merged and
 * blanks dropped. Graves et al., Connectionist temporal classification, 2006.
 *
 * With the labels between blanks, l' = (blank, l_1, blank, ..., l_L, blank), and the log-probabilities y, the paths are
 * summed by their last state s:
 *
 *     α_t(s) = y_t(l'_s) + log(e^α_{t−1}(s) + e^α_{t−1}(s−1) + [l'_s ≠ l'_{s−2}] e^α_{t−1}(s−2)),   L = −log(e^α_T(S) + e^α_T(S−1))
 *
 * `∂L/∂y_t(k)` is minus the probability, given the labels, that class k is named at time t; with respect to logits before
 * a `logSoftmax`, the softmax less that probability. One scan over the time does all examples and states at once, in log
 * space; its gradient is exact, of every order.
 *
 * `[batch, time, classes]`, int32 `[batch, labels]` `-> []`, or without the batch `[time, classes]`, `[labels]`; `'none'` gives
 * `[batch]`. An example without an alignment costs Infinity and gets gradient 0. Labels beyond `targetLengths` are not looked
 * at.
 *
 * @param logProbabilities such as `logSoftmax` gives
 * @example
 * ```ts
 * import { log, tensor } from '@adjoint/core'
 * import { connectionistTemporalClassification } from '@adjoint/nn'
 * // Two steps spell the label 1 as (1, 1), (1, blank) or (blank, 1): 3/4 of all paths.
 * const y = log(tensor([[[0.5, 0.5], [0.5, 0.5]]]))
 * connectionistTemporalClassification(y, tensor([[1]], { dtype: 'int32' })).item() // => 0.2877
 * ```
 * @throws ShapeError when the shapes do not fit; DTypeError for labels or lengths that are not int32; ArgumentError for a
 * label, a blank or a length out of range, an unknown reduction or setting.
 */
export function connectionistTemporalClassification<R extends Reduction = 'mean'>(
  logProbabilities: Tensor,
  targets: Tensor,
  options: ConnectionistTemporalClassificationOptions<R> = {},
): Tensor<LossShape<R, Shape>> {
  expectOptions(OP, options, [
    'reduction',
    'inputLengths',
    'targetLengths',
    'blank',
    'zeroInfinity',
    'timeFirst',
  ])
  const { reduction = 'mean', blank = 0, zeroInfinity = false, timeFirst = false } = options
  expectOperandShapes(logProbabilities, targets, timeFirst)
  const isSingle = logProbabilities.rank === 2
  const y = isSingle
    ? unsqueeze(logProbabilities, 1)
    : timeFirst
      ? logProbabilities
      : swapAxes(logProbabilities, 0, 1)
  const labels = isSingle ? unsqueeze(targets, 0) : targets
  const [time, batch, classes] = y.shape as readonly number[] as [number, number, number]
  if (!(Number.isInteger(blank) && blank >= 0 && blank < classes)) {
    throw new ArgumentError(OP, `blank must be one of the ${classes} classes, got ${shown(blank)}.`)
  }
  const inputLengths = lengthsOf('inputLengths', options.inputLengths, time, batch)
  const targetLengths = lengthsOf('targetLengths', options.targetLengths, labels.shape[1]!, batch)
  const found = pathLosses(y as Tensor, labels as Tensor, inputLengths, targetLengths, blank)
  const finite = zeroInfinity ? where(equal(found, Number.POSITIVE_INFINITY), 0, found) : found
  const losses = isSingle ? reshape(finite, []) : finite
  if (reduction !== 'mean') return reduce(OP, losses, { reduction }) as Tensor<LossShape<R, Shape>>
  const lengths = maximum(targetLengths, 1)
  return reduce(OP, div(losses, isSingle ? reshape(lengths, []) : lengths), {}) as Tensor<LossShape<R, Shape>>
}

const OP = 'connectionistTemporalClassification'

/** The loss of every example: `[time, batch, classes]`, `[batch, labels]` `-> [batch]`. */
function pathLosses(
  y: Tensor,
  labels: Tensor,
  inputLengths: Tensor,
  targetLengths: Tensor,
  blank: number,
): Tensor {
  const [time, batch, classes] = y.shape as readonly number[] as [number, number, number]
  const [count, states] = [labels.shape[1]!, 2 * labels.shape[1]! + 1]
  const isLabel = less(counted(count), unsqueeze(targetLengths, 1) as Tensor)
  const bounds = { size: classes, caller: OP, called: 'target', of: 'the classes', wrap: false }
  const known = wrapIndices(where(isLabel, labels, blank), bounds)
  // blank, l_1, blank, l_2, ..., blank
  const blanks = full([batch, count], blank, { dtype: 'int32' }) as Tensor
  const pairs = reshape(stack([blanks, known], 2), [batch, 2 * count])
  const spelled = concat([pairs, full([batch, 1], blank, { dtype: 'int32' })], 1)
  const emitted = gather(y, 2, expand(unsqueeze(spelled, 0) as Tensor, [time, batch, states]))

  const nothing = (width: number): Tensor =>
    full([batch, width], Number.NEGATIVE_INFINITY, { dtype: y.dtype }) as Tensor
  const shifted = (x: Tensor, by: number): Tensor =>
    concat([nothing(by), slice(x, null, [0, states - by])], 1)
  // A label may follow another one without a blank between them; blanks are equal, so that none is skipped to.
  const twoBefore = (): Tensor =>
    concat([slice(spelled, null, [0, 2]), slice(spelled, null, [0, states - 2])], 1)
  const mayFollow = count > 1 ? notEqual(spelled, twoBefore()) : undefined
  const step = (before: Tensor, [emission, isRunning]: readonly [Tensor, Tensor]) => {
    const stayed = states > 1 ? logAddExp(before, shifted(before, 1)) : before
    const all =
      mayFollow === undefined
        ? stayed
        : logAddExp(stayed, where(mayFollow, shifted(before, 2), Number.NEGATIVE_INFINITY))
    return [where(isRunning, add(all, emission), before), null] as const
  }
  // Before the first step the path stands at the first blank, from where it may stay or go on to the first label.
  const start =
    states > 1
      ? concat([zeros([batch, 1], { dtype: y.dtype }), nothing(states - 1)], 1)
      : zeros([batch, 1], { dtype: y.dtype })
  const isRunning = unsqueeze(less(unsqueeze(counted(time), 1) as Tensor, inputLengths), 2) as Tensor
  const [last] = time === 0 ? [start] : scan(step as never, start as Tensor, [emitted, isRunning] as never)

  const ends = mul(targetLengths, 2)
  const at = (places: Tensor): Tensor =>
    reshape(gather(last as Tensor, 1, unsqueeze(places, 1) as Tensor), [batch])
  const inLabel = where(less(ends, 1), Number.NEGATIVE_INFINITY, at(maximum(sub(ends, 1), 0)))
  return neg(logAddExp(at(ends), inLabel))
}

/** 0, 1, ..., count − 1. */
function counted(count: number): Tensor {
  return arange(0, count, 1, { dtype: 'int32' })
}

function expectOperandShapes(y: Tensor, targets: Tensor, timeFirst: boolean): void {
  expectTensor(OP, 'log-probabilities', y)
  expectTensor(OP, 'targets', targets)
  if (targets.dtype !== 'int32') {
    throw new DTypeError(
      OP,
      `targets are int32 class indices, got ${targets.dtype}; make them with { dtype: 'int32' }.`,
      [targets.dtype],
    )
  }
  const batch = y.rank === 3 ? [y.shape[timeFirst ? 1 : 0]!] : []
  const fits = y.rank === 2 || y.rank === 3
  if (fits && targets.rank === batch.length + 1 && sameShape(targets.shape.slice(0, -1), batch)) return
  const wanted = timeFirst ? '[time, batch, classes]' : '[batch, time, classes]'
  throw new ShapeError(
    OP,
    `takes log-probabilities ${wanted} with targets [batch, labels], or [time, classes] with [labels]; got ` +
      `${formatShape(y.shape)} and ${formatShape(targets.shape)}.`,
    [y.shape, targets.shape],
  )
}

/** How much of every example counts, int32 `[batch]`, checked where the values are. */
function lengthsOf(
  name: string,
  given: Tensor | readonly number[] | undefined,
  longest: number,
  batch: number,
): Tensor {
  if (given === undefined) return full([batch], longest, { dtype: 'int32' }) as Tensor
  if (Array.isArray(given) && !given.every(Number.isInteger)) {
    throw new ArgumentError(OP, `${name} are whole numbers, got [${given.map(shown).join(', ')}].`)
  }
  const lengths = (given instanceof Tensor ? given : tensor([...given], { dtype: 'int32' })) as Tensor
  if (lengths.dtype !== 'int32') {
    throw new DTypeError(OP, `${name} are int32, got ${lengths.dtype}; make them with { dtype: 'int32' }.`, [
      lengths.dtype,
    ])
  }
  const each = batch === 1 && lengths.rank === 0 ? reshape(lengths, [1]) : lengths
  if (!sameShape(each.shape, [batch])) {
    throw new ShapeError(
      OP,
      `${name} have shape ${formatShape(lengths.shape)}; they are one number for every example, [${batch}].`,
      [lengths.shape],
    )
  }
  return wrapIndices(each, {
    size: longest + 1,
    caller: OP,
    called: name === 'inputLengths' ? 'input length' : 'target length',
    of: `the lengths up to ${longest}`,
    wrap: false,
  })
}
