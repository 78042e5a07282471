import { type NumericArray, zerosOf } from '../array.ts'
import { batchOf, expectSameShape, type Layout, type Matrix, zerosLike } from '../matrix.ts'

/** What both passes of `prelu` take. */
export interface PreluInputs {
  readonly z: Matrix
  readonly slope: NumericArray
  readonly layout: Layout
}

/**
 * The rectifier with a slope s that is learned, one for all units or one for each: g(z) = z for z > 0, s z otherwise.
 *
 *     da/dz = 1 for z > 0,  s otherwise      da/ds = 0 for z > 0,  z otherwise
 *
 * A slope that several numbers share gets the sum of theirs, ds_u = Σ da_u [z_u ≤ 0] z_u over the examples.
 */
export const prelu: {
  /** a = g(z), in the shape of z; the slopes are one number, or one for each unit. */
  forward(inputs: PreluInputs): Matrix
  /** dz in the shape of z, and ds in the shape of the slopes. */
  backward(inputs: PreluInputs & { readonly da: Matrix }): {
    readonly dz: Matrix
    readonly dslope: NumericArray
  }
} = {
  forward: ({ z, slope, layout }) => {
    const a = zerosLike(z)
    eachUnit(z, layout, (i, unit) => {
      a.data[i] = z.data[i]! > 0 ? z.data[i]! : slope.data[unit % slope.data.length]! * z.data[i]!
    })
    return a
  },
  backward: ({ da, z, slope, layout }) => {
    expectSameShape('prelu.backward', { z, da })
    const dz = zerosLike(z)
    const dslope = zerosOf(slope.shape, [da, z, slope])
    eachUnit(z, layout, (i, unit) => {
      const u = unit % slope.data.length
      dz.data[i] = da.data[i]! * (z.data[i]! > 0 ? 1 : slope.data[u]!)
      if (!(z.data[i]! > 0)) dslope.data[u]! += da.data[i]! * z.data[i]!
    })
    return { dz, dslope }
  },
}

function eachUnit(z: Matrix, layout: Layout, visit: (index: number, unit: number) => void): void {
  const { units, examples, unitStride, exampleStride } = batchOf(z, layout)
  for (let example = 0; example < examples; example++) {
    for (let unit = 0; unit < units; unit++) visit(unit * unitStride + example * exampleStride, unit)
  }
}
