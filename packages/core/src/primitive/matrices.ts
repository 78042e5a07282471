/** Ops on the matrices that the last two axes hold: their checks, and the walk over a batch of them in float64. */

import { broadcastShapes, broadcastStrides } from '../shape/broadcast.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { sizeOf, stridesOf } from '../shape/shape.ts'
import { type DType, promote, toFloating } from '../storage/dtype.ts'
import { expectTensor } from '../tensor/create.ts'
import type { ResultType, ShapeRule } from '../tensor/node.ts'
import { allocateResult, compact, type Tensor } from '../tensor/tensor.ts'
import { type GeneralPrimitive, NO_ATTRIBUTES } from './primitive.ts'
import type { Draw, MatrixKind, Sampler } from './sample.ts'

/** A tensor of at least two axes. */
export function expectMatrices(name: string, x: Tensor): Tensor {
  if (expectTensor(name, x).rank >= 2) return x
  throw new ShapeError(name, `takes matrices, so at least two axes; got ${formatShape(x.shape)}.`, [x.shape])
}

/** A tensor whose last two axes are equally long. */
export function expectSquare(name: string, x: Tensor): Tensor {
  const [rows, columns] = expectMatrices(name, x).shape.slice(-2)
  if (rows === columns) return x
  throw new ShapeError(name, `takes square matrices, got ${formatShape(x.shape)} (${rows} ≠ ${columns}).`, [
    x.shape,
  ])
}

/** A right side, one vector or matrices, with as many rows as the matrices of a system. */
export function expectRows(name: string, a: Tensor, b: Tensor): Tensor {
  const rows = a.shape.at(-2)
  if (expectTensor(name, b).rank === 0) {
    throw new ShapeError(name, 'the right side is a vector or matrices, got a 0-d tensor.', [
      a.shape,
      b.shape,
    ])
  }
  const given = b.shape.at(b.rank === 1 ? -1 : -2)
  if (given === rows) return b
  throw new ShapeError(
    name,
    `a matrix ${formatShape(a.shape)} does not fit the right side ${formatShape(b.shape)}: ${rows} ≠ ${given} rows.` +
      (b.rank > 1 && b.shape.at(-1) === rows ? ' Did you mean the transpose of the right side?' : ''),
    [a.shape, b.shape],
  )
}

/** One call of a kernel: a matrix of every input, and the place for the result, all flat, row-major and in float64. */
export type MatrixKernel = (inputs: readonly Float64Array[], out: Float64Array, batch: BatchIndex) => void

/** Where in the batch a matrix is; only messages need it. */
export interface BatchIndex {
  /** `''`, or ` (batch [1, 0])` when there are several matrices. */
  readonly text: () => string
}

/**
 * The shape rule of a primitive on matrices: all but the last two axes of its inputs broadcast, `core` says which axes come
 * behind them, and the dtype is the common floating one.
 */
export function matricesRule(
  name: string,
  core: (inputs: readonly Tensor[]) => readonly number[],
): ShapeRule {
  return inputs => {
    const last = core(inputs)
    let batch: readonly number[] = []
    for (const { shape } of inputs) batch = broadcastShapes(name, batch, shape.slice(0, -2))
    return { shape: [...batch, ...last], dtype: dtypeOfMatrices(inputs) }
  }
}

/** The axes of the matrices of the first input: what most results have as their last axes too. */
export function matrixAxes(inputs: readonly Tensor[]): readonly number[] {
  return inputs[0]!.shape.slice(-2)
}

/**
 * Runs a kernel on every matrix of a batch. The last two axes of the inputs belong to the matrix, those in front
 * broadcast. The result is what a {@link matricesRule} says; it is rounded to its dtype.
 */
