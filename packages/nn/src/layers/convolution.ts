import { expectOptions, formatShape, paddingPairs, perAxis } from '@adjoint/core/engine'
import {
  ArgumentError,
  convolution,
  type Dim,
  type Padding,
  type PaddingPair,
  type Parameter,
  type PerAxis,
  pad,
  type Shape,
  ShapeError,
  type Tensor,
} from '@adjoint/core/functional'
import {
  type BatchOfChannels,
  type ChannelsOf,
  type ConvolutionParameterOptions,
  type ConvolvedShape,
  expectChannels,
  newWeights,
  PARAMETER_OPTIONS,
  shownLayer,
  withBias,
} from '../module/convolution.ts'
import type { ForwardContext, Signature } from '../module/module.ts'
import type { Entering } from '../module/shapes.ts'
import { expectSpace } from '../module/space.ts'

/**
 * What stands around the input where windows reach beyond it: zeros, the elements mirrored at the edge, the one at the edge, or
 * those from the other end; see `pad`.
 */
export type PaddingMode = 'zeros' | 'reflect' | 'replicate' | 'circular'

const MODES: readonly PaddingMode[] = ['zeros', 'reflect', 'replicate', 'circular']

/** Settings of {@link Conv1d}, {@link Conv2d} and {@link Conv3d}; a number is for all axes of space. */
export interface ConvSettings extends ConvolutionParameterOptions {
  /** From one window to the next. Default 1. */
  readonly stride?: PerAxis
  /**
   * How much is added around the input: a number for each axis, or a pair `[low, high]` for each; `'valid'` for nothing; `'same'`
   * for as much as keeps the size, with stride 1. Default 0.
   */
  readonly padding?: Padding
  /** What is added. Default `'zeros'`. */
  readonly paddingMode?: PaddingMode
  /** Distance between neighbours within a window. Default 1. */
  readonly dilation?: PerAxis
  /** Groups of channels that do not see each other; as many as there are channels make the layer depthwise. Default 1. */
  readonly groups?: number
}

/** The settings as the layer uses them, one entry for each axis of space. */
export interface ConvLayout {
  readonly stride: readonly number[]
  readonly padding: readonly PaddingPair[]
  readonly paddingMode: PaddingMode
  readonly dilation: readonly number[]
  readonly groups: number
}

/** Everything a layer consists of, checked and made. */
function parts(
  layer: string,
  axes: number,
  [inputs, outputs]: readonly [number, number],
  kernel: PerAxis,
  options: ConvSettings,
): {
  readonly kernel: readonly number[]
  readonly layout: ConvLayout
  readonly weight: Parameter
  readonly bias: Parameter | null
} {
  expectOptions(layer, options, [
    'stride',
    'padding',
    'paddingMode',
    'dilation',
    'groups',
    ...PARAMETER_OPTIONS,
  ])
  const { stride = 1, dilation = 1, groups = 1, paddingMode = 'zeros' } = options
  expectChannels(layer, inputs, outputs, groups)
  if (!MODES.includes(paddingMode)) {
    throw new ArgumentError(
      layer,
      `paddingMode is 'zeros', 'reflect', 'replicate' or 'circular', got ${JSON.stringify(paddingMode)}.`,
    )
  }
  const windows = Object.freeze([...perAxis(layer, 'kernel', kernel, axes, 1)])
  const steps = perAxis(layer, 'stride', stride, axes, 1)
  const apart = perAxis(layer, 'dilation', dilation, axes, 1)
  const layout: ConvLayout = Object.freeze({
    stride: steps,
    padding: paddingPairs(layer, options.padding, windows, steps, apart),
    paddingMode,
    dilation: apart,
    groups,
  })
  return {
    kernel: windows,
    layout,
    ...newWeights(layer, [outputs, inputs / groups, ...windows], outputs, options),
  }
}

/** What the three layers have in common. */
interface Convolving {
  readonly inputs: number
  readonly kernel: readonly number[]
  readonly layout: ConvLayout
  readonly weight: Tensor
  readonly bias: Tensor | null
}

