import { expectOptions, formatShape } from '@adjoint/core/engine'
import { type Parameter, rmsNorm, type Shape, type Tensor } from '@adjoint/core/functional'
import { type AffineSettings, affineParameters } from '../module/affineParameters.ts'
import type { ForwardContext, ShapeRule } from '../module/module.ts'
import { expectTensor } from '../module/shown.ts'
import { expectNormEpsilon } from './batchNorm.ts'
import { type EnteringNorm, expectNormShape, type LastAxes } from './layerNorm.ts'

/** Settings of {@link RMSNorm}: `epsilon` is 1e-6 and `affine` true by default. */
export type RMSNormSettings = Omit<AffineSettings, 'bias' | 'biasInitializer'>

/**
 * RMS norm: each example is divided by the root of its mean square over its last axes, then scaled, place by place,
 * y = x / √(mean x² + epsilon) * weight. `[...batch, ...shape] -> [...batch, ...shape]`. The same in training and
 * afterwards. Source: B. Zhang and R. Sennrich, "Root mean square layer normalization", 2019.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { RMSNorm } from '@adjoint/nn'
 * new RMSNorm(4, { epsilon: 0 }).forward(tensor([[3, 4, 0, 0]])).toArray() // => [[1.2, 1.6, 0, 0]]
 * ```
 */
export class RMSNorm<const Size extends number | readonly number[] = number | readonly number[]> {
  readonly shape: readonly number[]
  readonly epsilon: number
  readonly weight: Parameter | null
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'keepsLast', LastAxes<Size>>

  /**
   * @param shape sizes of the last axes, or of the last one
   * @throws ArgumentError for sizes that are not whole numbers from 1 up, an epsilon below 0, an unknown setting, or an
   * initialiser that returns another shape or dtype.
   */
  constructor(shape: Size, settings: RMSNormSettings = {}) {
    expectOptions('RMSNorm', settings, ['epsilon', 'affine', 'weightInitializer', 'dtype'])
    this.shape = expectNormShape('RMSNorm', shape)
    this.epsilon = expectNormEpsilon('RMSNorm', settings.epsilon ?? 1e-6)
    const { affine = true } = settings
    this.weight = affineParameters('RMSNorm', this.shape, affine, { ...settings, bias: false }).weight
  }

  /** @throws ShapeError when the shape of the input does not end in `shape`; ArgumentError when it is no tensor. */
  forward<S extends Shape>(input: EnteringNorm<S, Size>, _context?: ForwardContext): Tensor<S>
  forward(input: Tensor): Tensor {
    expectTensor(String(this), 'input', input)
    const { weight, epsilon } = this
    return rmsNorm(input, this.shape, { weight, epsilon })
  }

  /** `RMSNorm([64])`, as summaries and messages show it. */
  toString(): string {
    return `RMSNorm(${formatShape(this.shape)})`
  }
}
