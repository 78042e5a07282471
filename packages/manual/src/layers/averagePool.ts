import { type NumericArray, zerosOf } from '../array.ts'
import { forEachPosition, planesOf } from '../positions.ts'
import { countWindows, forEachInWindow, type Windows } from '../windows.ts'

/** Settings of an average pooling. */
export interface AveragePoolSettings extends Windows {
  /** Whether the zeros of the padding count as entries. Default true. */
  readonly countIncludePad?: boolean
  /** What a sum is divided by. Default: the number of entries. */
  readonly divisor?: number
}

/** What `averagePool.forward` takes: x is (..., space). */
export interface AveragePoolForwardInputs extends AveragePoolSettings {
  readonly x: NumericArray
}

/** What `averagePool.backward` takes: dy is the derivative of L with respect to y; of x only the shape is read. */
export interface AveragePoolBackwardInputs extends AveragePoolSettings {
  readonly dy: NumericArray
  readonly x: NumericArray
}

/**
 * Average pooling: every output is the mean of a window W_i of its plane,
 *
 *     y_i = (1/c_i) Σ_(p ∈ W_i) x_p
 *
 * where c_i counts the entries of the window: with its zeros in the padding, or without them, or is one number for all. A window
 * that is cut short by the far end of the padding counts up to there only. y is linear in x, ∂y_i/∂x_p = [p ∈ W_i] / c_i, so
 *
 *     dx_p = Σ_i [p ∈ W_i] dy_i / c_i
 */
export const averagePool: {
  /** (..., space) → (..., windows). */
  forward(inputs: AveragePoolForwardInputs): NumericArray
  /** From dy to dx, in the shape of x. */
  backward(inputs: AveragePoolBackwardInputs): { readonly dx: NumericArray }
} = {
  forward: ({ x, ...settings }) => {
    const { lead, space, count, size } = planesOf(x, settings.kernel.length)
    const outputs = countWindows(space, settings)
    const y = zerosOf([...lead, ...outputs], [x])
    let to = 0
    for (let plane = 0; plane < count; plane++) {
      forEachPosition(outputs, i => {
        let sum = 0
        forEachInWindow(i, space, settings, p => {
          sum += x.data[plane * size + p]!
        })
        y.data[to++] = sum / entriesOf(i, space, settings)
      })
    }
    return y
  },

  backward: ({ dy, x, ...settings }) => {
    const { space, count, size } = planesOf(x, settings.kernel.length)
    const outputs = countWindows(space, settings)
    const dx = zerosOf(x.shape, [dy])
    let from = 0
    for (let plane = 0; plane < count; plane++) {
      forEachPosition(outputs, i => {
        const share = dy.data[from++]! / entriesOf(i, space, settings)
        forEachInWindow(i, space, settings, p => {
          dx.data[plane * size + p]! += share
        })
      })
    }
    return { dx }
  },
}

/** c_i, the number of entries of a window. */
export function entriesOf(
  window: readonly number[],
  space: readonly number[],
  { kernel, stride, padding, countIncludePad = true, divisor }: AveragePoolSettings,
): number {
  if (divisor !== undefined) return divisor
  let entries = 1
  for (let axis = 0; axis < space.length; axis++) {
    const [n, p] = [space[axis]!, padding?.[axis] ?? 0]
    const start = window[axis]! * stride[axis]! - p
    const end = Math.min(start + kernel[axis]!, n + p)
    entries *= countIncludePad ? end - start : Math.min(end, n) - Math.max(start, 0)
  }
  return entries
}
