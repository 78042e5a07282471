import { accumulate } from '../ops/accumulate.ts'
import { add } from '../ops/add.ts'
import { div } from '../ops/div.ts'
import { greater } from '../ops/greater.ts'
import { greaterEqual } from '../ops/greaterEqual.ts'
import { maximum } from '../ops/maximum.ts'
import { mul } from '../ops/mul.ts'
import { overwrite } from '../ops/overwrite.ts'
import { partners } from '../ops/partners.ts'
import { pick } from '../ops/pick.ts'
import { reshape } from '../ops/reshape.ts'
import { scatterExtreme } from '../ops/scatterExtreme.ts'
import { where } from '../ops/where.ts'
import { winners } from '../ops/winners.ts'
import { operands } from '../primitive/elementwise.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, describe } from '../shape/errors.ts'
import type { Shape } from '../shape/types.ts'
import { onesLike } from '../tensor/create.ts'
import { allocate, type Tensor } from '../tensor/tensor.ts'
import { expectScatterIndices, expectSource, positionsAlong, scatterAxis } from './scatterPositions.ts'

/** How {@link scatterReduce} joins what arrives at one place. */
export type ScatterReduction = 'sum' | 'mean' | 'prod' | 'amax' | 'amin'

/** Settings of {@link scatterReduce}. */
export interface ScatterReduceOptions {
  /** Whether an element of `x` takes part where sources arrive. Default true. */
  readonly includeSelf?: boolean
}

/**
 * A copy of `x` in which every element is joined with the elements of `source` that are sent to its place, as `scatter`
 * sends them: by their sum, mean, product, maximum or minimum. Without `includeSelf` the element of `x` itself counts only
 * where none arrives.
 *
 * The derivative of the product is exact where factors are 0, in every order: no rule divides by an element. Kink policy:
 * equal largest, or smallest, elements share the cotangent evenly.
 *
 * @example
 * ```ts
 * import { scatterReduce, tensor } from '@adjoint/core'
 * const x = tensor([1, 2, 3])
 * const indices = tensor([0, 0, 2], { dtype: 'int32' })
 * scatterReduce(x, 0, indices, tensor([4, 6, 1]), 'amax').toArray() // => [6, 2, 3]
 * scatterReduce(x, 0, indices, tensor([4, 6, 1]), 'mean', { includeSelf: false }).toArray() // => [5, 2, 1]
 * ```
 * @throws ArgumentError for an index out of range or an unknown reduction; ShapeError for shapes that do not fit;
 * DTypeError for indices that are not int32.
 */
export function scatterReduce<S extends Shape>(
  x: Tensor<S>,
  axis: number,
  indices: Tensor,
  source: Tensor | number,
  reduction: ScatterReduction,
  options: ScatterReduceOptions = {},
): Tensor<S> {
  expectOptions('scatterReduce', options, ['includeSelf'])
  const at = scatterAxis('scatterReduce', x as Tensor, axis)
  const [target, values] = operands('scatterReduce', x as Tensor, source)
  expectScatterIndices('scatterReduce', target, at, indices)
  const arriving = expectSource('scatterReduce', values, indices.shape, 'the indices')
  const positions = positionsAlong('scatterReduce', target.shape, at, indices)
  if (!Object.hasOwn(JOINS, reduction)) {
    throw new ArgumentError(
      'scatterReduce',
      `there is no reduction ${describe(reduction)}; use ${Object.keys(JOINS).join(', ')}.`,
    )
  }
  // On a line: at most as many go to one place as there are indices along the axis.
  const joined = JOINS[reduction]({
    x: reshape(target, [target.size]),
    positions: reshape(positions, [positions.size]),
    source: reshape(arriving, [arriving.size]),
    includeSelf: options.includeSelf ?? true,
    most: indices.shape[at] ?? 1,
  })
  return reshape(joined, target.shape) as unknown as Tensor<S>
}

/** A call on flat tensors. */
interface Joining {
  readonly x: Tensor
  readonly positions: Tensor
  readonly source: Tensor
  readonly includeSelf: boolean
  /** No more elements than these are sent to one place. */
  readonly most: number
}

const JOINS: Readonly<Record<ScatterReduction, (joining: Joining) => Tensor>> = {
  sum: joining => {
    const { x, positions, source, includeSelf } = joining
    const total = accumulate(source, positions, x.size)
    return includeSelf ? add(x, total) : where(isReached(joining), total, x)
  },
  mean: joining => {
    const { x, positions, source, includeSelf } = joining
    const total = accumulate(source, positions, x.size)
    const count = arrivals(joining)
    if (includeSelf) return div(add(x, total), add(count, 1))
    return where(greater(count, 0), div(total, maximum(count, 1)), x)
  },
  prod: joining => {
    const { x, positions, source, includeSelf } = joining
    // A tournament: in every round each remaining factor takes in its partner, until the first of all equals has all.
    let factors = source
    for (let distance = 1; distance < joining.most; distance *= 2) {
      const partner = partners(positions, distance)
      factors = mul(factors, where(greaterEqual(partner, 0), pick(factors, partner), 1))
    }
    const products = overwrite(onesLike(x), winners(positions, 'first'), factors)
    return includeSelf ? mul(x, products) : where(isReached(joining), products, x)
  },
  amax: ({ x, positions, source, includeSelf }) => scatterExtreme(x, positions, source, true, includeSelf),
  amin: ({ x, positions, source, includeSelf }) => scatterExtreme(x, positions, source, false, includeSelf),
}

/** How many elements are sent to each place. */
function arrivals({ x, positions, source }: Joining): Tensor {
  return accumulate(onesLike(source), positions, x.size)
}

function isReached({ x, positions }: Joining): Tensor {
  const ones = allocate([positions.size], 'bool')
  ones.storage.fill(1, ones.offset, ones.offset + ones.size)
  return overwrite(allocate([x.size], 'bool'), positions, ones)
}
