import type { AverageRule } from '../backend/resampling.ts'
import { resample } from '../ops/resample.ts'
import { expectSettings } from '../shape/arguments.ts'
import { ArgumentError } from '../shape/errors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { PoolOptions } from './maxPool.ts'
import { poolAxes } from './poolWindows.ts'

/** Settings of {@link averagePool}. */
export interface AveragePoolOptions extends PoolOptions {
  /** Whether the zeros of the padding count as elements of a window. Default true. */
  readonly countIncludePad?: boolean
  /** What the sum of a window is divided by. Default: the number of its elements. */
  readonly divisor?: number
}

/**
 * The mean of every window: `[batch, channels, ...space] -> [batch, channels, ...windows]`, with 1 to 3 axes of space.
 * Settings are one number for all axes of the space, or a list with one for each; with a list the batch may be missing. A window
 * that `ceilMode` lets reach beyond the padding is divided by the number of elements up to there. Integers become float32.
 *
 * @example
 * ```ts
 * import { averagePool, tensor } from '@adjoint/core'
 * const signal = tensor([[[2, 4, 6, 8]]])
 * averagePool(signal, { kernel: 2 }).toArray() // => [[[3, 7]]]
 * averagePool(signal, { kernel: 2, padding: 1 }).toArray() // => [[[1, 5, 4]]]
 * averagePool(signal, { kernel: 2, padding: 1, countIncludePad: false }).toArray() // => [[[2, 5, 8]]]
 * ```
 * @throws ShapeError when no window fits; ArgumentError for settings that are not whole numbers, or too much padding.
 */
export function averagePool(x: Tensor, options: AveragePoolOptions): Tensor {
  expectSettings('averagePool', options, [
    'kernel',
    'stride',
    'padding',
    'ceilMode',
    'countIncludePad',
    'divisor',
  ])
  const { countIncludePad = true, divisor } = options
  if (divisor !== undefined && !(Number.isFinite(divisor) && divisor !== 0)) {
    throw new ArgumentError('averagePool', `divisor must be a number other than 0, got ${divisor}.`)
  }
  const axes = poolAxes('averagePool', x, options)
  const counted = countIncludePad ? 'padded' : 'inside'
  return resample(
    x,
    axes.map(
      ({ size, outputs, kernel, stride, padding }, k): AverageRule => ({
        kind: 'average',
        size,
        outputs,
        kernel,
        stride,
        padding,
        divisor: divisor === undefined ? counted : k === 0 ? divisor : 1,
      }),
    ),
  )
}
