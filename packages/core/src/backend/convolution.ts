/**
 * The kernel of every convolution: the windows of the input become the columns of a block, and the weights times that block
 * are the outputs. The block holds a bounded part of the columns at a time and is packed for `panelProduct`.
 */

import { broadcastStrides } from '../shape/broadcast.ts'
import { reshapedStrides, sizeOf } from '../shape/shape.ts'
import type { TypedArray } from '../storage/dtype.ts'
import { PANEL_COLUMNS, PANEL_ROWS, panelProduct } from './panelProduct.ts'
import type { Strided } from './strided.ts'

/** Elements of a block of columns: 256 KiB, so that it stays in the second cache. */
const BLOCK = 32768

/** In place of an offset: the row lies outside of the input. */
export const OUTSIDE: number = -(2 ** 31)

/** Rows of a block, where there are so many: longer sums are added up in parts. */
const ROWS = 512

/**
 * One axis: output p adds up `kernel[k] * x[(p * stride + k * dilation - low) / inputDilation]` over those k for which that is
 * a whole number and lies inside.
 */
export interface ConvolutionAxis {
  /** Of the input. */
  readonly length: number
  /** Length of the kernel. */
  readonly window: number
  /** Length of the output. */
  readonly count: number
  readonly stride: number
  readonly low: number
  readonly dilation: number
  readonly inputDilation: number
}

/** How many images there are, and how many channels go in and come out of each group. */
export interface ConvolutionSizes {
  readonly batch: number
  readonly groups: number
  readonly inputs: number
  readonly outputs: number
}

/** Elements of one operand: `strides` are those of `[batch, channels, ...space]`, or `[outputs, inputs, ...window]`. */
export interface ConvolutionOperand {
  readonly storage: TypedArray
  readonly offset: number
  readonly strides: readonly number[]
}

/**
 * Outputs of one axis whose taps hit elements of the input, not the gaps that input dilation leaves: output
 * `start + p * step`, tap `tapStart + k * tapStep`, element `first + p * move + k * tapMove`. Without input dilation there is
 * one phase; with it the work is divided among several, and no product with a gap is ever made.
 */
export interface Phase {
  readonly start: number
  readonly step: number
  readonly count: number
  readonly tapStart: number
  readonly tapStep: number
  readonly taps: number
  readonly first: number
  readonly move: number
  readonly tapMove: number
}

/** Everything a convolution knows besides its operands, one entry for each axis of space. */
export interface ConvolutionSettings {
  readonly stride: readonly number[]
  readonly padding: readonly (readonly [low: number, high: number])[]
  readonly dilation: readonly number[]
  readonly inputDilation: readonly number[]
  readonly groups: number
}

/** Writes one convolution into `out` from `outAt` on, in row-major order. */
export type Convolve = (
  x: ConvolutionOperand,
  kernel: ConvolutionOperand,
  out: TypedArray,
  outAt: number,
  sizes: ConvolutionSizes,
  axes: readonly ConvolutionAxis[],
) => void

/**
 * Writes the convolutions of all places on the axes in front of the batch, which broadcast, into `out`, which is contiguous
 * and holds zeros: one call for every place, or one for all.
 */
