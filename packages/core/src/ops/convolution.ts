import { type ConvolutionSettings, convolveBatches } from '../backend/convolution.ts'
import { KERNEL_PRODUCTS, runKernel } from '../backend/kernels.ts'
import { apply } from '../graph/apply.ts'
import { resultDType } from '../primitive/elementwise.ts'
import { type BilinearPrimitive, type Call, type Op, op } from '../primitive/primitive.ts'
import type { CallSample, Draw } from '../primitive/sample.ts'
import { expectOptions } from '../shape/arguments.ts'
import { broadcastShapes } from '../shape/broadcast.ts'
import { ArgumentError, describe, formatShape, ShapeError } from '../shape/errors.ts'
import { type PerAxis, perAxis } from '../shape/perAxis.ts'
import { sizeOf } from '../shape/shape.ts'
import { promote } from '../storage/dtype.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Attributes, ShapeRule } from '../tensor/node.ts'
import { allocateResult, type Tensor } from '../tensor/tensor.ts'
import { permute } from './permute.ts'
import { reshape } from './reshape.ts'
import { sliceRanges } from './sliceRanges.ts'

/** How much is added before and after an axis, or, when negative, taken away. */
export type PaddingPair = readonly [low: number, high: number]

/**
 * Everything a convolution knows besides its operands, one entry for each axis of space. With `inputDilation` e the elements
 * of the input stand e apart with zeros between them, which is what a transposed convolution does.
 */
export interface ConvolutionAttributes extends Attributes, ConvolutionSettings {
  readonly padding: readonly PaddingPair[]
}

/** Axes in front of the batch, and of the outputs of the kernel, broadcast. */
const result: ShapeRule = ([x, kernel], attributes) => {
  const settings = attributes as ConvolutionAttributes
  const space = settings.stride.length
  const [examples, , ...lengths] = x!.shape.slice(-space - 2) as [number, number, ...number[]]
  const [outputs, , ...windows] = kernel!.shape.slice(-space - 2) as [number, number, ...number[]]
  const counts = lengths.map((length, axis) => countOutputs(length, windows[axis]!, settings, axis))
  const lead = broadcastShapes(
    'convolution',
    x!.shape.slice(0, -space - 2),
    kernel!.shape.slice(0, -space - 2),
  )
  const dtype = resultDType('number', promote(x!.dtype, kernel!.dtype))
  return { shape: [...lead, examples, outputs, ...counts], dtype }
}

const primitive: BilinearPrimitive = {
  name: 'convolution',
  kind: 'bilinear',
  keeps: 'inputs',
  // Both adjoints are convolutions again. With input x of length L, kernel w of length K, output y of length O, stride s,
  // dilation d, input dilation e and low padding a, the output is y[p] = Σ w[k] x[q] over p s + k d - a = q e.
  adjoints: {
    // dx[q] = Σ w[k] dy[p] over the same: stride and input dilation change places, the kernel runs backward.
    left: (cotangent, { inputs: [x, kernel], attributes }) => {
      const { stride, padding, dilation, inputDilation, groups } = attributes as ConvolutionAttributes
      const lengths = x!.shape.slice(-stride.length)
      const windows = kernel!.shape.slice(-stride.length)
      const outputs = cotangent.shape.slice(-stride.length)
      const around = lengths.map((length, axis): PaddingPair => {
        const window = extent(windows[axis]!, dilation[axis]!)
        const low = window - 1 - padding[axis]![0]
        const reach = (length - 1) * inputDilation[axis]! + window
        return [low, reach - extent(outputs[axis]!, stride[axis]!) - low]
      })
      return runConvolution(cotangent, turnedKernel(kernel!, stride.length, groups), {
        stride: inputDilation,
        padding: around,
        dilation,
        inputDilation: stride,
        groups,
      })
    },
    // dw[k] = Σ x[q] dy[p]: the output's cotangent is the kernel, stride and dilation change places, and the sum over the
    // examples is the one over the channels.
    right: (cotangent, call) => {
      const { stride, padding, dilation, inputDilation, groups } = call.attributes as ConvolutionAttributes
      const space = stride.length
      const [images, cotangents] = foldedExamples(cotangent, call, space)
      const lengths = images.shape.slice(-space)
      const windows = call.inputs[1]!.shape.slice(-space)
      const outputs = cotangents.shape.slice(-space)
      const around = windows.map((window, axis): PaddingPair => {
        const low = padding[axis]![0]
        const reach = (window - 1) * dilation[axis]! + extent(outputs[axis]!, stride[axis]!)
        return [low, reach - extent(lengths[axis]!, inputDilation[axis]!) - low]
      })
      const product = runConvolution(channelsFirst(images, space, groups), swapped(cotangents, space), {
        stride: dilation,
        padding: around,
        dilation: stride,
        inputDilation,
        groups,
      })
      return swapped(product, space)
    },
  },
  batch: 'leading',
  sample: sampleConvolution,
  result,
  forward: ([x, kernel], attributes) => run(x!, kernel!, attributes as ConvolutionAttributes),
}

