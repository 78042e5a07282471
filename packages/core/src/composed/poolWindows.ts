/** Settings of windows that slide over space, and how many fit. Not public. */

import { pick } from '../ops/pick.ts'
import { reshape } from '../ops/reshape.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import { countSpace, type PerAxis, perAxis } from '../shape/perAxis.ts'
import { sizeOf } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { PoolOptions } from './maxPool.ts'

/** The windows along one axis of the space, with its size and their number. */
export interface PoolAxis {
  readonly size: number
  readonly outputs: number
  readonly kernel: number
  readonly stride: number
  readonly padding: number
  readonly dilation: number
}

/** The windows of each axis of the space of a tensor, checked. */
export function poolAxes(
  op: string,
  x: Tensor,
  options: PoolOptions & { readonly dilation?: PerAxis },
): readonly PoolAxis[] {
  const { kernel, stride, padding = 0, dilation = 1, ceilMode = false } = options
  const { shape } = expectTensor(op, x)
  const count = countSpace(op, shape, [kernel, stride, padding, dilation])
  const settings = {
    kernel: perAxis(op, 'kernel', kernel, count, 1),
    stride: perAxis(op, 'stride', stride ?? kernel, count, 1),
    padding: perAxis(op, 'padding', padding, count, 0),
    dilation: perAxis(op, 'dilation', dilation, count, 1),
  }
  if (typeof ceilMode !== 'boolean') {
    throw new ArgumentError(op, `ceilMode must be true or false, got ${JSON.stringify(ceilMode)}.`)
  }
  return shape.slice(-count).map((size, k): PoolAxis => {
    const [kernel, stride] = [settings.kernel[k]!, settings.stride[k]!]
    const [padding, dilation] = [settings.padding[k]!, settings.dilation[k]!]
    if (2 * padding > kernel) {
      throw new ArgumentError(
        op,
        `padding ${padding} is more than half of the kernel ${kernel}: a window could lie outside altogether. Pad the tensor instead.`,
      )
    }
    const rest = size + 2 * padding - dilation * (kernel - 1) - 1
    let outputs = (ceilMode ? Math.ceil(rest / stride) : Math.floor(rest / stride)) + 1
    // A window that begins behind the end would see nothing but padding.
    if (ceilMode && (outputs - 1) * stride >= size + padding) outputs--
    if (size < 1 || outputs < 1 || missesAll(size, { outputs, stride, padding, dilation })) {
      throw new ShapeError(
        op,
        `no window of ${kernel} (dilation ${dilation}, padding ${padding}) fits into an axis of ${size} of ${formatShape(shape)}; ` +
          'use a smaller kernel, or pad the tensor.',
        [shape],
      )
    }
    return { size, outputs, kernel, stride, padding, dilation }
  })
}

/** Whether a window that begins in the padding steps over all elements, as dilation makes possible. */
function missesAll(
  size: number,
  { outputs, stride, padding, dilation }: Pick<PoolAxis, 'outputs' | 'stride' | 'padding' | 'dilation'>,
): boolean {
  for (let i = 0; i < outputs && i * stride < padding; i++) {
    const start = i * stride - padding
    if (start + dilation * Math.ceil(-start / dilation) >= size) return true
  }
  return false
}

/** The elements at positions that count through the last `count` axes; batch and channels keep theirs. */
export function pickInPlanes(x: Tensor, indices: Tensor, count: number): Tensor {
  const lead = x.rank - count
  const planes = x.shape.slice(0, lead)
  const flat = reshape(x, [...planes, sizeOf(x.shape.slice(lead))]) as Tensor
  return pick(flat, indices, lead, lead)
}

/** The sizes that an adaptive pooling gives; `null` keeps the size of an axis. */
export function adaptiveSizes(
  op: string,
  x: Tensor,
  outputSize: number | readonly (number | null)[],
): readonly number[] {
  const { shape } = expectTensor(op, x)
  const count = countSpace(op, shape, [outputSize])
  const space = shape.slice(-count)
  const isList = Array.isArray(outputSize)
  const filled = isList
    ? (outputSize as readonly (number | null)[]).map((size, k) => size ?? space[k]!)
    : (outputSize as number)
  if (space.includes(0)) {
    throw new ShapeError(op, `there is nothing to pool in ${formatShape(shape)}.`, [shape])
  }
  return perAxis(op, 'outputSize', filled, count, 1)
}
