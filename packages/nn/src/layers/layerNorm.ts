import { expectOptions, formatShape } from '@adjoint/core/engine'
import { type Dim, layerNorm, type Parameter, type Shape, type Tensor } from '@adjoint/core/functional'
import { AFFINE_SETTINGS, type AffineSettings, affineParameters } from '../module/affineParameters.ts'
import type { ForwardContext, ShapeRule } from '../module/module.ts'
import type { Entering } from '../module/shapes.ts'
import { expectTensor } from '../module/shown.ts'
import { expectSizes } from '../module/wholeNumber.ts'
import { expectNormEpsilon } from './batchNorm.ts'

/** The sizes of the last axes, given as a list or as the one of the last axis. */
export type LastAxes<Size extends number | readonly number[]> = Size extends readonly number[]
  ? Size
  : [Size & number]

/** What enters a norm of the last axes. The second half is for generic code, where the size of the last axis is a type. */
export type EnteringNorm<S extends Shape, Size extends number | readonly number[]> =
  | Entering<S, LastAxes<Size>>
  | (Tensor<S> & Tensor<readonly [...Dim[], Size & number]>)

/**
 * Layer norm: each example is brought to the mean 0 and the variance 1 over its last axes, then scaled and moved, place by
 * place, y = (x - mean) / √(variance + epsilon) * weight + bias. `[...batch, ...shape] -> [...batch, ...shape]`. The same
 * in training and afterwards. `affine` is true by default. Source: J. Ba, J. Kiros and G. Hinton, "Layer normalization", 2016.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { LayerNorm } from '@adjoint/nn'
 * new LayerNorm(2, { epsilon: 0 }).forward(tensor([[1, 3], [-5, 5]])).toArray() // => [[-1, 1], [-1, 1]]
 * ```
 */
export class LayerNorm<const Size extends number | readonly number[] = number | readonly number[]> {
  readonly shape: readonly number[]
  readonly epsilon: number
  readonly weight: Parameter | null
  readonly bias: Parameter | null
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'keepsLast', LastAxes<Size>>

  /**
   * @param shape sizes of the last axes, or of the last one
   * @throws ArgumentError for sizes that are not whole numbers from 1 up, an epsilon below 0, an unknown setting, or an
   * initialiser that returns another shape or dtype.
   */
  constructor(shape: Size, settings: AffineSettings = {}) {
    expectOptions('LayerNorm', settings, AFFINE_SETTINGS)
    this.shape = expectNormShape('LayerNorm', shape)
    this.epsilon = expectNormEpsilon('LayerNorm', settings.epsilon ?? 1e-5)
    const { weight, bias } = affineParameters('LayerNorm', this.shape, settings.affine ?? true, settings)
    this.weight = weight
    this.bias = bias
  }

  /** @throws ShapeError when the shape of the input does not end in `shape`; ArgumentError when it is no tensor. */
  forward<S extends Shape>(input: EnteringNorm<S, Size>, _context?: ForwardContext): Tensor<S>
  forward(input: Tensor): Tensor {
    expectTensor(String(this), 'input', input)
    const { weight, bias, epsilon } = this
    return layerNorm(input, this.shape, { weight, bias, epsilon })
  }

  /** `LayerNorm([64])`, as summaries and messages show it. */
  toString(): string {
    return `LayerNorm(${formatShape(this.shape)})`
  }
}

/** Sizes of the axes that are normalised. */
export function expectNormShape(layer: string, shape: number | readonly number[]): readonly number[] {
  const sizes = typeof shape === 'number' ? [shape] : [...shape]
  expectSizes(layer, Object.fromEntries(sizes.map((size, i) => [`size ${i} of the shape`, size])))
  if (sizes.length === 0) expectSizes(layer, { 'the number of axes': 0 })
  return sizes
}
