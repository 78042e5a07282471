import { cast } from '../ops/cast.ts'
import { pow } from '../ops/pow.ts'
import { operands } from '../primitive/elementwise.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import { scalar } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * x to the power y in float64, whatever the dtypes of the operands, broadcast: for whole numbers whose power is a
 * fraction, or too large for int32. Derivatives and kink policy are those of {@link pow}.
 *
 * @example
 * ```ts
 * import { floatPower, tensor } from '@adjoint/core'
 * floatPower(tensor([2, 10], { dtype: 'int32' }), -1).toArray() // => [0.5, 0.1]
 * ```
 * @throws ShapeError when the shapes do not broadcast.
 */
export const floatPower: BinaryOp = ((x: Tensor | number, y: Tensor | number) => {
  const left = inDouble(x)
  const [base, exponent] = operands(
    'floatPower',
    typeof left === 'number' && typeof y === 'number' ? scalar(left, 'float64') : left,
    inDouble(y),
  )
  return pow(base, exponent)
}) as BinaryOp

/** A tensor in float64; numbers follow the tensor beside them. */
function inDouble(value: Tensor | number): Tensor | number {
  return typeof value === 'number' ? value : cast(value, 'float64')
}
