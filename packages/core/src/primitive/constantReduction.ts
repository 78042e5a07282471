/** Reductions whose result does not move with the elements: a position, a truth value. */

import { runUnrecorded } from '../graph/apply.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type NonDifferentiablePrimitive, type Op, op, type ReductionAttributes } from './primitive.ts'
import {
  countAlong,
  expectElements,
  type GroupLoop,
  reducedShape,
  reduceGroups,
  reductionAttributes,
  sampleReduction,
  shiftAxes,
} from './reduction.ts'
import type { ReductionOp, ReductionOptions } from './signatures.ts'

/** What is particular to such a reduction. */
export interface ConstantReductionDeclaration {
  readonly name: string
  /** What the loop returns: the position of an element in its group, as int32, or 1 or 0, as bool. */
  readonly result: 'position' | 'truth'
  /** The loop for groups of this many elements; it may keep memory between groups. */
  readonly loopFor: (count: number) => GroupLoop
}

/** Declares a reduction without derivative. There is no position in a group without elements: that is refused. */
export function constantReduction(declaration: ConstantReductionDeclaration): Op<ReductionOp> {
  const { name, result, loopFor } = declaration
  const isPosition = result === 'position'
  const dtype = isPosition ? 'int32' : 'bool'
  const primitive: NonDifferentiablePrimitive = {
    name,
    kind: 'nonDifferentiable',
    keeps: 'nothing',
    reason: isPosition ? 'an index is a whole number' : 'the result is true or false',
    batch: shiftAxes,
    sample: sampleReduction(isPosition ? 'distinct' : 'real', isPosition ? 1 : 0),
    result: ([x], attributes) => {
      const reduction = attributes as ReductionAttributes
      if (isPosition) expectElements(name, x!, reduction.axes)
      return { shape: reducedShape(x!.shape, reduction.axes, reduction.keepDims), dtype }
    },
    forward: ([x], attributes) => {
      const reduction = attributes as ReductionAttributes
      if (isPosition) expectElements(name, x!, reduction.axes)
      const loop = loopFor(countAlong(x!.shape, reduction.axes))
      return reduceGroups(name, x!, reduction, dtype, loop)
    },
  }
  return op(primitive, ((x: Tensor, axis?: number | readonly number[], options?: ReductionOptions) =>
    runUnrecorded(
      primitive,
      [expectTensor(name, x)],
      reductionAttributes(name, x, axis, options),
    )) as ReductionOp)
}
