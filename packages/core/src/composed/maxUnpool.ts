import { overwrite } from '../ops/overwrite.ts'
import { reshape } from '../ops/reshape.ts'
import { expectIndexDType } from '../primitive/positions.ts'
import { expectSettings } from '../shape/arguments.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import { countSpace, type PerAxis, perAxis } from '../shape/perAxis.ts'
import { sameShape, sizeOf } from '../shape/shape.ts'
import { expectTensor, zeros } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Settings of {@link maxUnpool}: those of the pooling, or the size that it began with. */
export interface MaxUnpoolOptions {
  /** Size of a window of the pooling. Not needed beside `outputSize`. */
  readonly kernel?: PerAxis
  /** From one window to the next. Default: the kernel. */
  readonly stride?: PerAxis
  /** How far windows reached beyond each end. Default 0. */
  readonly padding?: PerAxis
  /** Size of the space of the result. Default: (windows - 1) stride - 2 padding + kernel. */
  readonly outputSize?: PerAxis
}

/**
 * Pooled values back at the places that they came from, zeros around them: `[batch, channels, ...windows] ->
 * [batch, channels, ...space]`. Where overlapping windows had one largest element, the last of the values stays, and only it
 * has a gradient.
 *
 * @example
 * ```ts
 * import { maxPoolWithIndices, maxUnpool, tensor } from '@adjoint/core'
 * const signal = tensor([[[3, 1, 2, 4, 9]]])
 * const { values, indices } = maxPoolWithIndices(signal, { kernel: 2 })
 * maxUnpool(values, indices, { kernel: 2 }).toArray() // => [[[3, 0, 0, 4]]]
 * maxUnpool(values, indices, { outputSize: 5 }).toArray() // => [[[3, 0, 0, 4, 0]]]
 * ```
 * @throws ShapeError unless values and indices have one shape; ArgumentError for an index outside of the plane.
 */
export function maxUnpool(x: Tensor, indices: Tensor, options: MaxUnpoolOptions): Tensor {
  expectSettings('maxUnpool', options, ['kernel', 'stride', 'padding', 'outputSize'])
  const { kernel, stride, padding = 0, outputSize } = options
  const { shape, dtype } = expectTensor('maxUnpool', x)
  expectIndexDType('maxUnpool', indices)
  if (!sameShape(shape, indices.shape)) {
    throw new ShapeError(
      'maxUnpool',
      `values ${formatShape(shape)} and indices ${formatShape(indices.shape)} must have one shape, as maxPoolWithIndices gives them.`,
      [shape, indices.shape],
    )
  }
  const count = countSpace('maxUnpool', shape, [kernel, stride, padding, outputSize])
  const lead = shape.length - count
  const planes = shape.slice(0, lead)
  const space =
    outputSize === undefined
      ? sizesBefore(shape.slice(lead), options)
      : perAxis('maxUnpool', 'outputSize', outputSize, count, 1)
  const flat = zeros([...planes, sizeOf(space)], { dtype }) as Tensor
  return reshape(overwrite(flat, indices, x, lead, lead), [...planes, ...space]) as Tensor
}

/** The smallest sizes that a pooling makes these of. */
function sizesBefore(
  windows: readonly number[],
  { kernel, stride, padding = 0 }: MaxUnpoolOptions,
): readonly number[] {
  const count = windows.length
  const [kernels, strides, paddings] = [
    perAxis('maxUnpool', 'kernel', kernel, count, 1),
    perAxis('maxUnpool', 'stride', stride ?? kernel, count, 1),
    perAxis('maxUnpool', 'padding', padding, count, 0),
  ]
  const space = windows.map((size, k) => (size - 1) * strides[k]! - 2 * paddings[k]! + kernels[k]!)
  if (space.every(size => size >= 1)) return space
  throw new ArgumentError('maxUnpool', `these settings leave no space: ${formatShape(space)}.`)
}