/** How far from the first to the last of some elements that stand `dilation` apart, both counted. */
function extent(count: number, dilation: number): number {
  return count === 0 ? 0 : (count - 1) * dilation + 1
}

/** How many outputs there are along an axis. */
function countOutputs(
  length: number,
  window: number,
  { stride, padding, dilation, inputDilation }: ConvolutionAttributes,
  axis: number,
): number {
  const [low, high] = padding[axis]!
  const room = extent(length, inputDilation[axis]!) + low + high - extent(window, dilation[axis]!)
  return Math.max(0, Math.floor(room / stride[axis]!) + 1)
}

/** The axes `[a, b, ...space]` at the end, as `[b, a, ...space]`. */
function swapped(x: Tensor, space: number): Tensor {
  const order = Array.from({ length: x.rank }, (_, axis) => axis)
  const first = x.rank - space - 2
  order.splice(first, 2, first + 1, first)
  return permute(x, order) as Tensor
}

/** A kernel `[outputs, inputs / groups, ...window]` as `[inputs, outputs / groups, ...window]`, running backward. */
export function turnedKernel(kernel: Tensor, space: number, groups: number): Tensor {
  const lead = kernel.shape.slice(0, -space - 2)
  const [outputs, inputs, ...window] = kernel.shape.slice(-space - 2) as [number, number, ...number[]]
  const each = outputs / groups
  const grouped =
    groups === 1 ? kernel : (reshape(kernel, [...lead, groups, each, inputs, ...window]) as Tensor)
  const turned = swapped(grouped, space)
  const whole =
    groups === 1 ? turned : (reshape(turned, [...lead, groups * inputs, each, ...window]) as Tensor)
  const first = whole.rank - space
  return sliceRanges(whole, {
    starts: whole.shape.map((size, axis) => (axis < first ? 0 : Math.max(0, size - 1))),
    sizes: whole.shape,
    steps: whole.shape.map((_, axis) => (axis < first ? 1 : -1)),
  })
}

/** `[n, groups c, ...space]` as `[c, groups n, ...space]`. */
function channelsFirst(x: Tensor, space: number, groups: number): Tensor {
  if (groups === 1) return swapped(x, space)
  const lead = x.shape.slice(0, -space - 2)
  const [examples, channels, ...sizes] = x.shape.slice(-space - 2) as [number, number, ...number[]]
  const split = reshape(x, [...lead, examples, groups, channels / groups, ...sizes]) as Tensor
  const at = lead.length
  const order = Array.from({ length: split.rank }, (_, axis) => axis)
  order.splice(at, 3, at + 2, at + 1, at)
  return reshape(permute(split, order) as Tensor, [...lead, channels / groups, groups * examples, ...sizes])
}

/** Examples of a batch of calls that share their kernel are examples of one call. */
function foldedExamples(
  cotangent: Tensor,
  { inputs: [x, kernel] }: Call,
  space: number,
): readonly [Tensor, Tensor] {
  const isShared = sizeOf(kernel!.shape.slice(0, -space - 2)) === 1
  if (!isShared || x!.rank === space + 2 || cotangent.rank !== x!.rank) return [x!, cotangent]
  const fold = (images: Tensor): Tensor =>
    reshape(images, [
      sizeOf(images.shape.slice(0, -space - 1)),
      ...(images.shape.slice(-space - 1) as readonly number[]),
    ]) as Tensor
  return [fold(x!), fold(cotangent)]
}

/** Applies the primitive; operands and attributes fit. */
export function runConvolution(x: Tensor, kernel: Tensor, attributes: ConvolutionAttributes): Tensor {
  return apply(primitive, [x, kernel], attributes)
}

function run(x: Tensor, kernel: Tensor, attributes: ConvolutionAttributes): Tensor {
  const output = allocateResult(result([x, kernel], attributes), 'convolution')
  if (output.size === 0) return output
  const products = output.size * sizeOf(kernel.shape.slice(-attributes.stride.length - 1))
  if (products >= KERNEL_PRODUCTS && x.dtype === kernel.dtype) {
    if (runKernel('convolution', x.dtype, [x, kernel], output, attributes)) return output
  }
  convolveBatches(x, kernel, output, attributes)
  return output
}

/** What is added around the input of a convolution: see {@link ConvolutionOptions.padding}. */
export type Padding = number | readonly (number | PaddingPair)[] | 'same' | 'valid'