export function convolveBatches(
  x: Strided,
  kernel: Strided,
  out: Strided,
  { stride, padding, dilation, inputDilation, groups }: ConvolutionSettings,
  one: Convolve = convolve,
): void {
  const space = stride.length
  const [examples, , ...lengths] = x.shape.slice(-space - 2) as [number, number, ...number[]]
  const [outputs, inputs, ...windows] = kernel.shape.slice(-space - 2) as [number, number, ...number[]]
  const axes = lengths.map(
    (length, axis): ConvolutionAxis => ({
      length,
      window: windows[axis]!,
      count: out.shape[out.shape.length - space + axis]!,
      stride: stride[axis]!,
      low: padding[axis]![0],
      dilation: dilation[axis]!,
      inputDilation: inputDilation[axis]!,
    }),
  )
  const xLead = x.shape.slice(0, -space - 2)
  const kernelLead = kernel.shape.slice(0, -space - 2)
  const lead = out.shape.slice(0, -space - 2)
  const calls = sizeOf(lead)
  const sizes = { batch: examples, groups, inputs, outputs: outputs / groups }
  const images = { storage: x.storage, offset: x.offset, strides: x.strides.slice(-space - 2) }
  const weights = {
    storage: kernel.storage,
    offset: kernel.offset,
    strides: kernel.strides.slice(-space - 2),
  }
  // A kernel that all calls share takes their examples as one batch, where those are evenly spaced.
  if (calls > 1 && sizeOf(kernelLead) === 1 && sizeOf(xLead) === calls) {
    const all = [calls * examples, ...x.shape.slice(-space - 1)]
    const strides = reshapedStrides(x.shape, x.strides, all)
    if (strides !== undefined) {
      one({ ...images, strides }, weights, out.storage, out.offset, { ...sizes, batch: all[0]! }, axes)
      return
    }
  }
  const xSteps = broadcastStrides(xLead, x.strides.slice(0, -space - 2), lead)
  const kernelSteps = broadcastStrides(kernelLead, kernel.strides.slice(0, -space - 2), lead)
  for (let call = 0; call < calls; call++) {
    let [rest, xAt, kernelAt] = [call, x.offset, kernel.offset]
    for (let axis = lead.length - 1; axis >= 0; axis--) {
      const index = rest % lead[axis]!
      rest = (rest - index) / lead[axis]!
      xAt += index * xSteps[axis]!
      kernelAt += index * kernelSteps[axis]!
    }
    const outAt = out.offset + call * (out.size / calls)
    one({ ...images, offset: xAt }, { ...weights, offset: kernelAt }, out.storage, outAt, sizes, axes)
  }
}

/** The reference for {@link convolveBatches}; `out` holds zeros. */
export function convolve(
  x: ConvolutionOperand,
  kernel: ConvolutionOperand,
  out: TypedArray,
  outAt: number,
  sizes: ConvolutionSizes,
  axes: readonly ConvolutionAxis[],
): void {
  eachPhase(x, kernel, sizes, axes, phases => {
    if (sizes.outputs === 1) runDirectly(phases, out, outAt)
    else runInBlocks(phases, out, outAt)
  })
}

/** Calls `run` for all phases in which something is added up. */
export function eachPhase(
  x: ConvolutionOperand,
  kernel: ConvolutionOperand,
  sizes: ConvolutionSizes,
  axes: readonly ConvolutionAxis[],
  run: (phases: Phases) => void,
): void {
  const choose = (chosen: readonly Phase[]): void => {
    if (chosen.length < axes.length) {
      for (const phase of phasesOf(axes[chosen.length]!)) choose([...chosen, phase])
      return
    }
    const phases = new Phases(x, kernel, sizes, axes, chosen)
    if (phases.columns > 0 && phases.taps * sizes.inputs > 0) run(phases)
  }
  choose([])
}

/** The phases of an axis, none where there is nothing to add up. */
export function phasesOf({
  length,
  window,
  count,
  stride,
  low,
  dilation,
  inputDilation,
}: ConvolutionAxis): readonly Phase[] {
  if (length === 0 || window === 0 || count === 0) return []
  const step = inputDilation / greatestDivisor(stride, inputDilation)
  const tapStep = inputDilation / greatestDivisor(dilation, inputDilation)
  const phases: Phase[] = []
  for (let start = 0; start < Math.min(step, count); start++) {
    for (let tapStart = 0; tapStart < Math.min(tapStep, window); tapStart++) {
      const place = start * stride + tapStart * dilation - low
      if (place % inputDilation !== 0) continue
      phases.push({
        start,
        step,
        count: Math.ceil((count - start) / step),
        tapStart,
        tapStep,
        taps: Math.ceil((window - tapStart) / tapStep),
        first: place / inputDilation,
        move: (step * stride) / inputDilation,
        tapMove: (tapStep * dilation) / inputDilation,
      })
      break
    }
  }
  return phases
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b)
}

/** One phase of each axis. The last axis is the inner one; positions and taps of the others are numbered through. */
export class Phases {
  readonly x: ConvolutionOperand
  readonly kernel: ConvolutionOperand
  readonly sizes: ConvolutionSizes
  readonly axes: readonly ConvolutionAxis[]
  readonly outer: readonly Phase[]
  readonly inner: Phase
  /** Taps on the outer axes, and on all. */
  readonly outerTaps: number
  readonly taps: number
  /** Lines of outputs of one image, and outputs of all images, in one channel. */
  readonly lines: number
  readonly columns: number
  /** Of each tap on the last axis: the outputs from `low` to `high` for which it lies inside of the input. */
  readonly low: Int32Array
  readonly high: Int32Array
  /** Where each tap lies in a kernel of one input and one output. */
  readonly tapAt: Int32Array
  /** Of the line at hand: where the row of each outer tap begins in a channel, or `OUTSIDE`. */
  readonly rowAt: Int32Array
  /** Where the line at hand lies in the output, and its image in the input. */
  lineAt = 0
  imageAt = 0
  /** Elements of one channel of the output. */
  readonly plane: number
  readonly #outStrides: number[]
  readonly #position: number[]

