/**
 * Convolutions in WebAssembly: as in backend/convolution.ts, the windows become the columns of a matrix, some at a time, and
 * the weights times that matrix are the outputs. Images, weights and columns lie in the kernels' memory.
 */

import { sizeOf } from '../../shape/shape.ts'
import type { TypedArray } from '../../storage/dtype.ts'
import { ModuleBuilder } from '../../wasm/assembler.ts'
import { imageColumns, OUTSIDE_ROW } from '../../wasm/imageColumns.ts'
import {
  type ConvolutionAxis,
  type ConvolutionOperand,
  type ConvolutionSettings,
  type ConvolutionSizes,
  convolveBatches,
  eachPhase,
  OUTSIDE,
  type Phases,
} from '../convolution.ts'
import type { Kernel } from '../kernels.ts'
import { instantiate } from './instance.ts'
import { productOf, type VectorDType } from './matrixProduct.ts'
import { copyRange, memoryOf, rangeOf, roundUp } from './memory.ts'

/** Elements of images and of weights that are in memory at a time. */
const MOST_IMAGES = 2 ** 20
const MOST_WEIGHTS = 2 ** 20

/** Elements of a matrix of columns: as many as the second cache holds, more where the columns are long. */
const COLUMNS = 2 ** 18
const MOST_COLUMNS = 2 ** 21

/** Fewer columns than this are a poor matrix product. */
const LEAST_WIDTH = 64

/** Elements of the result of one matrix product. */
const MOST_TOTALS = 2 ** 19

/** See `imageColumns`. */
type ColumnsFunction = (...operands: number[]) => void

const functions: { [dtype: string]: ColumnsFunction | undefined } = {}

function columnsOf(dtype: VectorDType): ColumnsFunction | undefined {
  const known = functions[dtype]
  if (known !== undefined) return known
  const module = new ModuleBuilder()
  module.importMemory('kernels', 'memory', { initial: 1 })
  module.export('run', imageColumns(module, dtype))
  functions[dtype] = instantiate<ColumnsFunction>(module.toBytes())
  return functions[dtype]
}

/** Where things lie in memory, in elements, and how many images and columns there are at a time. */
interface Layout {
  readonly images: number
  readonly width: number
  readonly weightsAt: number
  readonly columnsAt: number
  readonly totalsAt: number
  readonly tableAt: number
  readonly workspaceAt: number
  readonly end: number
}

/** `undefined` for what does not fit. */
function layoutOf(sizes: ConvolutionSizes, axes: readonly ConvolutionAxis[]): Layout | undefined {
  const { batch, groups, inputs, outputs } = sizes
  const image = groups * inputs * axes.reduce((size, { length }) => size * length, 1)
  const taps = axes.reduce((size, { window }) => size * window, 1)
  const rows = inputs * taps
  const weights = outputs * rows
  if (image > MOST_IMAGES || weights > MOST_WEIGHTS || rows * 8 > MOST_COLUMNS) return undefined
  const images = Math.max(1, Math.min(batch, Math.floor(MOST_IMAGES / Math.max(1, image))))
  const wanted = Math.max(Math.floor(COLUMNS / rows), Math.min(LEAST_WIDTH, Math.floor(MOST_COLUMNS / rows)))
  const columns = images * axes.reduce((size, { count }) => size * count, 1)
  const width = Math.min(columns, wanted, Math.max(LEAST_WIDTH, Math.floor(MOST_TOTALS / outputs)))
  const weightsAt = roundUp(Math.ceil(SPARSE * images * image))
  const columnsAt = weightsAt + roundUp(weights)
  const totalsAt = columnsAt + roundUp(rows * width)
  const tableAt = totalsAt + roundUp(outputs * width)
  const workspaceAt = tableAt + roundUp(taps)
  return { images, width, weightsAt, columnsAt, totalsAt, tableAt, workspaceAt, end: workspaceAt }
}

/** Images are copied with what lies between their elements where that is at most a quarter of them. */
const SPARSE = 1.25

