import { logarithm } from '../../backend/portable.ts'
import { expectOptions } from '../../shape/arguments.ts'
import { ArgumentError, describe, ShapeError } from '../../shape/errors.ts'
import { expectShapeArgument, sizeOf } from '../../shape/shape.ts'
import { drawnTensor, nextOpen } from '../../tensor/random.ts'
import { expectRng, type Rng } from '../../tensor/rng.ts'
import { Tensor } from '../../tensor/tensor.ts'
import { take } from '../take.ts'

/** Settings of {@link choice}. */
export interface ChoiceOptions {
  /** Whether an element may be drawn more than once. Default true. */
  readonly replace?: boolean
  /** How likely each element is, in any units; equally likely by default. 0 is never drawn. */
  readonly weights?: Tensor | readonly number[]
}

/**
 * Elements drawn at random: from the numbers 0 .. n - 1 when `from` is n (dtype int32), else from the slices of a tensor
 * along its first axis. `[n, ...c]` and a shape `[...s]` give `[...s, ...c]`. Without replacement, weighted draws are as if one
 * element was taken after the other, each in proportion to its weight among those that are left (P. Efraimidis and
 * P. Spirakis, Information Processing Letters 97 (2006)).
 *
 * Which elements is a constant, and no gradient flows to the weights: an index jumps as they change. Gradients do flow to
 * the tensor that is chosen from.
 *
 * @example
 * ```ts
 * import { choice, Rng, tensor } from '@adjoint/core'
 * choice(new Rng(0), 5, [5], { replace: false }).toArray() // => [0, 4, 3, 1, 2]
 * choice(new Rng(0), tensor([[1, 2], [3, 4]]), [6], { weights: [1, 0] }).shape // => [6, 2]
 * ```
 * @throws ArgumentError when there is nothing to choose from, for more draws without replacement than elements, and for
 * weights that are negative, not finite, or all 0; ShapeError for another number of weights than elements.
 */
export function choice(
  rng: Rng,
  from: Tensor | number,
  shape: readonly number[] = [],
  options: ChoiceOptions = {},
): Tensor {
  expectRng('choice', rng)
  expectOptions('choice', options, ['replace', 'weights'])
  const n = from instanceof Tensor ? from.shape[0] : from
  if (n === undefined || !Number.isSafeInteger(n) || n < 0 || n > 2 ** 31) {
    throw new ArgumentError(
      'choice',
      `chooses from a tensor with at least one axis, or from 0 .. n - 1; got ${from instanceof Tensor ? 'a 0-d tensor' : describe(from)}.`,
    )
  }
  const count = sizeOf(expectShapeArgument('choice', shape))
  if (n === 0 && count > 0) throw new ArgumentError('choice', 'there is nothing to choose from.')
  const { replace = true } = options
  const weights = options.weights === undefined ? undefined : weightList(options.weights, n)
  if (!replace && count > n) {
    throw new ArgumentError('choice', `cannot draw ${count} of ${n} elements without replacement.`)
  }
  const draw = replace ? withReplacement : withoutReplacement
  const indices = drawnTensor('choice', shape, 'int32', (storage, offset) => {
    if (count > 0) storage.set(draw(rng, n, count, weights), offset)
  }) as Tensor
  return from instanceof Tensor ? take(from, indices, 0) : indices
}

function weightList(weights: Tensor | readonly number[], n: number): ArrayLike<number> {
  const list = weights instanceof Tensor ? weights.data() : weights
  if (list.length !== n) {
    throw new ShapeError('choice', `there are ${list.length} weights for ${n} elements.`, [
      weights instanceof Tensor ? weights.shape : [list.length],
    ])
  }
  let total = 0
  for (let i = 0; i < n; i++) {
    if (!(list[i]! >= 0 && list[i]! < Number.POSITIVE_INFINITY)) {
      throw new ArgumentError('choice', `weights are finite numbers from 0 up, got ${list[i]}.`)
    }
    total += list[i]!
  }
  if (n > 0 && !(total > 0 && total < Number.POSITIVE_INFINITY)) {
    throw new ArgumentError('choice', `the weights must have a finite sum above 0, not ${total}.`)
  }
  return list
}

function withReplacement(
  rng: Rng,
  n: number,
  count: number,
  weights: ArrayLike<number> | undefined,
): Int32Array {
  if (weights === undefined) return Int32Array.from({ length: count }, () => rng.integer(n))
  const sums = new Float64Array(n)
  let total = 0
  let last = 0
  for (let i = 0; i < n; i++) {
    total += weights[i]!
    sums[i] = total
    if (weights[i]! > 0) last = i
  }
  return Int32Array.from({ length: count }, () => {
    const wanted = rng.next() * total
    // The first sum above what is wanted: weights of 0 have none of their own.
    let [low, high] = [0, last]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (sums[middle]! > wanted) high = middle
      else low = middle + 1
    }
    return low
  })
}

function withoutReplacement(
  rng: Rng,
  n: number,
  count: number,
  weights: ArrayLike<number> | undefined,
): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i)
  if (weights === undefined) {
    // The first steps of Fisher and Yates' shuffle.
    for (let i = 0; i < count; i++) {
      const pick = i + rng.integer(n - i)
      const kept = order[i]!
      order[i] = order[pick]!
      order[pick] = kept
    }
    return order.slice(0, count)
  }
  // Whose exponential time comes first, with the weight as its rate.
  const times = Float64Array.from({ length: n }, (_, i) => -logarithm(nextOpen(rng)) / weights[i]!)
  const possible = times.reduce((total, time) => total + (time < Number.POSITIVE_INFINITY ? 1 : 0), 0)
  if (count > possible) {
    throw new ArgumentError(
      'choice',
      `cannot draw ${count} elements: only ${possible} have a weight above 0.`,
    )
  }
  return order.sort((a, b) => times[a]! - times[b]!).slice(0, count)
}
