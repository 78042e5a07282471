import { expectOptions } from '@adjoint/core/engine'
import {
  ArgumentError,
  full,
  Parameter,
  prelu,
  reshape,
  type Shape,
  ShapeError,
  type Tensor,
} from '@adjoint/core/functional'
import { expectTensor } from '../module/shown.ts'
import { expectWhole } from '../module/wholeNumber.ts'

/** Settings of {@link Prelu}. */
export interface PreluOptions {
  /** Number of slopes: 1 for all channels together, or one for each. Default 1. */
  readonly channels?: number
  /** First value of every slope. Default 0.25. */
  readonly slope?: number
  /** Default: the default dtype, float32. */
  readonly dtype?: 'float32' | 'float64'
}

/**
 * The rectifier with learned slopes: z where z > 0, slope z elsewhere. `[batch, channels, ...] -> [batch, channels, ...]`;
 * with a single slope any shape. No weight decay belongs on the slopes.
 * He et al., Delving deep into rectifiers, 2015.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { Prelu } from '@adjoint/nn'
 * new Prelu().forward(tensor([-8, 8])).toArray() // => [-2, 8]
 * ```
 */
export class Prelu {
  readonly weight: Parameter<[number]>

  /** @throws ArgumentError for channels that are not a whole number from 1 up, and a slope that is not finite. */
  constructor(options: PreluOptions = {}) {
    expectOptions('Prelu', options, ['channels', 'slope', 'dtype'])
    const { channels = 1, slope = 0.25, dtype } = options
    expectWhole('Prelu', 'channels', channels)
    if (!Number.isFinite(slope)) {
      throw new ArgumentError('Prelu', `the slope must be finite, got ${slope}.`)
    }
    this.weight = new Parameter(full([channels], slope, dtype === undefined ? {} : { dtype }), 'weight')
  }

  /** @throws ShapeError when there are several slopes and the input has another number of channels, on axis 1. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<S>
  forward(input: Tensor): Tensor {
    expectTensor('Prelu', 'input', input)
    const weight: Tensor = this.weight
    if (weight.size === 1) return prelu(input, weight)
    if (input.shape[1] !== weight.size) {
      const problem = `has ${weight.size} slopes, one for each channel, and takes [batch, ${weight.size}, ...]`
      throw new ShapeError('Prelu', `${problem}, got [${input.shape.join(', ')}].`, [input.shape])
    }
    return prelu(input, reshape(weight, [weight.size, ...input.shape.slice(2).map(() => 1)]))
  }

  toString(): string {
    return this.weight.size === 1 ? 'Prelu()' : `Prelu(${this.weight.size})`
  }
}
