import { expectSameShape, type Matrix, zerosFor } from '../matrix.ts'
import type { Activation } from './activation.ts'

/**
 * The leaky rectifier whose slope is drawn anew for each number while training: g(z) = z for z > 0, s z otherwise. The slopes
 * s are given here, so that the pass can be repeated; they are constants.
 *
 *     da/dz = 1 for z > 0,  s otherwise
 */
export function rrelu(slopes: Matrix): Activation {
  const times = (from: Matrix, z: Matrix): Matrix => {
    expectSameShape('rrelu', { z, slopes, from })
    const result = zerosFor(z.shape, [from, z, slopes])
    for (let i = 0; i < z.data.length; i++) {
      result.data[i] = from.data[i]! * (z.data[i]! > 0 ? 1 : slopes.data[i]!)
    }
    return result
  }
  return { name: 'rrelu', forward: z => times(z, z), backward: ({ da, z }) => times(da, z) }
}
