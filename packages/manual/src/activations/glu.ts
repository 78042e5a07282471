import { batchOf, batchShape, type Layout, type Matrix, zerosFor } from '../matrix.ts'
import { ShapeError } from '../shapeError.ts'
import type { Activation } from './activation.ts'
import { sigmoidOf } from './sigmoid.ts'

/**
 * Gated units: the first half of the units of an example, u, times a gate of the second half, v: a = u ∗ g(v).
 *
 *     du = da ∗ g(v)      dv = da ∗ u ∗ g'(v)
 *
 * The gate is σ(v), with σ' = σ (1 − σ) (Dauphin et al. 2017).
 */
export const glu: Activation = gatedBy('glu', sigmoidOf, v => sigmoidOf(v) * sigmoidOf(-v), false)

/** An activation with a gate g in the second half, or in the first. */
export function gatedBy(
  name: string,
  g: (v: number) => number,
  slope: (v: number) => number,
  gateIsFirst: boolean,
): Activation {
  /** Calls `visit` with the places of u and v in z, and of a in the halved batch. */
  const eachPair = (z: Matrix, layout: Layout, visit: (u: number, v: number, a: number) => void): void => {
    const whole = batchOf(z, layout)
    const half = whole.units / 2
    if (!Number.isInteger(half)) {
      throw new ShapeError(name, { z }, `z has ${whole.units} units, which have no two halves.`)
    }
    const exampleStride = layout === 'rows' ? half : 1
    for (let i = 0; i < whole.examples; i++) {
      for (let k = 0; k < half; k++) {
        const first = k * whole.unitStride + i * whole.exampleStride
        const second = first + half * whole.unitStride
        const [u, v] = gateIsFirst ? [second, first] : [first, second]
        visit(u, v, k * whole.unitStride + i * exampleStride)
      }
    }
  }
  return {
    name,
    forward: (z, layout) => {
      const { units, examples } = batchOf(z, layout)
      const a = zerosFor(batchShape(Math.floor(units / 2), examples, layout), [z])
      eachPair(z, layout, (u, v, at) => {
        a.data[at] = z.data[u]! * g(z.data[v]!)
      })
      return a
    },
    backward: ({ da, z, layout }) => {
      const dz = zerosFor(z.shape, [da, z])
      eachPair(z, layout, (u, v, at) => {
        dz.data[u] = da.data[at]! * g(z.data[v]!)
        dz.data[v] = da.data[at]! * z.data[u]! * slope(z.data[v]!)
      })
      return dz
    },
  }
}
