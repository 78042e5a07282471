/** How a convolution is computed: the places under its windows, in parts in which neighbours lie side by side, and their tables. */

import {
  type ConvolutionAxis,
  type ConvolutionSettings,
  convolutionPhases,
  type Phase,
} from '@adjoint/core/engine'
import { tensor } from '@adjoint/core/functional'
import { Node } from '../graph/node.ts'
import type { Layouts } from '../plan/layout.ts'

/** Larger copies of images, and tables with more vectors than this, are left to the reference. */
const MOST_COPIED_BYTES = 2 ** 26
const MOST_VECTORS = 2 ** 17

/** Products that are added up before the sum goes to the others: longer sums in float32 lose more. */
export const BLOCK = 256

/** One axis of the places under all windows: from `lowest` on, `length` of them, in `move` parts by their remainders. */
interface GridAxis {
  readonly lowest: number
  readonly length: number
  readonly move: number
  /** Places of one part. */
  readonly width: number
  /** Elements from one place of a part to the next. */
  readonly stride: number
  readonly phases: readonly Phase[]
}

/** Outputs that have the same taps, one phase of each axis, with the tables of their places. */
export interface Part {
  readonly phases: readonly Phase[]
  readonly taps: number
  /** Where the weights of this part begin among the packed ones, in elements. */
  readonly weightsAt: number
  /** For each vector of positions: where it lies in the image and in the result, in bytes, and how many positions count. */
  readonly vectors: Node
  readonly pairs: number
  readonly positions: number
  /** For some channels with their taps: how far from a vector its elements lie, in bytes. */
  readonly places: Node
  /** Bytes from one element of a vector of the result to the next. */
  readonly laneStep: number
}

/** How a convolution is computed. */
export interface ConvolutionPlan {
  readonly batch: number
  readonly groups: number
  /** Channels and outputs of one group. */
  readonly channels: number
  readonly outputs: number
  readonly axes: readonly GridAxis[]
  /** Whether images are copied. */
  readonly isCopied: boolean
  /** Elements from one channel of an image, or of its copy, to the next. */
  readonly channelStride: number
  readonly parts: readonly Part[]
  /** Elements of one channel of the result. */
  readonly plane: number
  /** Elements of the packed weights of one group. */
  readonly weights: number
}

export function planOf(node: Node, layouts: Layouts): ConvolutionPlan | undefined {
  const [x, kernel] = node.inputs as [Node, Node]
  const settings = node.attributes as unknown as ConvolutionSettings
  const { groups } = settings
  const space = settings.stride.length
  if ([x, kernel, node].some(({ dtype, size }) => dtype !== 'float32' || size === 0)) return undefined
  if (x.shape.length !== space + 2 || kernel.shape.length !== space + 2) return undefined
  const { strides } = layouts.of(x)
  const [outputs, channels] = [kernel.shape[0]! / groups, kernel.shape[1]!]
  const lengths = x.shape.slice(2)
  const grid = lengths.map((length, axis): Omit<GridAxis, 'stride'> | undefined => {
    const { stride, padding, dilation, inputDilation } = settings
    const form: ConvolutionAxis = {
      length,
      window: kernel.shape[axis + 2]!,
      count: node.shape[axis + 2]!,
      stride: stride[axis]!,
      low: padding[axis]![0],
      dilation: dilation[axis]!,
      inputDilation: inputDilation[axis]!,
    }
    const phases = convolutionPhases(form)
    // Outputs that no tap reaches would have to be filled with zeros.
    const reached = phases.reduce((sum, { count }) => sum + count, 0)
    if (phases.length === 0 || reached !== form.count) return undefined
    const lowest = Math.min(...phases.map(({ first }) => first))
    const highest = Math.max(
      ...phases.map(
        ({ first, count, move, taps, tapMove }) => first + (count - 1) * move + (taps - 1) * tapMove,
      ),
    )
    // With one position there is nothing between positions.
    const move = phases.every(({ count }) => count === 1) ? 1 : phases[0]!.move
    return {
      lowest,
      length: highest - lowest + 1,
      move,
      width: Math.ceil((highest - lowest + 1) / move),
      phases,
    }
  })
  if (grid.some(axis => axis === undefined)) return undefined
  const given = grid as Omit<GridAxis, 'stride'>[]
  const isInside = given.every(({ lowest, length }, axis) => lowest >= 0 && lowest + length <= lengths[axis]!)
  const last = space - 1
  const isSideBySide = strides[last + 2] === 1 || given[last]!.phases.every(({ count }) => count === 1)
  const isCopied = !isInside || !isSideBySide || given.some(({ move }) => move > 1)
  let inner = 1
  const axes: GridAxis[] = []
  for (let axis = last; axis >= 0; axis--) {
    axes.unshift({ ...given[axis]!, stride: isCopied ? inner : strides[axis + 2]! })
    inner *= given[axis]!.width
  }
  const channelStride = isCopied ? axes.reduce((size, { move }) => size * move, inner) : strides[1]!
  if (isCopied && channelStride * channels * 4 > MOST_COPIED_BYTES) return undefined
  const parts: Part[] = []
  let weights = 0
  for (const phases of choices(axes.map(axis => axis.phases))) {
    const part = partOf(node, axes, phases, channels, channelStride, weights)
    if (part === undefined) return undefined
    parts.push(part)
    weights += outputs * channels * part.taps
  }
  const plane = node.shape.slice(2).reduce((size, length) => size * length, 1)
  const batch = x.shape[0]!
  return { batch, groups, channels, outputs, axes, isCopied, channelStride, parts, plane, weights }
}

