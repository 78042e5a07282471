/** Reductions and softmax of eager code in WebAssembly. Sums are float64 sums, as those of the reference loops. */

import type { TypedArray } from '../../storage/dtype.ts'
import {
  columnModule,
  paddingOf,
  ROW_BYTES,
  ROW_ELEMENTS,
  ROW_RESULTS,
  ROW_UNIT,
  type RowKind,
  rowModule,
} from '../../wasm/eagerRows.ts'
import { type Kernel, provideKernel } from '../kernels.ts'
import { pairwise } from '../pairwise.ts'
import type { Strided } from '../strided.ts'
import { instantiate } from './instance.ts'
import { type KernelMemory, memoryOf } from './memory.ts'
import { unlessSmall } from './unlessSmall.ts'

type Run = (rows: number, width: number) => void
type Floating = 'float32' | 'float64'

const RUNS = /* @__PURE__ */ new Map<string, Run | undefined>()

/** The memory and a function over it; both are there, or neither. */
interface Tool {
  readonly memory: KernelMemory
  readonly run: Run
}

function toolFor(key: string, bytes: () => Uint8Array): Tool | undefined {
  const memory = memoryOf(ROW_BYTES)
  if (memory === undefined) return undefined
  if (!RUNS.has(key)) RUNS.set(key, instantiate<Run>(bytes()))
  const run = RUNS.get(key)
  return run === undefined ? undefined : { memory, run }
}

/** Longer rows are reduced in pieces of this length, which are then added up in pairs. */
const PIECE = 1024

/** Shorter rows, and smaller matrices per position of the leading axes, are not worth the way. */
const SHORT_ROW = 16
const SMALL_MATRIX = 256

/** Columns that are reduced at a time. */
const TILE = 2048

/** What reductions to a number do at the end with the float64 of a group, and which kernel finds it. */
interface Reduction {
  readonly kind: 'sum' | 'max' | 'min' | 'logSumExp'
  readonly finish?: (value: number, count: number) => number
  readonly dtypes: readonly Floating[]
}

/** The reductions that have kernels. */
export const REDUCTIONS: Readonly<Record<string, Reduction>> = {
  sum: { kind: 'sum', dtypes: ['float32', 'float64'] },
  mean: { kind: 'sum', finish: (value, count) => value / count, dtypes: ['float32', 'float64'] },
  max: { kind: 'max', dtypes: ['float32'] },
  min: { kind: 'min', dtypes: ['float32'] },
  logSumExp: { kind: 'logSumExp', dtypes: ['float32'] },
}

/** A contiguous tensor as `outer` matrices of `count` rows and `inner` columns, of which the rows are reduced. */
interface Layout {
  readonly outer: number
  readonly count: number
  readonly inner: number
}

/** `undefined` when the reduced axes do not lie beside each other in memory. */
function layoutOf(x: Strided, axes: readonly number[]): Layout | undefined {
  let { shape } = x
  let reduced = axes
  if (!x.contiguous) {
    // A matrix that was transposed is contiguous the other way round.
    if (shape.length !== 2 || x.strides[0] !== 1 || x.strides[1] !== shape[0]) return undefined
    shape = [shape[1]!, shape[0]!]
    reduced = axes.map(axis => 1 - axis)
  }
  const first = Math.min(...reduced)
  const end = Math.max(...reduced) + 1
  if (reduced.length === 0 || end - first !== reduced.length) return undefined
  const product = (from: number, to: number): number => shape.slice(from, to).reduce((a, b) => a * b, 1)
  return { outer: product(0, first), count: product(first, end), inner: product(end, shape.length) }
}

