/** One number for each group of elements: the constructor of the `reduction` kind. */

import { KERNEL_ELEMENTS, runKernel } from '../backend/kernels.ts'
import { forEachRow } from '../backend/strided.ts'
import { apply } from '../graph/apply.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, formatShape } from '../shape/errors.ts'
import { reducedAxes, stridesOf } from '../shape/shape.ts'
import type { DType, TypedArray } from '../storage/dtype.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Attributes, Keeps } from '../tensor/node.ts'
import { allocate, compact, type Tensor, viewOf } from '../tensor/tensor.ts'
import { type Op, op, type ReductionAttributes, type ReductionPrimitive } from './primitive.ts'
import type { Domain, Sampler } from './sample.ts'
import type { ReductionOp, ReductionOptions } from './signatures.ts'

/** The result for one group: `count` elements of `x`, the first at `at`, the next ones `step` further each. */
export type GroupLoop = (count: number, x: TypedArray, at: number, step: number) => number

/** What is particular to a reduction. */
export interface ReductionDeclaration {
  readonly name: string
  /** The dtype of the result for a given input. */
  readonly dtype: (input: DType) => DType
  readonly loop: GroupLoop
  /** Derivative of the result with respect to each element, in the shape of the input. */
  readonly derivative: ReductionPrimitive['derivative']
  readonly keeps: Keeps
  readonly domain: Domain
  /** Refuses groups that the reduction has no result for. */
  readonly expectGroups?: (op: string, x: Tensor, axes: readonly number[]) => void
  /** Smallest size of an axis in the laws: 1 for reductions without a result for no elements. */
  readonly smallestGroup?: 0 | 1
}

/** Declares a reduction. */
export function reduction(declaration: ReductionDeclaration): Op<ReductionOp> {
  const { name, dtype, loop, derivative, keeps, domain, expectGroups, smallestGroup = 0 } = declaration
  const primitive: ReductionPrimitive = {
    name,
    kind: 'reduction',
    keeps,
    derivative,
    sample: sampleReduction(domain, smallestGroup),
    result: ([x], attributes) => {
      const { axes, keepDims } = attributes as ReductionAttributes
      expectGroups?.(name, x!, axes)
      return { shape: reducedShape(x!.shape, axes, keepDims), dtype: dtype(x!.dtype) }
    },
    forward: (inputs, attributes) => {
      const reduction = attributes as ReductionAttributes
      expectGroups?.(name, inputs[0]!, reduction.axes)
      return reduceGroups(name, inputs[0]!, reduction, dtype(inputs[0]!.dtype), loop)
    },
  }
  return op(primitive, ((x: Tensor, axis?: number | readonly number[], options?: ReductionOptions) => {
    const input = expectTensor(name, x)
    return apply(primitive, [input], reductionAttributes(name, input, axis, options))
  }) as ReductionOp)
}

/** Checked attributes of a reduction of `x`. */
export function reductionAttributes(
  name: string,
  x: Tensor,
  axis: number | readonly number[] | undefined,
  options: ReductionOptions | undefined,
): ReductionAttributes {
  expectOptions(name, options, ['keepDims'])
  return { axes: reducedAxes(name, axis, expectTensor(name, x).rank), keepDims: options?.keepDims ?? false }
}

/** The batch rule of whatever has the attributes of a reduction: the same axes, one further. */
export function shiftAxes(attributes: Attributes): Attributes {
  const { axes } = attributes as ReductionAttributes
  return { ...attributes, axes: axes.map(axis => axis + 1) }
}

/** Draws calls of a reduction. */
export function sampleReduction(domain: Domain, smallestGroup: 0 | 1): Sampler {
  return draw => {
    const shape = draw.shape(0, 3).map(size => Math.max(size, smallestGroup))
    const attributes: ReductionAttributes = { axes: draw.axes(shape.length), keepDims: draw.boolean() }
    return { inputs: [{ shape, domain }], attributes }
  }
}

/** Number of elements in each group along some axes. */
export function countAlong(shape: readonly number[], axes: readonly number[]): number {
  let count = 1
  for (let i = 0; i < axes.length; i++) count *= shape[axes[i]!]!
  return count
}