function partOf(
  node: Node,
  axes: readonly GridAxis[],
  phases: readonly Phase[],
  channels: number,
  channelStride: number,
  weightsAt: number,
): Part | undefined {
  const counts = phases.map(({ count }) => count)
  const outStrides = phases.map(({ step }, axis) =>
    node.shape.slice(axis + 3).reduce((size, length) => size * length, step),
  )
  const startAt = phases.reduce((at, { start, step }, axis) => at + (start * outStrides[axis]!) / step, 0)
  const inStrides = axes.map(({ stride }) => stride)
  // Lines that follow each other without gaps are one line.
  while (counts.length > 1) {
    const last = counts.length - 1
    const length = counts[last]!
    if (inStrides[last] !== 1) break
    if (
      inStrides[last - 1] !== inStrides[last]! * length ||
      outStrides[last - 1] !== outStrides[last]! * length
    )
      break
    counts.splice(last - 1, 2, counts[last - 1]! * length)
    inStrides.splice(last - 1, 1)
    outStrides.splice(last - 1, 1)
  }
  const length = counts.at(-1)!
  const lines = counts.slice(0, -1).reduce((product, count) => product * count, 1)
  if (lines * Math.ceil(length / 4) > MOST_VECTORS) return undefined
  const vectors: number[] = []
  for (let line = 0; line < lines; line++) {
    let [rest, from, to] = [line, 0, startAt]
    for (let axis = counts.length - 2; axis >= 0; axis--) {
      const index = rest % counts[axis]!
      rest = (rest - index) / counts[axis]!
      from += index * inStrides[axis]!
      to += index * outStrides[axis]!
    }
    for (let at = 0; at < length; at += 4)
      vectors.push(4 * (from + at), 4 * (to + at * outStrides.at(-1)!), Math.min(4, length - at))
  }
  if ((vectors.length / 3) % 2 === 1) vectors.push(vectors.at(-3)!, vectors.at(-2)!, 0)
  const taps = phases.reduce((product, phase) => product * phase.taps, 1)
  const partSize = axes.reduce((size, { width }) => size * width, 1)
  const window = Array.from({ length: taps }, (_, tap) => {
    let [rest, at, part, parts] = [tap, 0, 0, 1]
    for (let axis = phases.length - 1; axis >= 0; axis--) {
      const { taps: count, first, tapMove } = phases[axis]!
      const { lowest, move, stride } = axes[axis]!
      const k = rest % count
      rest = (rest - k) / count
      const place = first - lowest + k * tapMove
      at += Math.floor(place / move) * stride
      part += (place % move) * parts
      parts *= move
    }
    return at + part * partSize
  })
  const together = Math.min(channels, channelsTogether(taps))
  const places = Array.from({ length: together }, (_, channel) =>
    window.map(at => 4 * (at + channel * channelStride)),
  ).flat()
  return {
    phases,
    taps,
    weightsAt,
    vectors: wholeNumbers(vectors),
    pairs: vectors.length / 6,
    positions: lines * length,
    places: wholeNumbers(places),
    laneStep: 4 * outStrides.at(-1)!,
  }
}

/** How many channels make one block of products. */
export function channelsTogether(taps: number): number {
  return Math.max(1, Math.floor(BLOCK / taps))
}

function wholeNumbers(list: readonly number[]): Node {
  return Node.constant(tensor(list, { dtype: 'int32', shape: [list.length] }))
}

/** Every way to take one from each list. */
export function choices<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>((all, list) => all.flatMap(one => list.map(next => [...one, next])), [[]])
}
