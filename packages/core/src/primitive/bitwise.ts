/** Binary elementwise ops on the bits of whole numbers and on truth values: none has a derivative. */

import type { BinaryLoop } from '../backend/strided.ts'
import { runUnrecorded } from '../graph/apply.ts'
import { DTypeError } from '../shape/errors.ts'
import { isFloating } from '../storage/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { elementwiseResult, mapBinary, operands } from './elementwise.ts'
import { NO_ATTRIBUTES, type NonDifferentiablePrimitive, type Op, op } from './primitive.ts'
import type { BinaryOp } from './signatures.ts'

/** What is particular to an op on bits. */
export interface BitwiseDeclaration {
  readonly name: string
  /** `same`: two bools give a bool; `number`: they count as int32. */
  readonly dtype: 'same' | 'number'
  readonly loop: BinaryLoop
}

/** Declares a binary op on int32 and bool tensors. */
export function bitwise(declaration: BitwiseDeclaration): Op<BinaryOp> {
  const { name, dtype, loop } = declaration
  const primitive: NonDifferentiablePrimitive = {
    name,
    kind: 'nonDifferentiable',
    keeps: 'nothing',
    reason: 'bits are no real numbers',
    batch: 'leading',
    sample: draw => {
      const shape = draw.shape(0, 3)
      const other = draw.broadcastable(shape)
      return {
        inputs: [
          { shape, dtype: 'int32', below: 100 },
          draw.boolean()
            ? { shape: other, dtype: 'int32', below: 35 }
            : { shape: other, dtype: 'bool', below: 2 },
        ],
        attributes: NO_ATTRIBUTES,
      }
    },
    result: elementwiseResult(name, dtype),
    forward: ([x, y], attributes) => mapBinary(name, dtype, loop, x!, y!, attributes),
  }
  return op(primitive, ((x: Tensor | number, y: Tensor | number) => {
    const inputs = operands(name, x, y)
    for (const { dtype: found } of inputs) {
      if (isFloating(found)) {
        throw new DTypeError(
          name,
          `works on the bits of int32 and bool tensors, got ${found}; cast to int32 or bool first.`,
          inputs.map(input => input.dtype),
        )
      }
    }
    return runUnrecorded(primitive, inputs, NO_ATTRIBUTES)
  }) as BinaryOp)
}
