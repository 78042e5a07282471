import { batchOf, batchShape, type Layout, type Matrix, zerosFor } from '../matrix.ts'
import { ShapeError } from '../shapeError.ts'
import type { Activation } from './activation.ts'

/**
 * The largest of the units of each group of k neighbours, a_j = max(z_jk, …, z_jk+k−1) (Goodfellow et al. 2013). Near a point
 * without ties a_j is one of them, so its derivative goes to that one:
 *
 *     dz_i = da_j if z_i is the largest of group j, 0 otherwise
 */
export function maxout(size: number): Activation {
  /** Calls `visit` with the place in z of the largest unit of each group, and the place of the group in a. */
  const eachGroup = (z: Matrix, layout: Layout, visit: (winner: number, a: number) => void): void => {
    const whole = batchOf(z, layout)
    const groups = whole.units / size
    if (!Number.isInteger(groups)) {
      throw new ShapeError('maxout', { z }, `z has ${whole.units} units, which are no groups of ${size}.`)
    }
    for (let i = 0; i < whole.examples; i++) {
      for (let group = 0; group < groups; group++) {
        let winner = group * size * whole.unitStride + i * whole.exampleStride
        for (let k = 1; k < size; k++) {
          const at = (group * size + k) * whole.unitStride + i * whole.exampleStride
          if (z.data[at]! > z.data[winner]!) winner = at
        }
        visit(winner, layout === 'rows' ? i * groups + group : group * whole.examples + i)
      }
    }
  }
  return {
    name: 'maxout',
    forward: (z, layout) => {
      const { units, examples } = batchOf(z, layout)
      const a = zerosFor(batchShape(Math.floor(units / size), examples, layout), [z])
      eachGroup(z, layout, (winner, at) => {
        a.data[at] = z.data[winner]!
      })
      return a
    },
    backward: ({ da, z, layout }) => {
      const dz = zerosFor(z.shape, [da, z])
      eachGroup(z, layout, (winner, at) => {
        dz.data[winner] = da.data[at]!
      })
      return dz
    },
  }
}
