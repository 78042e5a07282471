import { type NumericArray, sizeOf, zerosOf } from '../array.ts'
import { forEachPosition, numberOf } from '../positions.ts'
import { countWindows, type Windows } from '../windows.ts'

/** What `unfold.forward` takes: x is (..., channels, h, w), the windows have two axes. */
export interface UnfoldForwardInputs extends Omit<Windows, 'ceilMode'> {
  readonly x: NumericArray
}

/** What `unfold.backward` takes: dy is the derivative of L with respect to y; of x only the shape is read. */
export interface UnfoldBackwardInputs extends UnfoldForwardInputs {
  readonly dy: NumericArray
}

/**
 * Patches as columns, im2col: row (c, j) of column i is entry j of patch i in channel c,
 *
 *     y_(c,j),i = x_c,(i s + j d − p)      0 outside of the image
 *
 * An entry of x stands in every patch that covers it, so it collects what they send:
 *
 *     dx_c,q = Σ_(i,j) [i s + j d − p = q] dy_(c,j),i
 */
export const unfold: {
  /** (..., channels, h, w) → (..., channels kh kw, patches). */
  forward(inputs: UnfoldForwardInputs): NumericArray
  /** From dy to dx, in the shape of x. */
  backward(inputs: UnfoldBackwardInputs): { readonly dx: NumericArray }
} = {
  forward: ({ x, ...windows }) => {
    const [lead, channels] = [x.shape.slice(0, -3), x.shape.at(-3)!]
    const patches = sizeOf(countWindows(x.shape.slice(-2), windows))
    const y = zerosOf([...lead, channels * sizeOf(windows.kernel), patches], [x])
    forEachPair(x.shape, windows, (from, to) => {
      y.data[to] = x.data[from]!
    })
    return y
  },

  backward: ({ dy, x, ...windows }) => {
    const dx = zerosOf(x.shape, [dy])
    forEachPair(x.shape, windows, (from, to) => {
      dx.data[from]! += dy.data[to]!
    })
    return { dx }
  },
}

/** Calls `visit` with every entry of images of a shape, and the entry of the columns that it stands at. */
export function forEachPair(
  shape: readonly number[],
  windows: Windows,
  visit: (image: number, column: number) => void,
): void {
  const space = shape.slice(-2)
  const planes = sizeOf(shape.slice(0, -2))
  const counts = countWindows(space, windows)
  const patches = sizeOf(counts)
  const { kernel, stride, padding, dilation } = windows
  const entries = sizeOf(kernel)
  for (let plane = 0; plane < planes; plane++) {
    forEachPosition(kernel, (j, row) => {
      forEachPosition(counts, (i, column) => {
        const at = [0, 1].map(
          axis => i[axis]! * stride[axis]! + j[axis]! * (dilation?.[axis] ?? 1) - (padding?.[axis] ?? 0),
        )
        const q = numberOf(at, space)
        if (q >= 0) visit(plane * sizeOf(space) + q, (plane * entries + row) * patches + column)
      })
    })
  }
}
