import { expectOptions, formatShape, perAxis } from '@adjoint/core/engine'
import {
  ArgumentError,
  type Dim,
  type Parameter,
  type PerAxis,
  type Shape,
  ShapeError,
  type Tensor,
  transposedConvolution,
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

/** Settings of {@link ConvTranspose1d}, {@link ConvTranspose2d} and {@link ConvTranspose3d}; a number is for all axes of space. */
export interface ConvTransposeSettings extends ConvolutionParameterOptions {
  /** From one window of the output to the next. Default 1. */
  readonly stride?: PerAxis
  /** What is taken away from the output, on each side. Default 0. */
  readonly padding?: PerAxis
  /** Added to the size of the output at the end, less than stride or dilation. Default 0. */
  readonly outputPadding?: PerAxis
  /** The size of the output instead of `outputPadding`, which then follows from it and from the input. */
  readonly outputSize?: PerAxis
  /** Distance between neighbours within a window. Default 1. */
  readonly dilation?: PerAxis
  /** Groups of channels that do not see each other. Default 1. */
  readonly groups?: number
}

/** The settings as the layer uses them, one number for each axis of space. */
export interface ConvTransposeLayout {
  readonly stride: readonly number[]
  readonly padding: readonly number[]
  readonly outputPadding: readonly number[]
  readonly outputSize: readonly number[] | null
  readonly dilation: readonly number[]
  readonly groups: number
}

/** Everything a layer consists of, checked and made. */
function parts(
  layer: string,
  axes: number,
  [inputs, outputs]: readonly [number, number],
  kernel: PerAxis,
  options: ConvTransposeSettings,
): {
  readonly kernel: readonly number[]
  readonly layout: ConvTransposeLayout
  readonly weight: Parameter
  readonly bias: Parameter | null
} {
  expectOptions(layer, options, [
    'stride',
    'padding',
    'outputPadding',
    'outputSize',
    'dilation',
    'groups',
    ...PARAMETER_OPTIONS,
  ])
  const { stride = 1, padding = 0, outputPadding = 0, outputSize, dilation = 1, groups = 1 } = options
  expectChannels(layer, inputs, outputs, groups)
  if (outputSize !== undefined && options.outputPadding !== undefined) {
    throw new ArgumentError(layer, 'takes outputPadding or outputSize, not both: one follows from the other.')
  }
  const windows = Object.freeze([...perAxis(layer, 'kernel', kernel, axes, 1)])
  const layout: ConvTransposeLayout = Object.freeze({
    stride: perAxis(layer, 'stride', stride, axes, 1),
    padding: perAxis(layer, 'padding', padding, axes, 0),
    outputPadding: perAxis(layer, 'outputPadding', outputPadding, axes, 0),
    outputSize: outputSize === undefined ? null : perAxis(layer, 'outputSize', outputSize, axes, 1),
    dilation: perAxis(layer, 'dilation', dilation, axes, 1),
    groups,
  })
  layout.outputPadding.forEach((more, axis) => {
    if (more < Math.max(layout.stride[axis]!, layout.dilation[axis]!)) return
    throw new ArgumentError(layer, `outputPadding must be smaller than stride or dilation, got ${more}.`)
  })
  return {
    kernel: windows,
    layout,
    ...newWeights(layer, [inputs, outputs / groups, ...windows], outputs, options),
  }
}

/** What the three layers have in common. */
interface Transposing {
  readonly inputs: number
  readonly outputs: number
  readonly kernel: readonly number[]
  readonly layout: ConvTransposeLayout
  readonly weight: Tensor
  readonly bias: Tensor | null
}

function spread(layer: Transposing, input: Tensor, outputSize: readonly number[] | null): Tensor {
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
  const { outputSize: _, ...settings } = layer.layout
  const y = transposedConvolution(input, weight, {
    ...settings,
    ...(outputSize !== null && { outputPadding: paddingFor(layer, input, outputSize) }),
  })
  return withBias(y, bias, axes)
}

/** How much more than the smallest output is wanted: less than the stride. */
function paddingFor(layer: Transposing, input: Tensor, outputSize: readonly number[]): readonly number[] {
  const { stride, padding, dilation } = layer.layout
  const axes = stride.length
  const least = stride.map(
    (step, axis) =>
      (input.shape[input.rank - axes + axis]! - 1) * step -
      2 * padding[axis]! +
      dilation[axis]! * (layer.kernel[axis]! - 1) +
      1,
  )
  const more = outputSize.map((size, axis) => size - least[axis]!)
  if (more.every((each, axis) => each >= 0 && each < stride[axis]!)) return more
  const most = least.map((size, axis) => size + stride[axis]! - 1)
  throw new ShapeError(
    String(layer),
    `cannot give an output of ${formatShape(outputSize)} for an input ${formatShape(input.shape)}: sizes run from ` +
      `${formatShape(least)} to ${formatShape(most)}.`,
    [input.shape],
  )
}

function shownTranspose(name: string, layer: Transposing): string {
  const { outputSize, ...settings } = layer.layout
  return shownLayer(name, layer.inputs, layer.outputs, {
    kernel: layer.kernel,
    ...settings,
    ...(outputSize !== null && { outputSize }),
  })
}

/**
 * The transpose of a convolution over signals: every input is spread over a window of the output, and overlapping windows add up.
 * `[batch, in, length] -> [batch, out, ...]`, or without the batch. `weight` is `[in, out / groups, ...kernel]`, `bias` is `[out]`. The
 * function is `transposedConvolution`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { ConvTranspose1d, initializers } from '@adjoint/nn'
 * const layer = new ConvTranspose1d(1, 1, 2, { weightInitializer: initializers.ones, bias: false })
 * layer.forward(tensor([[[1, 2, 3]]])).toArray() // => [[[1, 3, 5, 3]]]
 * ```
 */
export class ConvTranspose1d<In extends number = number, Out extends number = number> {
  readonly inputs: In
  readonly outputs: Out
  readonly kernel: readonly number[]
  readonly layout: ConvTransposeLayout
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
  constructor(inputs: In, outputs: Out, kernel: PerAxis, options: ConvTransposeSettings = {}) {
    const made = parts('ConvTranspose1d', 1, [inputs, outputs], kernel, options)
    this.inputs = inputs
    this.outputs = outputs
    this.kernel = made.kernel
    this.layout = made.layout
    this.weight = made.weight
    this.bias = made.bias
  }

  /** @throws ShapeError for another rank, another number of channels, and an output size that the input cannot give. */
  forward<S extends Shape>(
    input: Entering<S, ChannelsOf<In, 1>>,
    context?: ForwardContext,
  ): Tensor<ConvolvedShape<S, Out, 1>>
  forward(input: Tensor): Tensor {
    return spread(this, input, this.layout.outputSize)
  }

  /** The same for an output of a given size; one that a convolution with these settings reduces to the size of the input. */
  forwardTo<S extends Shape>(
    outputSize: PerAxis,
    input: Entering<S, ChannelsOf<In, 1>>,
  ): Tensor<ConvolvedShape<S, Out, 1>>
  forwardTo(outputSize: PerAxis, input: Tensor): Tensor {
    return spread(this, input, perAxis(String(this), 'outputSize', outputSize, 1, 1))
  }

  /** `ConvTranspose1d(8, 3, kernel 3)`, as summaries and messages show it. */
  toString(): string {
    return shownTranspose('ConvTranspose1d', this)
  }
}

/**
 * The transpose of a convolution over images: every input is spread over a window of the output, and overlapping windows add up.
 * `[batch, in, height, width] -> [batch, out, ...]`, or without the batch. `weight` is `[in, out / groups, ...kernel]`, `bias` is `[out]`. The
 * function is `transposedConvolution`.
 *
 * @example
 * ```ts
 * import { Rng, zeros } from '@adjoint/core'
 * import { ConvTranspose2d } from '@adjoint/nn'
 * const layer = new ConvTranspose2d(8, 3, 3, { rng: new Rng(0), stride: 2, padding: 1 })
 * layer.forward(zeros([5, 8, 16, 16])).shape // => [5, 3, 31, 31]
 * layer.forwardTo(32, zeros([5, 8, 16, 16])).shape // => [5, 3, 32, 32]
 * ```
 */
export class ConvTranspose2d<In extends number = number, Out extends number = number> {
  readonly inputs: In
  readonly outputs: Out
  readonly kernel: readonly number[]
  readonly layout: ConvTransposeLayout
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
  constructor(inputs: In, outputs: Out, kernel: PerAxis, options: ConvTransposeSettings = {}) {
    const made = parts('ConvTranspose2d', 2, [inputs, outputs], kernel, options)
    this.inputs = inputs
    this.outputs = outputs
    this.kernel = made.kernel
    this.layout = made.layout
    this.weight = made.weight
    this.bias = made.bias
  }

  /** @throws ShapeError for another rank, another number of channels, and an output size that the input cannot give. */
  forward<S extends Shape>(
    input: Entering<S, ChannelsOf<In, 2>>,
    context?: ForwardContext,
  ): Tensor<ConvolvedShape<S, Out, 2>>
  forward(input: Tensor): Tensor {
    return spread(this, input, this.layout.outputSize)
  }

  /** The same for an output of a given size; one that a convolution with these settings reduces to the size of the input. */
  forwardTo<S extends Shape>(
    outputSize: PerAxis,
    input: Entering<S, ChannelsOf<In, 2>>,
  ): Tensor<ConvolvedShape<S, Out, 2>>
  forwardTo(outputSize: PerAxis, input: Tensor): Tensor {
    return spread(this, input, perAxis(String(this), 'outputSize', outputSize, 2, 1))
  }

  /** `ConvTranspose2d(8, 3, kernel 3)`, as summaries and messages show it. */
  toString(): string {
    return shownTranspose('ConvTranspose2d', this)
  }
}

/**
 * The transpose of a convolution over volumes: every input is spread over a window of the output, and overlapping windows add up.
 * `[batch, in, depth, height, width] -> [batch, out, ...]`, or without the batch. `weight` is `[in, out / groups, ...kernel]`, `bias` is `[out]`. The
 * function is `transposedConvolution`.
 *
 * @example
 * ```ts
 * import { Rng, zeros } from '@adjoint/core'
 * import { ConvTranspose3d } from '@adjoint/nn'
 * const layer = new ConvTranspose3d(4, 1, 2, { rng: new Rng(0), stride: 2 })
 * layer.forward(zeros([2, 4, 3, 5, 5])).shape // => [2, 1, 6, 10, 10]
 * ```
 */
export class ConvTranspose3d<In extends number = number, Out extends number = number> {
  readonly inputs: In
  readonly outputs: Out
  readonly kernel: readonly number[]
  readonly layout: ConvTransposeLayout
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
  constructor(inputs: In, outputs: Out, kernel: PerAxis, options: ConvTransposeSettings = {}) {
    const made = parts('ConvTranspose3d', 3, [inputs, outputs], kernel, options)
    this.inputs = inputs
    this.outputs = outputs
    this.kernel = made.kernel
    this.layout = made.layout
    this.weight = made.weight
    this.bias = made.bias
  }

  /** @throws ShapeError for another rank, another number of channels, and an output size that the input cannot give. */
  forward<S extends Shape>(
    input: Entering<S, ChannelsOf<In, 3>>,
    context?: ForwardContext,
  ): Tensor<ConvolvedShape<S, Out, 3>>
  forward(input: Tensor): Tensor {
    return spread(this, input, this.layout.outputSize)
  }

  /** The same for an output of a given size; one that a convolution with these settings reduces to the size of the input. */
  forwardTo<S extends Shape>(
    outputSize: PerAxis,
    input: Entering<S, ChannelsOf<In, 3>>,
  ): Tensor<ConvolvedShape<S, Out, 3>>
  forwardTo(outputSize: PerAxis, input: Tensor): Tensor {
    return spread(this, input, perAxis(String(this), 'outputSize', outputSize, 3, 1))
  }

  /** `ConvTranspose3d(8, 3, kernel 3)`, as summaries and messages show it. */
  toString(): string {
    return shownTranspose('ConvTranspose3d', this)
  }
}