/** The kernel of one of {@link REDUCTIONS}. */
export function reductionKernel({ kind, finish = value => value }: Reduction, dtype: Floating): Kernel {
  return (inputs, out, attributes) => {
    const x = inputs[0]!
    const layout = layoutOf(x, attributes.axes as readonly number[])
    if (layout === undefined) return false
    const { outer, count, inner } = layout
    if (inner > 1) {
      if (count < 2 || count * inner < SMALL_MATRIX || dtype === 'float64' || kind === 'logSumExp')
        return false
      return reduceColumns(kind, x, layout, out, value => finish(value, count))
    }
    if (count < SHORT_ROW || (kind === 'logSumExp' && count > ROW_ELEMENTS / 2)) return false
    const pieces = kind === 'logSumExp' ? count : Math.min(count, PIECE)
    return reduceRows(kind, dtype, x, outer, count, pieces, (row, value) => {
      out.storage[out.offset + row] = finish(value, count)
    })
  }
}

/** The kernel of `argmax` or `argmin` along the last axis: the first place of what the reduction finds. */
export function positionKernel(kind: 'max' | 'min'): Kernel {
  return ([x], out, attributes) => {
    const layout = layoutOf(x!, attributes.axes as readonly number[])
    if (layout === undefined || layout.inner > 1 || layout.count < SHORT_ROW) return false
    const { outer, count } = layout
    const { storage, offset } = x!
    return reduceRows(kind, 'float32', x!, outer, count, Math.min(count, PIECE), (row, value) => {
      const start = offset + row * count
      let at = 0
      if (Number.isNaN(value)) while (!Number.isNaN(storage[start + at]!)) at++
      else while (storage[start + at] !== value) at++
      out.storage[out.offset + row] = at
    })
  }
}

/** Copies rows, each filled up to the padded width. */
function stageRows(
  view: TypedArray,
  padding: number,
  storage: TypedArray,
  from: number,
  rows: number,
  width: number,
): void {
  const padded = paddedWidth(width)
  if (padded === width) {
    view.set(storage.subarray(from, from + rows * width), 0)
    return
  }
  for (let row = 0; row < rows; row++) {
    const [start, to] = [from + row * width, row * padded]
    if (width < 64) for (let i = 0; i < width; i++) view[to + i] = storage[start + i]!
    else view.set(storage.subarray(start, start + width), to)
    for (let i = width; i < padded; i++) view[to + i] = padding
  }
}

function paddedWidth(width: number): number {
  return ROW_UNIT * Math.ceil(width / ROW_UNIT)
}

/** Reduces every row of a contiguous matrix, long ones in pieces. */
function reduceRows(
  kind: Reduction['kind'],
  dtype: Floating,
  { storage, offset }: Strided,
  rows: number,
  count: number,
  piece: number,
  visit: (row: number, value: number) => void,
): boolean {
  const tool = toolFor(`${kind} rows ${dtype}`, () => rowModule(kind, dtype))
  if (tool === undefined) return false
  const { run, memory } = tool
  const view = memory[dtype]
  const results = memory.float64
  const firstResult = ROW_RESULTS / 8
  const padding = paddingOf(kind)
  const batch = Math.floor(ROW_ELEMENTS / 2 / paddedWidth(piece))
  if (piece === count) {
    for (let row = 0; row < rows; row += batch) {
      const some = Math.min(batch, rows - row)
      stageRows(view, padding, storage, offset + row * count, some, count)
      run(some, paddedWidth(count))
      for (let i = 0; i < some; i++) visit(row + i, results[firstResult + i]!)
    }
    return true
  }
  const whole = Math.floor(count / piece)
  const parts = new Float64Array(Math.ceil(count / piece))
  for (let row = 0; row < rows; row++) {
    const start = offset + row * count
    for (let first = 0; first < parts.length; ) {
      const some = first < whole ? Math.min(batch, whole - first) : 1
      const width = first < whole ? piece : count - whole * piece
      stageRows(view, padding, storage, start + first * piece, some, width)
      run(some, paddedWidth(width))
      for (let i = 0; i < some; i++) parts[first + i] = results[firstResult + i]!
      first += some
    }
    visit(
      row,
      kind === 'sum' ? pairwise(plainSum, parts.length, parts, 0, 1, undefined) : extreme(kind, parts),
    )
  }
  return true
}

function plainSum(count: number, x: Float64Array, at: number): number {
  let total = 0
  for (let i = 0; i < count; i++) total += x[at + i]!
  return total
}