export function mapMatrices(type: ResultType, inputs: readonly Tensor[], kernel: MatrixKernel): Tensor {
  const leading = inputs.map(x => x.shape.slice(0, -2))
  const rank = Math.max(...inputs.map(x => x.rank)) - 2
  const [batch, core] = [type.shape.slice(0, rank), type.shape.slice(rank)]
  const output = allocateResult(type)
  const size = sizeOf(core)
  const isDouble = output.dtype === 'float64'
  const scratch = isDouble ? undefined : new Float64Array(size)
  const sources = inputs.map(toDouble)
  const steps = leading.map((lead, i) => {
    const step = sizeOf(inputs[i]!.shape.slice(lead.length))
    return broadcastStrides(
      lead,
      stridesOf(lead).map(stride => stride * step),
      batch,
    )
  })
  const lengths = inputs.map((x, i) => sizeOf(x.shape.slice(leading[i]!.length)))
  const index = new Array<number>(batch.length).fill(0)
  const where: BatchIndex = { text: () => (batch.length === 0 ? '' : ` (batch [${index.join(', ')}])`) }
  for (let count = sizeOf(batch), at = output.offset; count > 0; count--, at += size) {
    const matrices = sources.map((source, i) => {
      const start = index.reduce((sum, position, axis) => sum + position * steps[i]![axis]!, 0)
      return source.subarray(start, start + lengths[i]!)
    })
    const target = scratch ?? (output.storage as Float64Array).subarray(at, at + size)
    kernel(matrices, target, where)
    if (scratch !== undefined) {
      for (let i = 0; i < size; i++) output.storage[at + i] = scratch[i]!
      scratch.fill(0)
    }
    for (let axis = batch.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < batch[axis]!) break
      index[axis] = 0
    }
  }
  return output
}

/** The dtype of a result: the common one of the inputs, float32 for whole numbers. */
export function dtypeOfMatrices(inputs: readonly Tensor[]): DType {
  return toFloating(inputs.map(x => x.dtype).reduce((left, right) => promote(left, right)))
}

/** The elements in row-major order, in float64; kernels do not write to them. */
function toDouble(x: Tensor): Float64Array {
  const { storage, offset, size, dtype } = compact(x)
  const part = storage.subarray(offset, offset + size)
  return dtype === 'float64' ? (part as Float64Array) : Float64Array.from(part)
}

/** A batch shape for the laws: none, or one axis, now and then of size 0. */
export function sampleBatch(draw: Draw): number[] {
  return draw.boolean() ? [] : draw.shape(1, 1)
}

/**
 * A primitive with its rules, whose inputs are a point and directions E₁ ... E_k, and whose result is the k-th derivative of a
 * function of matrices along all of them. It is linear and symmetric in the directions: a tangent of the point is one more
 * direction, that of a direction takes its place. The same holds backward, at inputs that are `turned` where the derivative
 * at A is adjoint to that at Aᵀ.
 */
export function derivedAlong(
  primitive: Omit<GeneralPrimitive, 'vjp' | 'jvp'>,
  along: (inputs: readonly Tensor[]) => Tensor,
  add: (left: Tensor, right: Tensor) => Tensor,
  turned: (x: Tensor) => Tensor = x => x,
): GeneralPrimitive {
  const moved = (inputs: readonly Tensor[], index: number, v: Tensor): Tensor =>
    along(index === 0 ? [...inputs, v] : inputs.map((x, i) => (i === index ? v : x)))
  return {
    ...primitive,
    vjp: (cotangent, { inputs }, index) => moved(inputs.map(turned), index, cotangent),
    jvp: (tangents, { inputs }) =>
      tangents
        .flatMap((tangent, index) => (tangent === null ? [] : [moved(inputs, index, tangent)]))
        .reduce((left, right) => add(left, right)),
  }
}

/** Draws a point and up to two directions, batches of square matrices, for {@link derivedAlong}. */
export function sampleDirections(largest: number): Sampler {
  return draw => {
    const n = draw.integer(0, largest)
    const batch = sampleBatch(draw)
    const directions = Array.from({ length: draw.integer(0, 2) }, () => ({ shape: [...batch, n, n] }))
    return { inputs: [{ shape: [...batch, n, n] }, ...directions], attributes: NO_ATTRIBUTES }
  }
}

/** Draws one batch of square matrices for the laws: of a kind, or of any numbers. */
export function sampleSquare(matrix?: MatrixKind): Sampler {
  return draw => {
    const n = draw.integer(0, 4)
    const shape = [...sampleBatch(draw), n, n]
    return { inputs: [matrix === undefined ? { shape } : { shape, matrix }], attributes: NO_ATTRIBUTES }
  }
}
