import { expectOptions, formatShape, sameShape } from '@adjoint/core/engine'
import { ArgumentError, concat, full, ShapeError, slice, stack, type Tensor } from '@adjoint/core/functional'
import { expectTensor } from '../module/shown.ts'
import { expectLengths } from './sequenceMask.ts'

/** Settings of {@link padSequence}. */
export interface PadSequenceOptions {
  /** `[time, batch, ...]` instead of `[batch, time, ...]`. Default false. */
  readonly timeFirst?: boolean
  /** What stands where a sequence is over. Default 0. */
  readonly value?: number
}

/** Sequences of different lengths in one tensor. */
export interface PaddedSequences {
  /** `[batch, time, ...]`, as long as the longest one. */
  readonly padded: Tensor
  /** How many steps of each example count. */
  readonly lengths: readonly number[]
}

/**
 * Sequences of different lengths, `[time, ...]` each, as one tensor that is filled up at the ends, with the lengths that
 * `run` of a recurrent layer and `sequenceMask` take. They need not be sorted.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { padSequence } from '@adjoint/nn'
 * const { padded, lengths } = padSequence([tensor([1, 2, 3]), tensor([4])])
 * padded.toArray() // => [[1, 2, 3], [4, 0, 0]]
 * lengths // => [3, 1]
 * ```
 * @throws ArgumentError for no sequences; ShapeError for sequences that differ in more than their lengths.
 */
export function padSequence(sequences: readonly Tensor[], options: PadSequenceOptions = {}): PaddedSequences {
  const op = 'padSequence'
  expectOptions(op, options, ['timeFirst', 'value'])
  const { timeFirst = false, value = 0 } = options
  const [first] = expectSequences(op, sequences)
  const lengths = sequences.map(x => x.shape[0]!)
  const longest = Math.max(...lengths)
  const filled = sequences.map((x, i) => {
    const missing = longest - lengths[i]!
    return missing === 0
      ? x
      : concat([x, full([missing, ...first!.shape.slice(1)], value, { dtype: x.dtype })])
  })
  return { padded: stack(filled, timeFirst ? 1 : 0), lengths }
}

/**
 * The sequences that {@link padSequence} was given: `[batch, time, ...]` and lengths back to `[time, ...]` each.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { unpadSequence } from '@adjoint/nn'
 * unpadSequence(tensor([[1, 2, 3], [4, 0, 0]]), [3, 1]).map(x => x.toArray()) // => [[1, 2, 3], [4]]
 * ```
 * @throws ArgumentError for lengths that are not whole numbers from 0 up to the number of steps, one for each example.
 */
export function unpadSequence(
  padded: Tensor,
  lengths: readonly number[],
  options: Pick<PadSequenceOptions, 'timeFirst'> = {},
): Tensor[] {
  const op = 'unpadSequence'
  expectOptions(op, options, ['timeFirst'])
  expectTensor(op, 'padded', padded)
  const { timeFirst = false } = options
  if (padded.rank < 2) {
    throw new ShapeError(op, `takes [batch, time, ...], got ${formatShape(padded.shape)}.`, [padded.shape])
  }
  const [batch, steps] = timeFirst
    ? [padded.shape[1]!, padded.shape[0]!]
    : [padded.shape[0]!, padded.shape[1]!]
  const checked = expectLengths(op, lengths, steps)
  if (checked.length !== batch) {
    throw new ArgumentError(op, `got ${checked.length} lengths for ${batch} examples.`)
  }
  return checked.map((length, i) =>
    timeFirst ? slice(padded, [0, length], i) : slice(padded, i, [0, length]),
  )
}

function expectSequences(op: string, sequences: readonly Tensor[]): readonly Tensor[] {
  if (!Array.isArray(sequences) || sequences.length === 0) {
    throw new ArgumentError(op, 'takes an array of at least one sequence.')
  }
  const [first] = sequences as readonly Tensor[]
  for (const [i, x] of (sequences as readonly Tensor[]).entries()) {
    expectTensor(op, `sequence ${i}`, x)
    if (x.rank > 0 && sameShape(x.shape.slice(1), first!.shape.slice(1)) && x.dtype === first!.dtype) continue
    throw new ShapeError(
      op,
      `sequences may differ in their first axis only: the first is ${formatShape(first!.shape)} ${first!.dtype}, sequence ${i} is ${formatShape(x.shape)} ${x.dtype}.`,
      [first!.shape, x.shape],
    )
  }
  return sequences
}