  constructor(
    x: ConvolutionOperand,
    kernel: ConvolutionOperand,
    sizes: ConvolutionSizes,
    axes: readonly ConvolutionAxis[],
    chosen: readonly Phase[],
  ) {
    this.x = x
    this.kernel = kernel
    this.sizes = sizes
    this.axes = axes
    this.outer = chosen.slice(0, -1)
    this.inner = chosen.at(-1)!
    this.outerTaps = this.outer.reduce((product, { taps }) => product * taps, 1)
    this.taps = this.outerTaps * this.inner.taps
    this.lines = this.outer.reduce((product, { count }) => product * count, 1)
    this.columns = sizes.batch * this.lines * this.inner.count
    this.rowAt = new Int32Array(this.outerTaps)
    const { first, move, taps, tapMove, count } = this.inner
    const { length } = axes.at(-1)!
    this.low = new Int32Array(taps)
    this.high = new Int32Array(taps)
    for (let k = 0; k < taps; k++) {
      const place = first + k * tapMove
      this.low[k] = Math.min(count, Math.max(0, Math.ceil(-place / move)))
      this.high[k] = Math.max(this.low[k]!, Math.min(count, Math.ceil((length - place) / move)))
    }
    this.#position = this.outer.map(() => 0)
    this.#outStrides = axes.map(() => 1)
    for (let axis = axes.length - 2; axis >= 0; axis--) {
      this.#outStrides[axis] = this.#outStrides[axis + 1]! * axes[axis + 1]!.count
    }
    this.plane = this.#outStrides[0]! * axes[0]!.count
    this.tapAt = new Int32Array(this.taps)
    for (let tap = 0; tap < this.taps; tap++) {
      let rest = tap
      for (let axis = chosen.length - 1; axis >= 0; axis--) {
        const { taps, tapStart, tapStep } = chosen[axis]!
        const k = rest % taps
        this.tapAt[tap]! += (tapStart + k * tapStep) * kernel.strides[axis + 2]!
        rest = (rest - k) / taps
      }
    }
  }

  /** Goes to a line of all images, numbered through. */
  goTo(line: number): void {
    const image = Math.floor(line / this.lines)
    let rest = line - image * this.lines
    this.imageAt = this.x.offset + image * this.x.strides[0]!
    this.lineAt = image * this.sizes.groups * this.sizes.outputs * this.plane
    const { outer } = this
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const { count, start, step, first, move } = outer[axis]!
      const p = rest % count
      rest = (rest - p) / count
      this.#position[axis] = first + p * move
      this.lineAt += (start + p * step) * this.#outStrides[axis]!
    }
    for (let tap = 0; tap < this.outerTaps; tap++) {
      let number = tap
      let at = 0
      for (let axis = outer.length - 1; axis >= 0; axis--) {
        const { taps, tapMove } = outer[axis]!
        const k = number % taps
        number = (number - k) / taps
        const place = this.#position[axis]! + k * tapMove
        if (place < 0 || place >= this.axes[axis]!.length) {
          at = OUTSIDE
          break
        }
        at += place * this.x.strides[axis + 2]!
      }
      this.rowAt[tap] = at
    }
  }
}

/** All groups by products of packed panels. */
function runInBlocks(phases: Phases, out: TypedArray, outAt: number): void {
  const { taps, columns } = phases
  const { groups, inputs, outputs } = phases.sizes
  const channels = Math.ceil(inputs / Math.ceil((inputs * taps) / ROWS))
  const rows = channels * taps
  const wanted = Math.ceil(columns / PANEL_COLUMNS) * PANEL_COLUMNS
  const fitting = Math.floor(BLOCK / rows / PANEL_COLUMNS) * PANEL_COLUMNS
  const width = Math.min(wanted, Math.max(PANEL_COLUMNS, fitting))
  const height = Math.ceil(outputs / PANEL_ROWS) * PANEL_ROWS
  const weights = new Float64Array(height * inputs * taps)
  const block = new Float64Array(rows * width)
  const totals = new Float64Array(height * width)
  for (let group = 0; group < groups; group++) {
    packWeights(phases, group, channels, height, weights)
    for (let from = 0; from < columns; from += width) {
      const to = Math.min(columns, from + width)
      const padded = Math.ceil((to - from) / PANEL_COLUMNS) * PANEL_COLUMNS
      if (from > 0 || group > 0) totals.fill(0)
      for (let first = 0; first < inputs; first += channels) {
        const last = Math.min(inputs, first + channels)
        fillBlock(phases, from, to, group * inputs + first, last - first, block)
        panelProduct(height, (last - first) * taps, padded, weights, first * taps * height, block, totals)
      }
      writeTotals(phases, from, to, group, padded, totals, out, outAt)
    }
  }
}