function extreme(kind: Reduction['kind'], values: Float64Array): number {
  const better = kind === 'min' ? Math.min : Math.max
  return values.reduce((best, value) => better(best, value))
}

/** Reduces the rows of each of the matrices of a layout to one. */
function reduceColumns(
  kind: 'sum' | 'max' | 'min',
  { storage, offset }: Strided,
  { outer, count, inner }: Layout,
  out: Strided,
  finish: (value: number) => number,
): boolean {
  const tool = toolFor(`${kind} columns`, () => columnModule(kind))
  if (tool === undefined) return false
  const { run, memory } = tool
  const view = memory.float32
  const results = kind === 'sum' ? memory.float64 : view
  const firstResult = ROW_RESULTS / results.BYTES_PER_ELEMENT
  for (let block = 0; block < outer; block++) {
    for (let column = 0; column < inner; column += TILE) {
      const width = Math.min(TILE, inner - column)
      const batch = Math.floor(ROW_ELEMENTS / width)
      results.fill(paddingOf(kind), firstResult, firstResult + width + ROW_UNIT)
      for (let row = 0; row < count; row += batch) {
        const some = Math.min(batch, count - row)
        const from = offset + (block * count + row) * inner + column
        if (width === inner) view.set(storage.subarray(from, from + some * inner), 0)
        else
          for (let i = 0; i < some; i++)
            view.set(storage.subarray(from + i * inner, from + i * inner + width), i * width)
        run(some, width)
      }
      const to = out.offset + block * inner + column
      for (let i = 0; i < width; i++) out.storage[to + i] = finish(results[firstResult + i]!)
    }
  }
  return true
}

/** The kernel of `softmax` or `logSoftmax` of float32 rows. */
export function softmaxKernel(kind: Extract<RowKind, 'softmax' | 'logSoftmax'>): Kernel {
  return ([x], out, attributes) => {
    const axes = attributes.axes as readonly number[]
    const { shape, storage, offset, contiguous } = x!
    const width = shape[shape.length - 1]!
    if (!contiguous || axes.length !== 1 || axes[0] !== shape.length - 1) return false
    if (width < SHORT_ROW || width > ROW_ELEMENTS / 2) return false
    const tool = toolFor(`${kind} rows`, () => rowModule(kind, 'float32'))
    if (tool === undefined) return false
    const { run, memory } = tool
    const view = memory.float32
    const rows = x!.size / width
    const padded = paddedWidth(width)
    const batch = Math.floor(ROW_ELEMENTS / 2 / padded)
    for (let row = 0; row < rows; row += batch) {
      const some = Math.min(batch, rows - row)
      stageRows(view, Number.NEGATIVE_INFINITY, storage, offset + row * width, some, width)
      run(some, padded)
      const to = out.offset + row * width
      if (padded === width) out.storage.set(view.subarray(0, some * width), to)
      else
        for (let i = 0; i < some; i++)
          out.storage.set(view.subarray(i * padded, i * padded + width), to + i * width)
    }
    return true
  }
}

/** Fewer elements are added up, or compared, sooner than copied. Measured. */
const SHORT_SUM = 512

function unlessShort(kernel: Kernel): Kernel {
  return unlessSmall(SHORT_SUM, ([x]) => x!.size, kernel)
}

/** Lets the reductions and both kinds of softmax take the calls that are large enough. */
export function provideReductions(): void {
  for (const [name, reduction] of Object.entries(REDUCTIONS)) {
    for (const dtype of reduction.dtypes) {
      const kernel = reductionKernel(reduction, dtype)
      provideKernel(name, dtype, reduction.kind === 'logSumExp' ? kernel : unlessShort(kernel))
    }
  }
  provideKernel('argmax', 'float32', unlessShort(positionKernel('max')))
  provideKernel('argmin', 'float32', unlessShort(positionKernel('min')))
  provideKernel('softmax', 'float32', softmaxKernel('softmax'))
  provideKernel('logSoftmax', 'float32', softmaxKernel('logSoftmax'))
}
