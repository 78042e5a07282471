/** The learned factors and offsets of a norm. */

import type { Parameter } from '@adjoint/core/functional'
import { ones, zeros } from '../initializers/constant.ts'
import type { Initializer } from '../initializers/initializer.ts'
import { type FloatingDType, newParameter, parameterDType } from './newParameter.ts'

/** Settings of every norm that learns factors and offsets. */
export interface AffineSettings {
  /** Added to the variance under the root. Default 1e-5. */
  readonly epsilon?: number
  /** Whether factors and offsets are learned. */
  readonly affine?: boolean
  /** Whether there are offsets, where factors are learned. Default true. */
  readonly bias?: boolean
  /** First factors. Default: ones. */
  readonly weightInitializer?: Initializer
  /** First offsets. Default: zeros. */
  readonly biasInitializer?: Initializer
  /** Default: the default dtype, float32. */
  readonly dtype?: FloatingDType
}

/** Names of {@link AffineSettings}. */
export const AFFINE_SETTINGS: readonly (keyof AffineSettings)[] = [
  'epsilon',
  'affine',
  'bias',
  'weightInitializer',
  'biasInitializer',
  'dtype',
]

/** New factors and offsets, null for those that are not learned. */
export function affineParameters(
  layer: string,
  shape: readonly number[],
  isAffine: boolean,
  settings: AffineSettings,
): { readonly weight: Parameter | null; readonly bias: Parameter | null } {
  const dtype = parameterDType(settings.dtype)
  const { bias = true, weightInitializer = ones, biasInitializer = zeros } = settings
  return {
    weight: isAffine ? newParameter(layer, 'weight', shape, weightInitializer, { dtype }) : null,
    bias: isAffine && bias ? newParameter(layer, 'bias', shape, biasInitializer, { dtype }) : null,
  }
}