function convolved(layer: Convolving, input: Tensor): Tensor {
  const { kernel, inputs, weight, bias } = layer
  const axes = kernel.length
  expectSpace(String(layer), axes, input)
  const channels = input.shape[input.rank - axes - 1]!
  if (channels !== inputs) {
    throw new ShapeError(
      String(layer),
      `takes ${inputs} channels, got ${channels} in ${formatShape(input.shape)}; ` +
        `channels stand in front of ${axes === 1 ? 'the axis' : `the ${axes} axes`} of space.`,
      [input.shape],
    )
  }
  const { padding, paddingMode, ...settings } = layer.layout
  const isPlain = paddingMode === 'zeros'
  const framed = isPlain ? input : framedBy(input, padding, paddingMode)
  const y = convolution(framed, weight, { ...settings, padding: isPlain ? padding : 0 })
  return withBias(y, bias, axes)
}

function framedBy(
  input: Tensor,
  padding: readonly PaddingPair[],
  mode: Exclude<PaddingMode, 'zeros'>,
): Tensor {
  const lead = input.shape.slice(0, input.rank - padding.length).map((): PaddingPair => [0, 0])
  return pad(input, [...lead, ...padding], { mode })
}

function shownConvolution(name: string, layer: Convolving & { readonly outputs: number }): string {
  const { stride, padding, paddingMode, dilation, groups } = layer.layout
  const isEven = padding.every(([low, high]) => low === high)
  return shownLayer(name, layer.inputs, layer.outputs, {
    kernel: layer.kernel,
    stride,
    padding: isEven ? padding.map(([low]) => low) : JSON.stringify(padding),
    paddingMode,
    dilation,
    groups,
  })
}

/**
 * The convolutional layer over signals: every output sees a window of the input, and all windows share their weights.
 * `[batch, in, length] -> [batch, out, ...]`, or without the batch. `weight` is `[out, in / groups, ...kernel]`, `bias` is `[out]`. The
 * function is `convolution`. Lecture: convolutional neural networks.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { Conv1d, initializers } from '@adjoint/nn'
 * const layer = new Conv1d(1, 1, 2, { weightInitializer: initializers.ones, bias: false })
 * layer.forward(tensor([[[1, 2, 3, 4]]])).toArray() // => [[[3, 5, 7]]]
 * ```
 */
export class Conv1d<In extends number = number, Out extends number = number> {
  readonly inputs: In
  readonly outputs: Out
  readonly kernel: readonly number[]
  readonly layout: ConvLayout
  readonly weight: Parameter
  readonly bias: Parameter | null
  /** Never set: the types of {@link forward} for a batch, for a chain that this is a layer of. */
  declare readonly typedAs?: Signature<
    Tensor<Readonly<BatchOfChannels<Dim, In, 1>>>,
    Tensor<BatchOfChannels<number, Out, 1>>
  >

  /**
   * @param inputs number of channels that come in
   * @param outputs number of channels that go out
   * @param kernel size of a window
   * @throws ArgumentError for sizes that are not whole numbers from 1 up, channels that are no multiple of the groups, an unknown
   * setting, a missing `rng`, or an initialiser that returns another shape or dtype.
   */
  constructor(inputs: In, outputs: Out, kernel: PerAxis, options: ConvSettings = {}) {
    const made = parts('Conv1d', 1, [inputs, outputs], kernel, options)
    this.inputs = inputs
    this.outputs = outputs
    this.kernel = made.kernel
    this.layout = made.layout
    this.weight = made.weight
    this.bias = made.bias
  }

  /** @throws ShapeError for another rank, another number of channels, and an input that no window fits into. */
  forward<S extends Shape>(
    input: Entering<S, ChannelsOf<In, 1>>,
    context?: ForwardContext,
  ): Tensor<ConvolvedShape<S, Out, 1>>
  forward(input: Tensor): Tensor {
    return convolved(this, input)
  }

  /** `Conv1d(3, 8, kernel 3)`, as summaries and messages show it. */
  toString(): string {
    return shownConvolution('Conv1d', this)
  }
}

/**
 * The convolutional layer over images: every output sees a window of the input, and all windows share their weights.
 * `[batch, in, height, width] -> [batch, out, ...]`, or without the batch. `weight` is `[out, in / groups, ...kernel]`, `bias` is `[out]`. The
 * function is `convolution`. Lecture: convolutional neural networks.
 *
 * @example
 * ```ts
 * import { Rng, zeros } from '@adjoint/core'
 * import { Conv2d } from '@adjoint/nn'
 * const layer = new Conv2d(3, 8, 3, { rng: new Rng(0), stride: 2, padding: 1 })
 * layer.forward(zeros([5, 3, 32, 32])).shape // => [5, 8, 16, 16]
 * layer.weight.shape // => [8, 3, 3, 3]
 * ```
 */