/** The weights of one group as pairs of rows, for one part of the channels after the other. */
function packWeights(
  { kernel, taps, tapAt, sizes: { inputs, outputs } }: Phases,
  group: number,
  channels: number,
  height: number,
  weights: Float64Array,
): void {
  const { storage, offset, strides } = kernel
  for (let first = 0; first < inputs; first += channels) {
    const last = Math.min(inputs, first + channels)
    const rows = (last - first) * taps
    for (let o = 0; o < outputs; o++) {
      const pair = o - (o % PANEL_ROWS)
      let target = first * taps * height + pair * rows + (o - pair)
      for (let channel = first; channel < last; channel++) {
        const at = offset + (group * outputs + o) * strides[0]! + channel * strides[1]!
        for (let tap = 0; tap < taps; tap++) {
          weights[target] = storage[at + tapAt[tap]!]!
          target += PANEL_ROWS
        }
      }
    }
  }
}

/** Columns `from` to `to`, some channels of them, in groups of four; zero where a window reaches outside. */
function fillBlock(
  phases: Phases,
  from: number,
  to: number,
  channel: number,
  channels: number,
  block: Float64Array,
): void {
  const { inner, outerTaps, taps, rowAt, x } = phases
  const { length } = phases.axes.at(-1)!
  const channelStep = x.strides[1]!
  const step = x.strides.at(-1)!
  const panel = channels * taps * PANEL_COLUMNS
  let column = from
  while (column < to) {
    const line = Math.floor(column / inner.count)
    const start = column - line * inner.count
    const run = Math.min(inner.count - start, to - column)
    phases.goTo(line)
    const target = column - from
    for (let c = 0; c < channels; c++) {
      const channelAt = phases.imageAt + (channel + c) * channelStep
      for (let tap = 0; tap < outerTaps; tap++) {
        const row = rowAt[tap]!
        const isOutside = row === OUTSIDE
        fillRow(
          x.storage,
          isOutside ? 0 : channelAt + row,
          step,
          inner.first + start * inner.move,
          isOutside ? 0 : length,
          run,
          inner.move,
          inner.taps,
          inner.tapMove,
          block,
          target,
          panel,
          (c * taps + tap * inner.taps) * PANEL_COLUMNS,
        )
      }
    }
    column += run
  }
}

/** One row of the input for a run of columns: the longer of the run and the row of taps is the inner loop. */
function fillRow(
  x: TypedArray,
  at: number,
  step: number,
  first: number,
  length: number,
  run: number,
  move: number,
  taps: number,
  tapMove: number,
  block: Float64Array,
  column: number,
  panel: number,
  rowAt: number,
): void {
  const lanes = PANEL_COLUMNS
  if (taps > run) {
    for (let p = 0; p < run; p++) {
      const lane = (column + p) % lanes
      let target = ((column + p - lane) / lanes) * panel + rowAt + lane
      let place = first + p * move
      for (let k = 0; k < taps; k++) {
        block[target] = place >= 0 && place < length ? x[at + place * step]! : 0
        place += tapMove
        target += lanes
      }
    }
    return
  }
  const startLane = column % lanes
  const start = ((column - startLane) / lanes) * panel + rowAt + startLane
  for (let k = 0; k < taps; k++) {
    let target = start + k * lanes
    let lane = startLane
    let place = first + k * tapMove
    for (let p = 0; p < run; p++) {
      block[target] = place >= 0 && place < length ? x[at + place * step]! : 0
      place += move
      target++
      if (++lane === lanes) {
        lane = 0
        target += panel - lanes
      }
    }
  }
}

