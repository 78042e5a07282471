import { maxPoolIndices } from '../ops/maxPoolIndices.ts'
import type { Selection } from '../primitive/signatures.ts'
import { expectSettings } from '../shape/arguments.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { MaxPoolOptions } from './maxPool.ts'
import { pickInPlanes, poolAxes } from './poolWindows.ts'

/**
 * {@link maxPool} and where each of the values was: int32 positions that count through the plane of one channel, row by row.
 * `maxUnpool` sends values back to them.
 *
 * @example
 * ```ts
 * import { maxPoolWithIndices, tensor } from '@adjoint/core'
 * const image = tensor([[[1, 5, 2, 0], [3, 4, 8, 6]]])
 * const { values, indices } = maxPoolWithIndices(image, { kernel: [2, 2] })
 * values.toArray() // => [[[5, 8]]]
 * indices.toArray() // => [[[1, 6]]]
 * ```
 * @throws ShapeError when no window fits; ArgumentError for settings that are not whole numbers, or too much padding.
 */
export function maxPoolWithIndices(x: Tensor, options: MaxPoolOptions): Selection {
  expectSettings('maxPool', options, ['kernel', 'stride', 'padding', 'dilation', 'ceilMode'])
  const axes = poolAxes('maxPool', x, options)
  const indices = maxPoolIndices(
    x,
    axes.map(({ outputs, kernel, stride, padding, dilation }) => ({
      kind: 'windows',
      outputs,
      kernel,
      stride,
      padding,
      dilation,
    })),
  )
  return { values: pickInPlanes(x, indices, axes.length), indices }
}