/** Settings of {@link convolution}. */
export interface ConvolutionOptions {
  /** From one window to the next. Default 1. */
  readonly stride?: PerAxis
  /**
   * Zeros around the input: a number for each axis, the same on both sides, or a pair `[low, high]` for each; `'valid'` for
   * none; `'same'` for as many as keep the size, with stride 1, the odd one at the end. Default 0.
   */
  readonly padding?: Padding
  /** Distance between neighbours within a window. Default 1. */
  readonly dilation?: PerAxis
  /** Groups of channels that do not see each other. Default 1. */
  readonly groups?: number
}

/** `[batch, in, ...space], [out, in / groups, ...window] -> [batch, out, ...]` */
export type ConvolutionOp = (x: Tensor, kernel: Tensor, options?: ConvolutionOptions) => Tensor

/**
 * The convolution of deep learning, in any number of axes: each output channel is the sum over a window that slides over the
 * input. `[batch, in, ...space]` and a kernel `[out, in / groups, ...window]` `-> [batch, out, ...]`, or without the batch axis
 * for one example. The kernel is not flipped: other fields call this a cross-correlation.
 *
 * `y[n, o, p] = Σ_i Σ_k kernel[o, i, k] x[n, i, p stride + k dilation - padding]`, so there are
 * `floor((size + paddings - dilation (window - 1) - 1) / stride) + 1` outputs along an axis.
 *
 * With `groups`, the channels are divided evenly, and outputs see the inputs of their own group only; as many groups as
 * channels make it depthwise. Small float32 convolutions are added up in float64, larger
 * ones in float32 as in {@link matmul}, with k the inputs of a group times the taps of the window. A bias is added with `add`.
 * Lecture: convolutional layers.
 *
 * @example
 * ```ts
 * import { convolution, ones, tensor } from '@adjoint/core'
 * const signal = tensor([[1, 2, 4, 8]])
 * convolution(signal, tensor([[[-1, 1]]])).toArray() // => [[1, 2, 4]]
 * convolution(signal, tensor([[[1, 1, 1]]]), { padding: 'same' }).toArray() // => [[3, 7, 14, 12]]
 * convolution(ones([8, 3, 32, 32]), ones([16, 3, 5, 5]), { stride: 2, padding: 2 }).shape // => [8, 16, 16, 16]
 * ```
 * @throws ShapeError when ranks, channels and groups do not fit, or no window fits into the input; ArgumentError for settings
 * that are not whole numbers, and for `'same'` with another stride than 1.
 */
export const convolution: Op<ConvolutionOp> = /* @__PURE__ */ op(
  primitive,
  (x: Tensor, kernel: Tensor, options: ConvolutionOptions = {}) => {
    expectOptions('convolution', options, ['stride', 'padding', 'dilation', 'groups'])
    const { space, groups } = expectOperands('convolution', x, kernel, options.groups)
    const inputs = kernel.shape[1]! * groups
    if (x.shape.at(-space - 1) !== inputs || kernel.shape[0]! % groups !== 0) {
      throw new ShapeError('convolution', channelMistake(x, kernel, groups, space), [x.shape, kernel.shape])
    }
    const stride = perAxis('convolution', 'stride', options.stride ?? 1, space, 1)
    const dilation = perAxis('convolution', 'dilation', options.dilation ?? 1, space, 1)
    const windows = kernel.shape.slice(2)
    const attributes: ConvolutionAttributes = {
      stride,
      padding: paddingPairs('convolution', options.padding, windows, stride, dilation),
      dilation,
      inputDilation: stride.map(() => 1),
      groups,
    }
    x.shape.slice(-space).forEach((length, axis) => {
      if (windows[axis]! > 0 && countOutputs(length, windows[axis]!, attributes, axis) > 0) return
      const [low, high] = attributes.padding[axis]!
      throw new ShapeError(
        'convolution',
        `no window fits: along axis ${axis} of space, ${length} + ${low + high} of padding has no room for a window of ` +
          `${windows[axis]}${dilation[axis] === 1 ? '' : ` with dilation ${dilation[axis]}`}; input ` +
          `${formatShape(x.shape)}, kernel ${formatShape(kernel.shape)}. Use a smaller kernel or more padding.`,
        [x.shape, kernel.shape],
      )
    })
    return withBatch(x, space, images => runConvolution(images, kernel, attributes))
  },
)

/** Calls with a batch of one for an input without batch axis. */
export function withBatch(x: Tensor, space: number, call: (x: Tensor) => Tensor): Tensor {
  if (x.rank === space + 2) return call(x)
  const result = call(reshape(x, [1, ...(x.shape as readonly number[])]) as Tensor)
  return reshape(result, result.shape.slice(1)) as Tensor
}

