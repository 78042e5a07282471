import { type NumericArray, zerosOf } from '../array.ts'
import { type ExampleLoss, expectRows } from './loss.ts'

/** A distance of vectors in rows, `[m, n], [m, n] -> [m]`, with its backward pass. */
export interface Distance {
  forward(inputs: { readonly x: NumericArray; readonly y: NumericArray }): NumericArray
  backward(inputs: { readonly x: NumericArray; readonly y: NumericArray; readonly dd: NumericArray }): {
    readonly dx: NumericArray
    readonly dy: NumericArray
  }
}

/** What {@link tripletMarginWithDistance} takes: vectors in rows, `[m, n]`. */
export interface TripletInputs {
  readonly anchor: NumericArray
  readonly positive: NumericArray
  readonly negative: NumericArray
  readonly margin?: number
  readonly swap?: boolean
}

/** Derivatives with respect to the three. */
export interface TripletGradients {
  readonly danchor: NumericArray
  readonly dpositive: NumericArray
  readonly dnegative: NumericArray
}

/**
 * For triplets, with any distance d and the margin c:
 *
 *     L = max(0, d(a, p) − f + c),   f = d(a, n),   or min(d(a, n), d(p, n)) with `swap`
 *
 * Where L > 0, dd(a, p) = dL and df = −dL; f hands it to the smaller of its two distances, and the derivatives of the
 * distances hand it to the vectors. Where L = 0, nothing flows; a tie of the two distances is shared in halves.
 */
export function tripletMarginWithDistance(distance: Distance): ExampleLoss<TripletInputs, TripletGradients> {
  const parts = ({ anchor, positive, negative, swap = false }: TripletInputs) => {
    expectRows('tripletMarginWithDistance', { anchor, positive, negative })
    return {
      near: distance.forward({ x: anchor, y: positive }),
      direct: distance.forward({ x: anchor, y: negative }),
      swapped: swap ? distance.forward({ x: positive, y: negative }) : undefined,
    }
  }
  return {
    name: 'tripletMarginWithDistance',
    forward: inputs => {
      const { near, direct, swapped } = parts(inputs)
      const losses = zerosOf(near.shape, [near, direct])
      for (let i = 0; i < losses.data.length; i++) {
        const far = Math.min(direct.data[i]!, swapped?.data[i] ?? Infinity)
        losses.data[i] = Math.max(0, near.data[i]! - far + (inputs.margin ?? 1))
      }
      return losses
    },
    backward: inputs => {
      const { anchor, positive, negative, margin = 1, dlosses } = inputs
      const { near, direct, swapped } = parts(inputs)
      const zeros = (): NumericArray => zerosOf(near.shape, [near, dlosses])
      const [dnear, ddirect, dswapped] = [zeros(), zeros(), zeros()]
      for (let i = 0; i < dnear.data.length; i++) {
        const other = swapped?.data[i] ?? Infinity
        const far = Math.min(direct.data[i]!, other)
        if (near.data[i]! - far + margin <= 0) continue
        const share = direct.data[i]! < other ? 1 : direct.data[i]! > other ? 0 : 0.5
        dnear.data[i] = dlosses.data[i]!
        ddirect.data[i] = -share * dlosses.data[i]!
        dswapped.data[i] = (share - 1) * dlosses.data[i]!
      }
      const ofNear = distance.backward({ x: anchor, y: positive, dd: dnear })
      const ofDirect = distance.backward({ x: anchor, y: negative, dd: ddirect })
      const ofSwapped = swapped && distance.backward({ x: positive, y: negative, dd: dswapped })
      return {
        danchor: sumOf(ofNear.dx, ofDirect.dx),
        dpositive: sumOf(ofNear.dy, ofSwapped?.dx),
        dnegative: sumOf(ofDirect.dy, ofSwapped?.dy),
      }
    },
  }
}

function sumOf(x: NumericArray, y: NumericArray | undefined): NumericArray {
  const sum = zerosOf(x.shape, [x])
  for (let k = 0; k < sum.data.length; k++) sum.data[k] = x.data[k]! + (y?.data[k] ?? 0)
  return sum
}
