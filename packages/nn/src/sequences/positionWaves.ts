import { arange, cast, cos, type DType, outer, sin, type Tensor, tensor } from '@adjoint/core/functional'

/** Where positions begin, and how far the slowest wave reaches. */
export interface PositionWaveOptions {
  readonly base: number
  readonly offset: number
  readonly dtype: DType
}

/** Sines and cosines of angles, `[time, ⌈features / 2⌉]` each. */
export interface PositionWaves {
  readonly sine: Tensor
  readonly cosine: Tensor
}

/**
 * Sine and cosine of the angles `position · base^(-2i/features)` of the positions `offset`, `offset + 1`, ...: what sinusoidal
 * and rotary encodings are made of. Constants, and computed in float64: at position 10000 a float32 angle would be off by a
 * thousandth.
 */
export function positionWaves(
  time: number,
  features: number,
  { base, offset, dtype }: PositionWaveOptions,
): PositionWaves {
  const frequencies = Array.from({ length: Math.ceil(features / 2) }, (_, i) => base ** ((-2 * i) / features))
  const positions = arange(offset, offset + time, 1, { dtype: 'float64' })
  const angles = outer(
    positions,
    tensor(frequencies, { dtype: 'float64', shape: [frequencies.length] }),
  ) as Tensor
  return { sine: cast(sin(angles), dtype), cosine: cast(cos(angles), dtype) }
}
