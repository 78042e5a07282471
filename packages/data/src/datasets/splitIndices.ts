/** Which examples go where: random parts, and folds for cross-validation. */
import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError, permutation, type Rng, Tensor } from '@adjoint/core/functional'

/** Labels by which parts are made alike: one for each example. */
export type Labels = ArrayLike<number | string | boolean> | Tensor

/** Settings of {@link splitIndices} and {@link kFoldIndices}. */
export interface SplitOptions {
  /** A label for each example; every part gets its share of each. */
  readonly stratify?: Labels
}

/** The two sides of one fold. */
export interface FoldIndices {
  readonly train: readonly number[]
  readonly validation: readonly number[]
}

/**
 * Random parts of the positions 0 to count - 1, without overlap, in random order. The sizes are the fractions of the
 * count, rounded so that they add up. A generator in the same state gives the same parts.
 *
 * @param fractions share of each part; together at most 1, and what they leave is in no part
 * @example
 * ```ts
 * import { Rng } from '@adjoint/core'
 * import { splitIndices } from '@adjoint/data'
 * const [train, test] = splitIndices(10, [0.8, 0.2], new Rng(0))
 * train?.length // => 8
 * test?.length // => 2
 * ```
 * @throws ArgumentError when a fraction is not above 0, they are more than 1 together, or a part would be empty.
 */
export function splitIndices(
  count: number,
  fractions: readonly number[],
  rng: Rng,
  options: SplitOptions = {},
): number[][] {
  expectCount('splitIndices', count)
  expectOptions('splitIndices', options, ['stratify'])
  const valid = Array.isArray(fractions) && fractions.length > 0 && fractions.every(part => part > 0)
  const sum = valid ? fractions.reduce((total, part) => total + part, 0) : 0
  if (!valid || sum > 1 + 1e-9) {
    throw new ArgumentError(
      'splitIndices',
      `the fractions must be above 0 and at most 1 together, got [${String(fractions)}].`,
    )
  }
  let reached = 0
  const ends = fractions.map(part => {
    reached += part
    return Math.min(count, Math.round(reached * count))
  })
  const sizes = ends.map((end, at) => end - (ends[at - 1] ?? 0))
  const empty = sizes.findIndex(size => size < 1)
  if (empty !== -1) {
    throw new ArgumentError(
      'splitIndices',
      `${count} examples are too few for a part of ${fractions[empty]}.`,
    )
  }
  return deal('splitIndices', count, sizes, rng, options.stratify)
}

/**
 * `k` folds for cross-validation: each holds out another part of the positions 0 to count - 1, all parts as equal in size
 * as they can be, and every position is held out once.
 *
 * @example
 * ```ts
 * import { Rng } from '@adjoint/core'
 * import { kFoldIndices } from '@adjoint/data'
 * kFoldIndices(10, 3, new Rng(0)).map(({ validation }) => validation.length) // => [4, 3, 3]
 * ```
 * @throws ArgumentError unless k is a whole number from 2 to the count.
 */
export function kFoldIndices(count: number, k: number, rng: Rng, options: SplitOptions = {}): FoldIndices[] {
  expectCount('kFoldIndices', count)
  expectOptions('kFoldIndices', options, ['stratify'])
  if (!Number.isInteger(k) || k < 2 || k > count) {
    throw new ArgumentError(
      'kFoldIndices',
      `k must be a whole number from 2 to the ${count} examples, got ${k}.`,
    )
  }
  const sizes = Array.from({ length: k }, (_, fold) => Math.floor(count / k) + Number(fold < count % k))
  const parts = deal('kFoldIndices', count, sizes, rng, options.stratify)
  return parts.map(validation => ({ validation, train: parts.filter(part => part !== validation).flat() }))
}

function expectCount(op: string, count: number): void {
  if (Number.isInteger(count) && count >= 0) return
  throw new ArgumentError(op, `the count must be a whole number from 0 up, got ${count}.`)
}

/** Parts of the given sizes in random order. */
function deal(
  op: string,
  count: number,
  sizes: readonly number[],
  rng: Rng,
  labels: Labels | undefined,
): number[][] {
  const order = permutation(rng, count)
  if (labels === undefined) {
    let start = 0
    return sizes.map(size => {
      start += size
      return [...order.subarray(start - size, start)]
    })
  }
  const parts = dealAlike(groupedBy(op, labels, order), count, sizes)
  // Group came after group; within a part they are mixed again.
  return parts.map(part => Array.from(permutation(rng, part.length), at => part[at]!))
}

/** The positions, those of one label after those of another. */
function groupedBy(op: string, labels: Labels, order: Int32Array): number[] {
  const values: ArrayLike<unknown> = labels instanceof Tensor ? labels.data() : labels
  if (values.length !== order.length || (labels instanceof Tensor && labels.rank !== 1)) {
    throw new ArgumentError(
      op,
      `stratify needs a label for each of the ${order.length} examples, got ${values.length}.`,
    )
  }
  const groups = new Map<unknown, number[]>()
  for (const position of order) {
    const group = groups.get(values[position])
    if (group === undefined) groups.set(values[position], [position])
    else group.push(position)
  }
  return [...groups.values()].flat()
}

/**
 * Gives each position to the part that lacks most of its share so far. After every position each part has nearly its
 * share of those before, so it has nearly its share of every group that follow each other.
 */
function dealAlike(order: readonly number[], count: number, sizes: readonly number[]): number[][] {
  const parts: number[][] = sizes.map(() => [])
  const rest = count - sizes.reduce((total, size) => total + size, 0)
  // What the parts leave over is dealt like one more part.
  const all = [...parts, []]
  const quotas = [...sizes, rest]
  for (const [at, position] of order.entries()) {
    let chosen = -1
    let most = Number.NEGATIVE_INFINITY
    for (const [part, quota] of quotas.entries()) {
      const lack = (quota * (at + 1)) / count - all[part]!.length
      if (all[part]!.length < quota && lack > most) {
        chosen = part
        most = lack
      }
    }
    all[chosen]!.push(position)
  }
  return parts
}