/** The finished sums of some columns to their places. */
function writeTotals(
  phases: Phases,
  from: number,
  to: number,
  group: number,
  width: number,
  totals: Float64Array,
  out: TypedArray,
  outAt: number,
): void {
  const { inner, plane, sizes } = phases
  let column = from
  while (column < to) {
    const line = Math.floor(column / inner.count)
    const start = column - line * inner.count
    const run = Math.min(inner.count - start, to - column)
    phases.goTo(line)
    const lineAt = outAt + phases.lineAt + inner.start + start * inner.step + group * sizes.outputs * plane
    for (let o = 0; o < sizes.outputs; o++) {
      const source = o * width + column - from
      const target = lineAt + o * plane
      for (let p = 0; p < run; p++) out[target + p * inner.step] = totals[source + p]!
    }
    column += run
  }
}

/**
 * Groups with one output each, as depthwise convolutions have them: a column would be read once only, so the sums are made
 * from the input itself, line by line.
 */
function runDirectly(phases: Phases, out: TypedArray, outAt: number): void {
  const { inner, outerTaps, rowAt, tapAt, x, kernel, plane, lines } = phases
  const { batch, groups, inputs } = phases.sizes
  const weights = new Float64Array(inner.taps)
  const total = new Float64Array(inner.count)
  for (let line = 0; line < batch * lines; line++) {
    phases.goTo(line)
    for (let group = 0; group < groups; group++) {
      total.fill(0)
      for (let c = 0; c < inputs; c++) {
        const channelAt = phases.imageAt + (group * inputs + c) * x.strides[1]!
        const kernelAt = kernel.offset + group * kernel.strides[0]! + c * kernel.strides[1]!
        for (let tap = 0; tap < outerTaps; tap++) {
          const row = rowAt[tap]!
          if (row === OUTSIDE) continue
          for (let k = 0; k < inner.taps; k++) {
            weights[k] = kernel.storage[kernelAt + tapAt[tap * inner.taps + k]!]!
          }
          addRow(phases, x.storage, channelAt + row, weights, total)
        }
      }
      const target = outAt + phases.lineAt + group * plane + inner.start
      for (let p = 0; p < inner.count; p++) out[target + p * inner.step] = total[p]!
    }
  }
}

/** Adds one row of the input, times one row of the kernel, to a line of sums. */
function addRow(
  { inner, low, high, x: { strides }, axes }: Phases,
  x: TypedArray,
  at: number,
  weights: Float64Array,
  total: Float64Array,
): void {
  const { first, count, move, taps, tapMove } = inner
  const step = strides[strides.length - 1]!
  if (taps > count) {
    const { length } = axes[axes.length - 1]!
    for (let p = 0; p < count; p++) {
      let place = first + p * move
      let sum = 0
      for (let k = 0; k < taps; k++) {
        if (place >= 0 && place < length) sum += weights[k]! * x[at + place * step]!
        place += tapMove
      }
      total[p]! += sum
    }
    return
  }
  const next = move * step
  const tapStep = tapMove * step
  const origin = at + first * step
  let k = 0
  // Three taps at a time where all of them are inside, so that a sum is read and written a third as often.
  for (; k + 2 < taps; k += 3) {
    const start = low[k]!
    const end = Math.max(start, high[k + 2]!)
    const [a, b, c] = [weights[k]!, weights[k + 1]!, weights[k + 2]!]
    const aAt = origin + k * tapStep
    const bAt = aAt + tapStep
    const cAt = bAt + tapStep
    addTap(x, bAt, next, b, low[k + 1]!, Math.min(start, high[k + 1]!), total)
    addTap(x, cAt, next, c, low[k + 2]!, Math.min(start, high[k + 2]!), total)
    let offset = start * next
    for (let p = start; p < end; p++) {
      total[p]! += a * x[aAt + offset]! + b * x[bAt + offset]! + c * x[cAt + offset]!
      offset += next
    }
    addTap(x, aAt, next, a, end, high[k]!, total)
    addTap(x, bAt, next, b, end, high[k + 1]!, total)
  }
  for (; k < taps; k++) addTap(x, origin + k * tapStep, next, weights[k]!, low[k]!, high[k]!, total)
}

/** Adds one element of the kernel times those of the input that belong to the outputs from `low` to `high`. */
function addTap(
  x: TypedArray,
  at: number,
  step: number,
  weight: number,
  low: number,
  high: number,
  total: Float64Array,
): void {
  let from = at + low * step
  for (let p = low; p < high; p++) {
    total[p]! += weight * x[from]!
    from += step
  }
}
