import { expand } from '../ops/expand.ts'
import { reshape } from '../ops/reshape.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Settings of {@link meshgrid}. */
export interface MeshgridOptions {
  /**
   * `'ij'` (default): the first tensor varies along the first axis. `'xy'`: along the second one, as coordinates in a
   * picture do, whose rows are y.
   */
  readonly indexing?: 'ij' | 'xy'
}

/**
 * The coordinates of a grid: one tensor for each of the given vectors, `[n1], [n2], ... -> [n1, n2, ...]` each, that holds
 * its coordinate at every point. Views: nothing is copied. A number counts as a vector of one element.
 *
 * @example
 * ```ts
 * import { meshgrid, tensor } from '@adjoint/core'
 * const [rows, columns] = meshgrid([tensor([1, 2]), tensor([3, 4, 5])])
 * rows?.toArray() // => [[1, 1, 1], [2, 2, 2]]
 * columns?.toArray() // => [[3, 4, 5], [3, 4, 5]]
 * ```
 * @throws ShapeError for tensors with more than one axis; ArgumentError for another indexing.
 */
export function meshgrid(vectors: readonly Tensor[], options: MeshgridOptions = {}): Tensor[] {
  expectOptions('meshgrid', options, ['indexing'])
  const { indexing = 'ij' } = options
  if (!Array.isArray(vectors)) {
    throw new ArgumentError('meshgrid', 'takes an array of vectors: meshgrid([x, y]).')
  }
  if (indexing !== 'ij' && indexing !== 'xy') {
    throw new ArgumentError('meshgrid', `indexing is 'ij' or 'xy', got ${JSON.stringify(indexing)}.`)
  }
  for (const x of vectors) {
    const { rank, shape } = expectTensor('meshgrid', x)
    if (rank > 1) {
      throw new ShapeError(
        'meshgrid',
        `takes vectors and numbers, got ${formatShape(shape)}; flatten it first.`,
        [shape],
      )
    }
  }
  // Which vector varies along each axis of the grid.
  const along = vectors.map((_, k) => (indexing === 'xy' && vectors.length > 1 && k < 2 ? 1 - k : k))
  const shape = along.map(k => vectors[k]!.size)
  return vectors.map((x, k): Tensor => {
    const line = along.map(other => (other === k ? x.size : 1))
    return expand(reshape(x, line), shape)
  })
}