/** The kernel of convolution for a dtype. Leaves depthwise ones to the reference: a column would be read once only. */
export function convolutionKernel(dtype: VectorDType): Kernel {
  return ([x, kernel], out, attributes) => {
    const settings = attributes as unknown as ConvolutionSettings
    const outputs = kernel!.shape[kernel!.shape.length - settings.stride.length - 2]!
    if (outputs === settings.groups && settings.groups > 1) return false
    // The first call decides: it is refused before anything is written, and all have the same sizes.
    let isDone = true
    convolveBatches(x!, kernel!, out, settings, (...call) => {
      isDone &&= convolve(dtype, ...call)
    })
    return isDone
  }
}

function convolve(
  dtype: VectorDType,
  x: ConvolutionOperand,
  kernel: ConvolutionOperand,
  out: TypedArray,
  outAt: number,
  sizes: ConvolutionSizes,
  axes: readonly ConvolutionAxis[],
): boolean {
  const layout = layoutOf(sizes, axes)
  const product = productOf(dtype, false)
  const fill = columnsOf(dtype)
  if (layout === undefined || product === undefined || fill === undefined) return false
  const bytes = dtype === 'float32' ? 4 : 8
  const rows = sizes.inputs * axes.reduce((size, { window }) => size * window, 1)
  const needed = layout.end * bytes + product.workspaceBytes(sizes.outputs, rows, layout.width)
  const shared = memoryOf(needed)
  if (shared === undefined) return false
  const numbers = shared[dtype]
  const channels = sizes.groups * sizes.inputs
  const lengths = axes.map(({ length }) => length)
  const results = sizes.groups * sizes.outputs * axes.reduce((size, { count }) => size * count, 1)
  for (let first = 0; first < sizes.batch; first += layout.images) {
    const batch = Math.min(layout.images, sizes.batch - first)
    const offset = x.offset + first * x.strides[0]!
    const images = stage({ ...x, offset }, [batch, channels, ...lengths], numbers)
    eachPhase(images, kernel, { ...sizes, batch }, axes, phases => {
      for (let group = 0; group < sizes.groups; group++) {
        copyWeights(phases, group, numbers, layout.weightsAt)
        for (let from = 0; from < phases.columns; from += layout.width) {
          const to = Math.min(phases.columns, from + layout.width)
          const [rowStep, columnStep] = fillColumns(
            phases,
            from,
            to,
            group,
            layout,
            bytes,
            shared.int32,
            fill,
          )
          const inner = phases.taps * sizes.inputs
          product.run(
            layout.weightsAt * bytes,
            inner * bytes,
            bytes,
            layout.columnsAt * bytes,
            rowStep,
            columnStep,
            layout.totalsAt * bytes,
            (to - from) * bytes,
            sizes.outputs,
            inner,
            to - from,
            layout.workspaceAt * bytes,
          )
          copyTotals(phases, from, to, group, numbers, layout.totalsAt, out, outAt + first * results)
        }
      }
    })
  }
  return true
}

/** Copies images to the beginning of the memory. */
function stage(x: ConvolutionOperand, shape: readonly number[], numbers: TypedArray): ConvolutionOperand {
  const { from, count } = rangeOf({ shape, strides: x.strides, offset: x.offset })
  const size = sizeOf(shape)
  if (count <= SPARSE * size) {
    copyRange(x.storage, from, count, numbers, 0)
    return { storage: numbers, offset: x.offset - from, strides: x.strides }
  }
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))
  const last = shape.length - 1
  const length = shape[last]!
  const index = shape.map(() => 0)
  let at = x.offset
  for (let target = 0; target < size; target += length) {
    if (x.strides[last] === 1) copyRange(x.storage, at, length, numbers, target)
    else for (let i = 0; i < length; i++) numbers[target + i] = x.storage[at + i * x.strides[last]!]!
    for (let axis = last - 1; axis >= 0; axis--) {
      at += x.strides[axis]!
      if (++index[axis]! < shape[axis]!) break
      index[axis] = 0
      at -= shape[axis]! * x.strides[axis]!
    }
  }
  return { storage: numbers, offset: 0, strides }
}

