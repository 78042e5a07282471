import { expectTensor } from '../tensor/create.ts'
/** Ops that turn every line of elements along one axis into another line of the same length. */

import { forEachRow } from '../backend/strided.ts'
import { apply } from '../graph/apply.ts'
import { normalizeAxis } from '../shape/shape.ts'
import { type TypedArray, toFloating } from '../storage/dtype.ts'
import type { Keeps } from '../tensor/node.ts'
import { allocate, type Tensor } from '../tensor/tensor.ts'
import { type GeneralPrimitive, type Op, op } from './primitive.ts'
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
  /** Cotangent of the input from the cotangent of the output. */
  readonly vjp: (cotangent: Tensor, output: Tensor, axis: number) => Tensor
  /** Tangent of the output from the tangent of the input. */
  readonly jvp: (tangent: Tensor, output: Tensor, axis: number) => Tensor
  readonly keeps: Keeps
}

/** Declares an op along one axis (the last one by default); both rules read the output only. */
export function alongAxis(declaration: AlongAxisDeclaration): Op<AlongAxisOp> {
  const { name, loop, vjp, jvp, keeps } = declaration
  const primitive: GeneralPrimitive = {
    name,
    kind: 'general',
    keeps,
    vjp: (cotangent, { output, attributes }) => vjp(cotangent, output, attributes.axis as number),
    jvp: ([tangent], { output, attributes }) => jvp(tangent!, output, attributes.axis as number),
    sample: draw => {
      const shape = draw.shape(1, 3)
      return { inputs: [{ shape }], attributes: { axis: draw.integer(0, shape.length - 1) } }
    },
    forward: ([x], attributes) => runLines(x!, attributes.axis as number, loop),
  }
  return op(primitive, ((x: Tensor, axis = -1) =>
    apply(primitive, [x], { axis: normalizeAxis(name, axis, expectTensor(name, x).rank) })) as AlongAxisOp)
}

function runLines(x: Tensor, axis: number, loop: LineLoop): Tensor {
  const output = allocate(x.shape, toFloating(x.dtype))
  const length = x.shape[axis]!
  const others = (values: readonly number[]): number[] => values.filter((_, k) => k !== axis)
  const strides = [others(x.strides), others(output.strides)]
  forEachRow(others(x.shape), strides, [x.offset, output.offset], (count, at, step) => {
    for (let i = 0; i < count; i++) {
      const from = at[0]! + i * step[0]!
      const to = at[1]! + i * step[1]!
      loop(length, x.storage, from, x.strides[axis]!, output.storage, to, output.strides[axis]!)
    }
  })
  return output
}
