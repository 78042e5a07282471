/** Rearranging elements without touching them: the constructor of the `movement` kind. */

import type { Attributes } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { BatchRule, MovementPrimitive, Transpose } from './primitive.ts'
import type { Sampler } from './sample.ts'

/** What is particular to a movement. */
export interface MovementDeclaration {
  readonly name: string
  /** The shape of the result, from that of the tensor; the dtype stays. */
  readonly shape: (from: readonly number[], attributes: Attributes) => readonly number[]
  /** The rearranged tensor: a view where possible. */
  readonly move: (x: Tensor, attributes: Attributes) => Tensor
  readonly transpose: Transpose
  readonly sample: Sampler
  readonly batch?: BatchRule
}

/** Declares a movement. Its rule reads no values, only shapes. */
export function movement(declaration: MovementDeclaration): MovementPrimitive {
  const { name, shape, move, transpose, sample, batch } = declaration
  return {
    name,
    kind: 'movement',
    keeps: 'nothing',
    transpose,
    sample,
    ...(batch && { batch }),
    result: ([x], attributes) => ({ shape: shape(x!.shape, attributes), dtype: x!.dtype }),
    forward: (inputs, attributes) => move(inputs[0]!, attributes),
  }
}
