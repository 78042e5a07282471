import { type NumericArray, sizeOf, zerosOf } from '../array.ts'
import type { Windows } from '../windows.ts'
import { forEachPair } from './unfold.ts'

/** What `fold.forward` takes: x is (..., channels kh kw, patches), the windows have two axes. */
export interface FoldForwardInputs extends Omit<Windows, 'ceilMode'> {
  readonly x: NumericArray
  /** Height and width of the images. */
  readonly outputSize: readonly number[]
}

/** What `fold.backward` takes: dy is the derivative of L with respect to y; of x only the shape is read. */
export interface FoldBackwardInputs extends FoldForwardInputs {
  readonly dy: NumericArray
}

/**
 * Columns of patches added up to images, col2im: every entry of a patch goes to its place,
 *
 *     y_c,q = Σ_(i,j) [i s + j d − p = q] x_(c,j),i
 *
 * and what would lie in the padding is dropped. Each entry of x has one place, so it gets the derivative from there:
 *
 *     dx_(c,j),i = dy_c,(i s + j d − p)      0 for what was dropped
 */
export const fold: {
  /** (..., channels kh kw, patches) → (..., channels, h, w). */
  forward(inputs: FoldForwardInputs): NumericArray
  /** From dy to dx, in the shape of x. */
  backward(inputs: FoldBackwardInputs): { readonly dx: NumericArray }
} = {
  forward: ({ x, outputSize, ...windows }) => {
    const [lead, rows] = [x.shape.slice(0, -2), x.shape.at(-2)!]
    const y = zerosOf([...lead, rows / sizeOf(windows.kernel), ...outputSize], [x])
    forEachPair(y.shape, windows, (image, column) => {
      y.data[image]! += x.data[column]!
    })
    return y
  },

  backward: ({ dy, x, outputSize: _, ...windows }) => {
    const dx = zerosOf(x.shape, [dy])
    forEachPair(dy.shape, windows, (image, column) => {
      dx.data[column] = dy.data[image]!
    })
    return { dx }
  },
}
