import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError, type InterpolateOptions, interpolate, type Tensor } from '@adjoint/core/functional'

/**
 * Signals, images or volumes of another size, `[batch, channels, ...space] -> [batch, channels, ...size]`, by one of the modes of
 * the function `interpolate`, whose settings it takes; `'nearest'` unless told otherwise.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { Upsample } from '@adjoint/nn'
 * new Upsample({ scale: 2 }).forward(tensor([[[1, 2]]])).toArray() // => [[[1, 1, 2, 2]]]
 * new Upsample({ scale: 2, mode: 'linear' }).forward(tensor([[[0, 4]]])).toArray() // => [[[0, 1, 3, 4]]]
 * ```
 */
export class Upsample {
  readonly settings: InterpolateOptions

  /** @throws ArgumentError unless there is either a size or a scale, and for settings that it does not know. */
  constructor(options: InterpolateOptions) {
    expectOptions('Upsample', options, [
      'size',
      'scale',
      'mode',
      'alignCorners',
      'antialias',
      'recomputeScale',
    ])
    if ((options?.size === undefined) === (options?.scale === undefined)) {
      throw new ArgumentError('Upsample', 'takes either size or scale.')
    }
    this.settings = Object.freeze({ ...options })
  }

  /** @throws ArgumentError for settings that do not go together; ShapeError for tensors of other ranks. */
  forward(input: Tensor): Tensor {
    return interpolate(input, this.settings)
  }

  toString(): string {
    const { size, scale, mode = 'nearest' } = this.settings
    const target = size === undefined ? `scale ${JSON.stringify(scale)}` : `size ${JSON.stringify(size)}`
    return `Upsample(${target}, ${mode})`
  }
}