/** The shape that is left after a reduction over `axes`. */
export function reducedShape(shape: readonly number[], axes: readonly number[], keepDims: boolean): number[] {
  const reduced: number[] = []
  for (let axis = 0; axis < shape.length; axis++) {
    if (!axes.includes(axis)) reduced.push(shape[axis]!)
    else if (keepDims) reduced.push(1)
  }
  return reduced
}

/** Runs a loop over every group of elements along axes; one result per group. A kernel of the name, if any, goes first. */
export function reduceGroups(
  name: string | undefined,
  x: Tensor,
  attributes: ReductionAttributes,
  dtype: DType,
  loop: GroupLoop,
): Tensor {
  const { axes, keepDims } = attributes
  const output = allocate(reducedShape(x.shape, axes, keepDims), dtype)
  if (output.size === 0) return output
  if (x.size >= KERNEL_ELEMENTS && name !== undefined) {
    if (runKernel(name, x.dtype, [x], output, attributes)) return output
  }
  const { storage, offset } = output
  // The common cases first: everything, or one axis of a matrix, needs no rearranging.
  if (axes.length === x.rank && x.contiguous) {
    storage[offset] = loop(x.size, x.storage, x.offset, 1)
    return output
  }
  if (axes.length === 1 && x.rank === 2) {
    const [axis, kept] = axes[0] === 0 ? [0, 1] : [1, 0]
    const [count, step, stride] = [x.shape[axis]!, x.strides[axis]!, x.strides[kept]!]
    for (let i = 0; i < output.size; i++)
      storage[offset + i] = loop(count, x.storage, x.offset + i * stride, step)
    return output
  }
  const groups = groupsOf(x, axes)
  const strides = [groups.strides, stridesOf(groups.shape)]
  forEachRow(groups.shape, strides, [groups.offset, offset], (count, at, step) => {
    for (let i = 0; i < count; i++) {
      const first = at[0]! + i * step[0]!
      storage[at[1]! + i * step[1]!] = loop(groups.count, groups.storage, first, groups.step)
    }
  })
  return output
}

/** The kept axes of a tensor, and the run of elements that belongs to each of their positions. */
interface Groups {
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  readonly storage: TypedArray
  readonly offset: number
  readonly count: number
  readonly step: number
}

/** Sees the elements along `axes` as runs with one stride; copies the tensor when they are not. */
function groupsOf(x: Tensor, axes: readonly number[]): Groups {
  const kept = x.shape.map((_, axis) => axis).filter(axis => !axes.includes(axis))
  const run = runOf(
    axes.map(axis => x.shape[axis]!),
    axes.map(axis => x.strides[axis]!),
  )
  if (run === undefined) {
    const order = [...kept, ...axes]
    const shape = order.map(axis => x.shape[axis]!)
    const sorted = compact(
      viewOf(
        x,
        shape,
        order.map(axis => x.strides[axis]!),
        x.offset,
      ),
    )
    return groupsOf(
      sorted,
      axes.map((_, i) => kept.length + i),
    )
  }
  return {
    shape: kept.map(axis => x.shape[axis]!),
    strides: kept.map(axis => x.strides[axis]!),
    storage: x.storage,
    offset: x.offset,
    count: run.count,
    step: run.step,
  }
}

/** Several axes as one, when their elements are equally far apart. */
function runOf(
  sizes: readonly number[],
  strides: readonly number[],
): { count: number; step: number } | undefined {
  let count = 1
  let step = 1
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    const size = sizes[axis]!
    if (size === 0) return { count: 0, step: 1 }
    if (size === 1) continue
    if (count === 1) step = strides[axis]!
    else if (strides[axis] !== step * count) return undefined
    count *= size
  }
  return { count, step }
}

/** Refuses to reduce groups without elements: for reductions that would have nothing to return. */
export function expectElements(op: string, x: Tensor, axes: readonly number[]): void {
  if (axes.some(axis => x.shape[axis] === 0)) {
    throw new ArgumentError(
      op,
      `there is no element to choose from along ${axes.length === 1 ? 'axis' : 'axes'} ${axes.join(', ')} of shape ${formatShape(x.shape)}.`,
    )
  }
}
