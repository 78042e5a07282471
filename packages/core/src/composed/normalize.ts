import { div } from '../ops/div.ts'
import { maximum } from '../ops/maximum.ts'
import { norm } from '../ops/norm.ts'
import { expectOptions } from '../shape/arguments.ts'
import { reducedAxes } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { expectNumber, expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Settings of {@link normalize}. */
export interface NormalizeOptions {
  /** The p of the norm. Default 2. */
  readonly order?: number
  /** Vectors shorter than this are divided by it instead of by their norm. Default 1e-12. */
  readonly epsilon?: number
}

/**
 * Vectors along an axis (the last one by default), or along several, divided by their norm, x / max(‖x‖, epsilon): of
 * length 1, but for vectors shorter than epsilon.
 *
 * Kink policy: the vector 0 stays 0. Within epsilon of it the function is x / epsilon, and the derivative 1 / epsilon.
 *
 * @example
 * ```ts
 * import { normalize, tensor } from '@adjoint/core'
 * normalize(tensor([[3, 4], [0, 0]])).toArray() // => [[0.6, 0.8], [0, 0]]
 * ```
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export function normalize<S extends Shape>(
  x: Tensor<S>,
  axis: number | readonly number[] = -1,
  options: NormalizeOptions = {},
): Tensor<S> {
  expectOptions('normalize', options, ['order', 'epsilon'])
  const { order = 2, epsilon = 1e-12 } = options
  const input: Tensor = expectTensor('normalize', x)
  const length = norm(input, reducedAxes('normalize', axis, input.rank), { order, keepDims: true })
  return div(input, maximum(length, expectNumber('normalize', 'epsilon', epsilon))) as unknown as Tensor<S>
}