/** The weights of one group, a row for each output. */
function copyWeights(
  { kernel, taps, tapAt, sizes: { inputs, outputs } }: Phases,
  group: number,
  numbers: TypedArray,
  target: number,
): void {
  const { storage, offset, strides } = kernel
  const isInOnePiece = tapAt.every((at, tap) => at === tap)
  let next = target
  for (let o = 0; o < outputs; o++) {
    for (let channel = 0; channel < inputs; channel++) {
      const at = offset + (group * outputs + o) * strides[0]! + channel * strides[1]!
      if (isInOnePiece) copyRange(storage, at, taps, numbers, next)
      else for (let tap = 0; tap < taps; tap++) numbers[next + tap] = storage[at + tapAt[tap]!]!
      next += taps
    }
  }
}

/** Columns `from` to `to` of a group into memory; how far the rows and the columns of the matrix are apart, in bytes. */
function fillColumns(
  phases: Phases,
  from: number,
  to: number,
  group: number,
  layout: Layout,
  bytes: number,
  table: Int32Array,
  fill: ColumnsFunction,
): readonly [rowStep: number, columnStep: number] {
  const { inner, outerTaps, taps, rowAt, x, sizes } = phases
  const { length } = phases.axes[phases.axes.length - 1]!
  const tableAt = (layout.tableAt * bytes) / 4
  // Either way, the longer of the two, a line of windows or a row of taps, lies in one piece.
  const isByWindow = inner.taps > inner.count
  const rowStep = isByWindow ? bytes : (to - from) * bytes
  const columnStep = isByWindow ? taps * sizes.inputs * bytes : bytes
  let column = from
  while (column < to) {
    const line = Math.floor(column / inner.count)
    const start = column - line * inner.count
    const run = Math.min(inner.count - start, to - column)
    phases.goTo(line)
    for (let tap = 0; tap < outerTaps; tap++) {
      const row = rowAt[tap]!
      table[tableAt + tap] = row === OUTSIDE ? OUTSIDE_ROW : row * bytes
    }
    fill(
      (phases.imageAt + group * sizes.inputs * x.strides[1]!) * bytes,
      x.strides[1]! * bytes,
      sizes.inputs,
      x.strides[x.strides.length - 1]! * bytes,
      length,
      layout.tableAt * bytes,
      outerTaps,
      inner.first + start * inner.move,
      inner.move,
      run,
      inner.tapMove,
      inner.taps,
      layout.columnsAt * bytes + (column - from) * columnStep,
      isByWindow ? columnStep : 0,
      rowStep,
    )
    column += run
  }
  return [rowStep, columnStep]
}

/** The finished sums of some columns to their places. */
function copyTotals(
  phases: Phases,
  from: number,
  to: number,
  group: number,
  numbers: TypedArray,
  totalsAt: number,
  out: TypedArray,
  outAt: number,
): void {
  const { inner, outer, plane, lines, sizes } = phases
  // Without gaps an image is one line.
  const isWhole = inner.step === 1 && outer.every(({ step }) => step === 1)
  const length = isWhole ? inner.count * lines : inner.count
  let column = from
  while (column < to) {
    const line = Math.floor(column / length)
    const start = column - line * length
    const run = Math.min(length - start, to - column)
    phases.goTo(isWhole ? line * lines : line)
    const target = outAt + phases.lineAt + inner.start + start * inner.step + group * sizes.outputs * plane
    for (let o = 0; o < sizes.outputs; o++) {
      const source = totalsAt + o * (to - from) + column - from
      const place = target + o * plane
      if (inner.step === 1) copyRange(numbers, source, run, out, place)
      else for (let p = 0; p < run; p++) out[place + p * inner.step] = numbers[source + p]!
    }
    column += run
  }
}
