import { hardTanh } from '../ops/hardTanh.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * max(0, x), but at most 6. `d relu6 = [0 < x < 6] dx`
 *
 * Kink policy: the derivative at 0 and 6 is 0.
 *
 * @example
 * ```ts
 * import { relu6, tensor } from '@adjoint/core'
 * relu6(tensor([-1, 3, 8])).toArray() // => [0, 3, 6]
 * ```
 */
export const relu6: UnaryOp = <S extends Shape>(x: Tensor<S>): Tensor<S> =>
  hardTanh(expectTensor('relu6', x) as Tensor<S>, { low: 0, high: 6 })
