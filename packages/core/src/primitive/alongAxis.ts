/** Ops that turn every line of elements along one axis into another line of the same length. */

import { KERNEL_ELEMENTS, runKernel } from '../backend/kernels.ts'
import { forEachRow } from '../backend/strided.ts'
import { apply, runUnrecorded } from '../graph/apply.ts'
import { lineAxes } from '../shape/shape.ts'
import { type DType, type TypedArray, toFloating } from '../storage/dtype.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Attributes, Keeps } from '../tensor/node.ts'
import { allocate, type Tensor } from '../tensor/tensor.ts'
import { type GeneralPrimitive, type NonDifferentiablePrimitive, type Op, op } from './primitive.ts'
import { shiftAxes } from './reduction.ts'
import type { CallSample, Domain, Draw } from './sample.ts'
import type { AlongAxisOp } from './signatures.ts'

/** Reads `count` elements of `x` and writes as many of `out`; the steps lead from one element of the line to the next. */
export type LineLoop = (
  count: number,
  x: TypedArray,
  xAt: number,
  xStep: number,
  out: TypedArray,
  outAt: number,
  outStep: number,
) => void

/** What is particular to such an op. */
export interface AlongAxisDeclaration {
  readonly name: string
  readonly loop: LineLoop
  /** Cotangent of the input from the cotangent of the output; `axes` is the axis, or nothing for a 0-d tensor. */
  readonly vjp: (cotangent: Tensor, output: Tensor, axes: readonly number[]) => Tensor
  /** Tangent of the output from the tangent of the input. */
  readonly jvp: (tangent: Tensor, output: Tensor, axes: readonly number[]) => Tensor
  readonly keeps: Keeps
  /** Default `real`. */
  readonly domain?: Domain
}

/** Attributes of ops along one axis: that axis in a list, which is empty for a 0-d tensor, a line of one element. */
export interface LineAttributes extends Attributes {
  readonly axes: readonly number[]
}

/** Declares an op along one axis (the last one by default); both rules read the output only. */
export function alongAxis(declaration: AlongAxisDeclaration): Op<AlongAxisOp> {
  const { name, loop, vjp, jvp, keeps, domain = 'real' } = declaration
  const axesOf = (attributes: Attributes): readonly number[] => (attributes as LineAttributes).axes
  const primitive: GeneralPrimitive = {
    name,
    kind: 'general',
    keeps,
    vjp: (cotangent, { output, attributes }) => vjp(cotangent, output, axesOf(attributes)),
    jvp: ([tangent], { output, attributes }) => jvp(tangent!, output, axesOf(attributes)),
    batch: shiftAxes,
    sample: draw => sampleLines(draw, domain),
    result: ([x]) => ({ shape: x!.shape, dtype: toFloating(x!.dtype) }),
    forward: ([x], attributes) =>
      runLines(name, x!, attributes as LineAttributes, toFloating(x!.dtype), loop),
  }
  return op(primitive, ((x: Tensor, axis = -1) =>
    apply(primitive, [x], { axes: lineAxes(name, axis, expectTensor(name, x).rank) })) as AlongAxisOp)
}

/** Declares an op along one axis that finds a position for every element: int32, without derivative. */
export function positionsAlongAxis(name: string, loop: LineLoop): Op<AlongAxisOp> {
  const primitive: NonDifferentiablePrimitive = {
    name,
    kind: 'nonDifferentiable',
    keeps: 'nothing',
    reason: 'an index is a whole number',
    batch: shiftAxes,
    sample: draw => sampleLines(draw, 'distinct'),
    result: ([x]) => ({ shape: x!.shape, dtype: 'int32' }),
    forward: ([x], attributes) => runLines(name, x!, attributes as LineAttributes, 'int32', loop),
  }
  return op(primitive, ((x: Tensor, axis = -1) =>
    runUnrecorded(primitive, [x], {
      axes: lineAxes(name, axis, expectTensor(name, x).rank),
    })) as AlongAxisOp)
}

/** Draws a call of an op along one axis, 0-d tensors among them. */
export function sampleLines(
  draw: Draw,
  domain: Domain = 'real',
): CallSample & { readonly attributes: LineAttributes } {
  const shape = draw.shape(0, 3)
  const axes = shape.length === 0 ? [] : [draw.integer(0, shape.length - 1)]
  return { inputs: [{ shape, domain }], attributes: { axes } }
}

/**
 * Runs a loop over every line of elements along an axis; without one, every element is a line. A kernel of that name goes
 * first.
 */
export function runLines(
  name: string,
  x: Tensor,
  attributes: LineAttributes,
  dtype: DType,
  loop: LineLoop,
): Tensor {
  const output = allocate(x.shape, dtype)
  if (x.size >= KERNEL_ELEMENTS && runKernel(name, x.dtype, [x], output, attributes)) return output
  const axis = attributes.axes[0] ?? -1
  const [length, xStep, outStep] =
    axis < 0 ? [1, 1, 1] : [x.shape[axis]!, x.strides[axis]!, output.strides[axis]!]
  const others = (values: readonly number[]): number[] => values.filter((_, k) => k !== axis)
  const strides = [others(x.strides), others(output.strides)]
  forEachRow(others(x.shape), strides, [x.offset, output.offset], (count, at, step) => {
    for (let i = 0; i < count; i++) {
      const from = at[0]! + i * step[0]!
      const to = at[1]! + i * step[1]!
      loop(length, x.storage, from, xStep, output.storage, to, outStep)
    }
  })
  return output
}
