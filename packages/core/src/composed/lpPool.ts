import { equal } from '../ops/equal.ts'
import { mul } from '../ops/mul.ts'
import { pow } from '../ops/pow.ts'
import { where } from '../ops/where.ts'
import { expectSettings } from '../shape/arguments.ts'
import { ArgumentError } from '../shape/errors.ts'
import type { PerAxis } from '../shape/perAxis.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { averagePool } from './averagePool.ts'
import { poolAxes } from './poolWindows.ts'

/** Settings of {@link lpPool}. */
export interface LpPoolOptions {
  /** The exponent p. */
  readonly order: number
  /** Size of a window. */
  readonly kernel: PerAxis
  /** From one window to the next. Default: the kernel. */
  readonly stride?: PerAxis
  /** Whether a last window may reach over what is left over. Default false. */
  readonly ceilMode?: boolean
}

/**
 * The power sum of every window, (Σ xᵖ)^(1/p): `[batch, channels, ...space] -> [batch, channels, ...windows]`. Order 1 is the
 * sum, and large orders come near to `maxPool` of positive numbers. No magnitude is taken, as in PyTorch: NaN for an odd
 * order and a negative sum. A window that is cut short by `ceilMode` is scaled to a whole one.
 *
 * Kink policy: the gradient is 0 where the sum is 0.
 *
 * @example
 * ```ts
 * import { lpPool, tensor } from '@adjoint/core'
 * lpPool(tensor([[[3, 4, 6, 8]]]), { order: 2, kernel: 2 }).toArray() // => [[[5, 10]]]
 * ```
 * @throws ShapeError when no window fits; ArgumentError for an order that is 0 or not finite, and settings that are not
 * whole numbers.
 */
export function lpPool(x: Tensor, options: LpPoolOptions): Tensor {
  expectSettings('lpPool', options, ['order', 'kernel', 'stride', 'ceilMode'])
  const { order, ...windows } = options
  if (!Number.isFinite(order) || order === 0) {
    throw new ArgumentError(
      'lpPool',
      `order must be a finite number other than 0, got ${order}; for the largest magnitude take maxPool(abs(x), ...).`,
    )
  }
  const elements = poolAxes('lpPool', x, windows).reduce((product, { kernel }) => product * kernel, 1)
  const total = mul(averagePool(pow(x, order), windows), elements) as Tensor
  if (order === 1) return total
  // The root has no finite slope at 0, so there it is not taken.
  const isZero = equal(total, 0)
  return where(isZero, 0, pow(where(isZero, 1, total) as Tensor, 1 / order)) as Tensor
}
