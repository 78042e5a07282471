import { fractionalMaxPoolIndices } from '../ops/fractionalMaxPoolIndices.ts'
import type { Selection } from '../primitive/signatures.ts'
import { expectSettings } from '../shape/arguments.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import { countSpace, perAxis } from '../shape/perAxis.ts'
import { sameShape } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { FractionalMaxPoolOptions } from './fractionalMaxPool.ts'
import { pickInPlanes } from './poolWindows.ts'
import { uniform } from './random/uniform.ts'

/**
 * {@link fractionalMaxPool} and where each of the values was: int32 positions that count through the plane of one channel.
 *
 * @example
 * ```ts
 * import { fractionalMaxPoolWithIndices, Rng, tensor } from '@adjoint/core'
 * const signal = tensor([[[1, 9, 3, 4, 5]]])
 * const pooled = fractionalMaxPoolWithIndices(signal, { kernel: 2, outputSize: 2, rng: new Rng(0) })
 * pooled.indices.toArray() // => [[[1, 4]]]
 * ```
 * @throws ShapeError when the windows do not fit; ArgumentError for settings that are missing or not right.
 */
export function fractionalMaxPoolWithIndices(x: Tensor, options: FractionalMaxPoolOptions): Selection {
  const name = 'fractionalMaxPool'
  expectSettings(name, options, ['kernel', 'outputSize', 'outputRatio', 'rng', 'samples'])
  const { kernel, outputSize, outputRatio, rng, samples } = options
  const { shape } = expectTensor(name, x)
  const count = countSpace(name, shape, [kernel, outputSize, outputRatio])
  const lead = shape.slice(0, shape.length - count)
  const space = shape.slice(-count)
  const kernels = perAxis(name, 'kernel', kernel, count, 1)
  if ((outputSize === undefined) === (outputRatio === undefined)) {
    throw new ArgumentError(name, 'takes either outputSize or outputRatio.')
  }
  const ratios = typeof outputRatio === 'number' ? space.map(() => outputRatio) : outputRatio
  if (ratios !== undefined && !(ratios.length === count && ratios.every(ratio => ratio > 0 && ratio < 1))) {
    throw new ArgumentError(
      name,
      `outputRatio must be a number between 0 and 1, or one for each axis; got ${JSON.stringify(outputRatio)}.`,
    )
  }
  const outputs = perAxis(
    name,
    'outputSize',
    outputSize ?? space.map((size, k) => Math.floor(size * ratios![k]!)),
    count,
    1,
  )
  if (space.some((size, k) => outputs[k]! + kernels[k]! - 1 > size)) {
    throw new ShapeError(
      name,
      `windows of ${formatShape(kernels)} in ${formatShape(outputs)} places do not fit into ${formatShape(shape)}.`,
      [shape],
    )
  }
  if (samples !== undefined && !sameShape(samples.shape, [...lead, count])) {
    throw new ShapeError(
      name,
      `samples must be ${formatShape([...lead, count])}, one number for each plane and axis, got ${formatShape(samples.shape)}.`,
      [samples.shape],
    )
  }
  if (samples === undefined && rng === undefined) {
    throw new ArgumentError(name, 'draws the places of its windows: pass { rng: new Rng(seed) }.')
  }
  const drawn = samples ?? (uniform(rng!, [...lead, count], { dtype: 'float64' }) as Tensor)
  const indices = fractionalMaxPoolIndices(x, drawn, kernels, outputs)
  return { values: pickInPlanes(x, indices, count), indices }
}