export class Conv2d<In extends number = number, Out extends number = number> {
  readonly inputs: In
  readonly outputs: Out
  readonly kernel: readonly number[]
  readonly layout: ConvLayout
  readonly weight: Parameter
  readonly bias: Parameter | null
  /** Never set: the types of {@link forward} for a batch, for a chain that this is a layer of. */
  declare readonly typedAs?: Signature<
    Tensor<Readonly<BatchOfChannels<Dim, In, 2>>>,
    Tensor<BatchOfChannels<number, Out, 2>>
  >

  /**
   * @param inputs number of channels that come in
   * @param outputs number of channels that go out
   * @param kernel size of a window
   * @throws ArgumentError for sizes that are not whole numbers from 1 up, channels that are no multiple of the groups, an unknown
   * setting, a missing `rng`, or an initialiser that returns another shape or dtype.
   */
  constructor(inputs: In, outputs: Out, kernel: PerAxis, options: ConvSettings = {}) {
    const made = parts('Conv2d', 2, [inputs, outputs], kernel, options)
    this.inputs = inputs
    this.outputs = outputs
    this.kernel = made.kernel
    this.layout = made.layout
    this.weight = made.weight
    this.bias = made.bias
  }

  /** @throws ShapeError for another rank, another number of channels, and an input that no window fits into. */
  forward<S extends Shape>(
    input: Entering<S, ChannelsOf<In, 2>>,
    context?: ForwardContext,
  ): Tensor<ConvolvedShape<S, Out, 2>>
  forward(input: Tensor): Tensor {
    return convolved(this, input)
  }

  /** `Conv2d(3, 8, kernel 3)`, as summaries and messages show it. */
  toString(): string {
    return shownConvolution('Conv2d', this)
  }
}

/**
 * The convolutional layer over volumes: every output sees a window of the input, and all windows share their weights.
 * `[batch, in, depth, height, width] -> [batch, out, ...]`, or without the batch. `weight` is `[out, in / groups, ...kernel]`, `bias` is `[out]`. The
 * function is `convolution`. Lecture: convolutional neural networks.
 *
 * @example
 * ```ts
 * import { Rng, zeros } from '@adjoint/core'
 * import { Conv3d } from '@adjoint/nn'
 * const layer = new Conv3d(1, 4, [1, 3, 3], { rng: new Rng(0), padding: 'same' })
 * layer.forward(zeros([2, 1, 8, 16, 16])).shape // => [2, 4, 8, 16, 16]
 * ```
 */
export class Conv3d<In extends number = number, Out extends number = number> {
  readonly inputs: In
  readonly outputs: Out
  readonly kernel: readonly number[]
  readonly layout: ConvLayout
  readonly weight: Parameter
  readonly bias: Parameter | null
  /** Never set: the types of {@link forward} for a batch, for a chain that this is a layer of. */
  declare readonly typedAs?: Signature<
    Tensor<Readonly<BatchOfChannels<Dim, In, 3>>>,
    Tensor<BatchOfChannels<number, Out, 3>>
  >

  /**
   * @param inputs number of channels that come in
   * @param outputs number of channels that go out
   * @param kernel size of a window
   * @throws ArgumentError for sizes that are not whole numbers from 1 up, channels that are no multiple of the groups, an unknown
   * setting, a missing `rng`, or an initialiser that returns another shape or dtype.
   */
  constructor(inputs: In, outputs: Out, kernel: PerAxis, options: ConvSettings = {}) {
    const made = parts('Conv3d', 3, [inputs, outputs], kernel, options)
    this.inputs = inputs
    this.outputs = outputs
    this.kernel = made.kernel
    this.layout = made.layout
    this.weight = made.weight
    this.bias = made.bias
  }

  /** @throws ShapeError for another rank, another number of channels, and an input that no window fits into. */
  forward<S extends Shape>(
    input: Entering<S, ChannelsOf<In, 3>>,
    context?: ForwardContext,
  ): Tensor<ConvolvedShape<S, Out, 3>>
  forward(input: Tensor): Tensor {
    return convolved(this, input)
  }

  /** `Conv3d(3, 8, kernel 3)`, as summaries and messages show it. */
  toString(): string {
    return shownConvolution('Conv3d', this)
  }
}