/** Checks ranks and groups; how many axes of space there are. */
export function expectOperands(
  name: string,
  x: Tensor,
  kernel: Tensor,
  groups: number = 1,
): { readonly space: number; readonly groups: number } {
  const space = expectTensor(name, kernel).rank - 2
  const { rank } = expectTensor(name, x)
  if (space < 1 || (rank !== space + 2 && rank !== space + 1)) {
    throw new ShapeError(
      name,
      `the ranks do not fit: input ${formatShape(x.shape)}, kernel ${formatShape(kernel.shape)}. ` +
        'For a kernel [channels, channels, ...window], the input is [batch, channels, ...space], or the same without batch, ' +
        'with as many axes of space as the window has, one at least.',
      [x.shape, kernel.shape],
    )
  }
  if (!Number.isSafeInteger(groups) || groups < 1) {
    throw new ArgumentError(name, `groups must be a whole number from 1 up, got ${describe(groups)}.`)
  }
  return { space, groups }
}

function channelMistake(x: Tensor, kernel: Tensor, groups: number, space: number): string {
  const operands = `input ${formatShape(x.shape)}, kernel ${formatShape(kernel.shape)}, groups ${groups}`
  const channels = x.shape.at(-space - 1)!
  const [outputs, inputs] = kernel.shape as readonly number[]
  if (outputs! % groups !== 0)
    return `${outputs} output channels cannot be divided into ${groups} groups; ${operands}.`
  const problem = `the input has ${channels} channels, the kernel takes ${inputs! * groups}`
  const count = groups === 1 ? '' : ` (${groups} groups of ${inputs})`
  const fitting = channels / inputs!
  const turned = outputs === channels && groups === 1
  const hint = turned
    ? ' The kernel is [out, in, ...window]; this one has them the other way round.'
    : Number.isInteger(fitting) && outputs! % fitting === 0 && fitting > 1
      ? ` With groups: ${fitting} it would.`
      : ' The kernel is [out, in / groups, ...window].'
  return `${problem}${count}; ${operands}.${hint}`
}

/**
 * The zeros before and after each axis of space.
 *
 * @throws ArgumentError for anything but whole numbers, pairs of them, `'valid'`, and `'same'` with stride 1.
 */
export function paddingPairs(
  name: string,
  padding: Padding | undefined,
  windows: readonly number[],
  stride: readonly number[],
  dilation: readonly number[],
): readonly PaddingPair[] {
  if (padding === undefined || padding === 'valid') return windows.map(() => [0, 0])
  if (padding === 'same') {
    if (stride.some(step => step !== 1)) {
      throw new ArgumentError(
        name,
        `padding 'same' keeps the size with stride 1 only, got stride [${stride.join(', ')}]; give the padding as numbers.`,
      )
    }
    return windows.map((window, axis): PaddingPair => {
      const total = Math.max(0, window - 1) * dilation[axis]!
      return [Math.floor(total / 2), Math.ceil(total / 2)]
    })
  }
  const isWhole = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0
  const list: unknown = typeof padding === 'number' ? windows.map(() => padding) : padding
  const isValid =
    Array.isArray(list) &&
    list.length === windows.length &&
    list.every(n => isWhole(n) || (Array.isArray(n) && n.length === 2 && n.every(isWhole)))
  if (!isValid) {
    throw new ArgumentError(
      name,
      `padding must be a whole number from 0 up, a list of ${windows.length} of them or of pairs [low, high], 'same' or ` +
        `'valid'; got ${JSON.stringify(padding)}.`,
    )
  }
  return (list as readonly (number | PaddingPair)[]).map(n => (typeof n === 'number' ? [n, n] : n))
}

/** Small calls of every kind: some with axes in front, some with more taken away than there is. */
function sampleConvolution(draw: Draw): CallSample {
  const space = draw.integer(1, 2)
  const perSpace = (least: number, most: number): number[] =>
    Array.from({ length: space }, () => draw.integer(least, most))
  const groups = draw.integer(1, 2)
  const [examples, inputs, outputs] = [draw.integer(0, 2), draw.integer(1, 2), draw.integer(1, 2)]
  const [lengths, windows] = [perSpace(1, 4), perSpace(1, 3)]
  const [low, high] = [perSpace(-1, 2), perSpace(-1, 2)]
  const attributes: ConvolutionAttributes = {
    stride: perSpace(1, 3),
    padding: low.map((before, axis): PaddingPair => [before, high[axis]!]),
    dilation: perSpace(1, 2),
    inputDilation: perSpace(1, 3),
    groups,
  }
  const lead = draw.boolean() ? [] : [2]
  const [left, right] = draw.boolean() ? [lead, draw.broadcastable(lead)] : [draw.broadcastable(lead), lead]
  return {
    inputs: [
      { shape: [...left, examples, groups * inputs, ...lengths] },
      { shape: [...right, groups * outputs, inputs, ...windows] },
    ],
    attributes,
  }
}
