import { type NumericArray, sizeOf, zerosOf } from '../array.ts'
import { forEachPosition, planesOf } from '../positions.ts'
import { countWindows, forEachInWindow, type Windows } from '../windows.ts'
import { entriesOf } from './averagePool.ts'

/** Settings of a power-sum pooling. */
export interface LpPoolSettings extends Omit<Windows, 'padding' | 'dilation'> {
  /** The exponent p. */
  readonly order: number
}

/** What `lpPool.forward` takes: x is (..., space). */
export interface LpPoolForwardInputs extends LpPoolSettings {
  readonly x: NumericArray
}

/** What `lpPool.backward` takes: dy is the derivative of L with respect to y. */
export interface LpPoolBackwardInputs extends LpPoolSettings {
  readonly dy: NumericArray
  readonly x: NumericArray
  readonly y: NumericArray
}

/**
 * Power-sum pooling: with an exponent p,
 *
 *     y_i = (c_i Σ_(k ∈ W_i) x_k^p)^(1/p)
 *
 * where c_i is 1, except for a window that is cut short at the end, which is scaled up to a whole one: c_i is the size of the
 * kernel over the number of entries. From y_i^p = c_i Σ x_k^p follows p y_i^(p−1) ∂y_i/∂x_k = c_i p x_k^(p−1), that is
 *
 *     ∂y_i/∂x_k = c_i (x_k / y_i)^(p−1)      dx_k = Σ_i [k ∈ W_i] c_i (x_k / y_i)^(p−1) dy_i
 *
 * Where y_i is 0 the derivative does not exist, and this formula takes 0.
 */
export const lpPool: {
  /** (..., space) → (..., windows). */
  forward(inputs: LpPoolForwardInputs): NumericArray
  /** From dy to dx, in the shape of x. */
  backward(inputs: LpPoolBackwardInputs): { readonly dx: NumericArray }
} = {
  forward: ({ x, order, ...windows }) => {
    const { lead, space, count, size } = planesOf(x, windows.kernel.length)
    const outputs = countWindows(space, windows)
    const y = zerosOf([...lead, ...outputs], [x])
    let to = 0
    for (let plane = 0; plane < count; plane++) {
      forEachPosition(outputs, i => {
        let sum = 0
        forEachInWindow(i, space, windows, k => {
          sum += x.data[plane * size + k]! ** order
        })
        y.data[to++] = (scaleOf(i, space, windows) * sum) ** (1 / order)
      })
    }
    return y
  },

  backward: ({ dy, x, y, order, ...windows }) => {
    const { space, count, size } = planesOf(x, windows.kernel.length)
    const outputs = countWindows(space, windows)
    const dx = zerosOf(x.shape, [dy])
    let from = 0
    for (let plane = 0; plane < count; plane++) {
      forEachPosition(outputs, i => {
        const [root, cotangent] = [y.data[from]!, dy.data[from]!]
        from++
        if (root === 0) return
        const scale = scaleOf(i, space, windows)
        forEachInWindow(i, space, windows, k => {
          dx.data[plane * size + k]! += scale * (x.data[plane * size + k]! / root) ** (order - 1) * cotangent
        })
      })
    }
    return { dx }
  },
}

/** c_i, what a window that is cut short is scaled by. */
function scaleOf(window: readonly number[], space: readonly number[], windows: Windows): number {
  return sizeOf(windows.kernel) / entriesOf(window, space, windows)
}
