import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError, type Tensor, tensor } from '@adjoint/core/functional'
import { shown } from '../module/shown.ts'
import { expectWhole } from '../module/wholeNumber.ts'

/** Settings of {@link alibiBias}. */
export interface AlibiOptions {
  /** Position of the first query among the keys. Default 0. */
  readonly queryOffset?: number
  /** Default: the default dtype, float32. */
  readonly dtype?: 'float32' | 'float64'
}

/**
 * A bias for attention that grows less with the distance: -slope · |i - j| for query i and key j, `[heads, queries, keys]`,
 * with another slope in each head. Given as `mask`, it takes the place of a positional encoding; a model that was trained
 * with it reads longer sequences than it has seen. A constant.
 *
 * For a power of two, head h of H has slope 2^(-8 (h + 1) / H). Otherwise the slopes of the power of two below come first, then
 * every other one of those of the power above.
 *
 * Source: O. Press, N. Smith and M. Lewis, "Train Short, Test Long: Attention with Linear Biases Enables Input Length
 * Extrapolation", 2021.
 *
 * @example
 * ```ts
 * import { alibiBias } from '@adjoint/nn'
 * alibiBias(8, 1, 3, { queryOffset: 2 }).slice(0).toArray() // => [[-1, -0.5, 0]]
 * ```
 * @throws ArgumentError for sizes that are not whole numbers from 0 up (`heads` from 1 up), or an offset that is not whole.
 */
export function alibiBias(heads: number, queries: number, keys: number, options: AlibiOptions = {}): Tensor {
  expectOptions('alibiBias', options, ['queryOffset', 'dtype'])
  const { queryOffset = 0, dtype = tensor(0).dtype as 'float32' } = options
  expectWhole('alibiBias', 'heads', heads)
  expectWhole('alibiBias', 'queries', queries, 0)
  expectWhole('alibiBias', 'keys', keys, 0)
  if (!Number.isSafeInteger(queryOffset)) {
    throw new ArgumentError('alibiBias', `queryOffset must be a whole number, got ${shown(queryOffset)}.`)
  }
  const values = new Float64Array(heads * queries * keys)
  const slopes = slopesOf(heads)
  for (let head = 0; head < heads; head++) {
    for (let i = 0; i < queries; i++) {
      for (let j = 0; j < keys; j++) {
        values[(head * queries + i) * keys + j] = 0 - slopes[head]! * Math.abs(i + queryOffset - j)
      }
    }
  }
  return tensor(values, { shape: [heads, queries, keys], dtype })
}

function slopesOf(heads: number): number[] {
  const below = 2 ** Math.floor(Math.log2(heads))
  const slopes = Array.from({ length: below }, (_, h) => 2 ** ((-8 * (h + 1)) / below))
  if (below === heads) return slopes
  const finer = slopesOf(2 * below).filter((_, h) => h % 2 === 0)
  return [...slopes, ...finer.slice(0, heads - below)]
}
