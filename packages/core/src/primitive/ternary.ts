/** Three operands element by element, with broadcasting: the constructor of the `elementwise` kind for them. */

import { KERNEL_ELEMENTS, runKernel } from '../backend/kernels.ts'
import { runTernary, type TernaryLoop } from '../backend/strided.ts'
import { apply } from '../graph/apply.ts'
import { type DType, dtypeOfNumber, getDefaultDType, promote } from '../storage/dtype.ts'
import { toTensor } from '../tensor/create.ts'
import type { Keeps } from '../tensor/node.ts'
import { allocate, Tensor } from '../tensor/tensor.ts'
import { type DTypeRule, elementwiseResult } from './elementwise.ts'
import { type Derivative, type ElementwisePrimitive, NO_ATTRIBUTES, type Op, op } from './primitive.ts'
import type { TernaryOp } from './signatures.ts'

/** What is particular to a ternary elementwise op. */
export interface TernaryDeclaration {
  readonly name: string
  readonly dtype: DTypeRule
  readonly loop: TernaryLoop
  /** Derivatives of the output with respect to each input. */
  readonly derivatives: readonly [Derivative, Derivative, Derivative]
  /** What the derivatives read. */
  readonly keeps: Keeps
}

/** Declares a ternary elementwise op that is smooth for all real numbers. */
export function ternary(declaration: TernaryDeclaration): Op<TernaryOp> {
  const { name, dtype, loop, derivatives, keeps } = declaration
  const result = elementwiseResult(name, dtype)
  const primitive: ElementwisePrimitive = {
    name,
    kind: 'elementwise',
    keeps,
    derivatives,
    sample: draw => {
      const shape = draw.shape(0, 3)
      const full = draw.integer(0, 2)
      const shapes = [0, 1, 2].map(i => (i === full ? shape : draw.broadcastable(shape)))
      return { inputs: shapes.map(each => ({ shape: each })), attributes: NO_ATTRIBUTES }
    },
    result,
    forward: (inputs, attributes) => {
      const [x, y, z] = inputs
      const type = result(inputs, attributes)
      const output = allocate(type.shape, type.dtype)
      const isOneDType = x!.dtype === y!.dtype && x!.dtype === z!.dtype
      if (output.size >= KERNEL_ELEMENTS && isOneDType) {
        if (runKernel(name, x!.dtype, [x!, y!, z!], output, attributes)) return output
      }
      runTernary(loop, [x!, y!, z!], output)
      return output
    },
  }
  return op(primitive, ((x: Tensor | number, y: Tensor | number, z: Tensor | number) =>
    apply(primitive, threeOperands(name, [x, y, z]), NO_ATTRIBUTES)) as TernaryOp)
}

/** Operands as tensors; plain numbers take the dtype of the tensors beside them. */
function threeOperands(name: string, values: readonly (Tensor | number)[]): readonly Tensor[] {
  const dtypes = values.flatMap(value => (value instanceof Tensor ? [value.dtype] : []))
  const beside: DType = dtypes.length === 0 ? getDefaultDType() : dtypes.reduce(promote)
  return values.map(value =>
    toTensor(name, value, typeof value === 'number' ? dtypeOfNumber(value, beside) : beside),
  )
}
