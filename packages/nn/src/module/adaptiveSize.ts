/** Sizes that adaptive pooling gives, for each axis of the space. */

import { perAxis } from '@adjoint/core/engine'
import type { AdaptiveSize } from '@adjoint/core/functional'

/** One size for each axis of the space, checked; null keeps the size of an axis. */
export function adaptiveSizeOf(
  layer: string,
  axes: number,
  outputSize: AdaptiveSize,
): readonly (number | null)[] {
  if (!Array.isArray(outputSize)) return perAxis(layer, 'outputSize', outputSize as number, axes, 1)
  const list = outputSize as readonly (number | null)[]
  const filled = list.map(size => size ?? 1)
  perAxis(layer, 'outputSize', filled, axes, 1)
  return Object.freeze([...list])
}
