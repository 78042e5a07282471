/** What convolutions and their transposes share: types of channels, first weights, sizes that must fit. */

import {
  ArgumentError,
  add,
  type Dim,
  type Parameter,
  type PerAxis,
  type Rng,
  reshape,
  type Shape,
  type Tensor,
  uniform,
} from '@adjoint/core/functional'
import { expectRng, type Initializer } from '../initializers/initializer.ts'
import { type FloatingDType, newParameter, parameterDType } from './newParameter.ts'
import { shownPerAxis } from './space.ts'
import { expectSizes } from './wholeNumber.ts'

/** Settings of the parameters of a layer that convolves. */
export interface ConvolutionParameterOptions {
  /** Where the first weights are drawn from. Needed unless all initialisers draw no random numbers. */
  readonly rng?: Rng
  /** Whether there is a bias. Default true. */
  readonly bias?: boolean
  /** First weights. Default: uniform in ±1/√fanIn, as in PyTorch; fanIn is the size of the weight without its first axis. */
  readonly weightInitializer?: Initializer
  /** First bias, `[outputs]`. Default: uniform in ±1/√fanIn, as in PyTorch. */
  readonly biasInitializer?: Initializer
  /** Default: the default dtype, float32. */
  readonly dtype?: FloatingDType
}

/** The names of {@link ConvolutionParameterOptions}. */
export const PARAMETER_OPTIONS: readonly ['rng', 'bias', 'weightInitializer', 'biasInitializer', 'dtype'] = [
  'rng',
  'bias',
  'weightInitializer',
  'biasInitializer',
  'dtype',
]

/** Sizes of one, two or three axes of space, known at run time. */
export interface Spaces {
  readonly 1: [number]
  readonly 2: [number, number]
  readonly 3: [number, number, number]
}

/** What enters a layer over that many axes of space, without the batch. */
export type ChannelsOf<Channels extends number, Axes extends 1 | 2 | 3> = [Channels, ...Spaces[Axes]]

/** A batch of it. */
export type BatchOfChannels<M extends Dim, Channels extends number, Axes extends 1 | 2 | 3> = [
  M,
  Channels,
  ...Spaces[Axes],
]

/** Shape of the output for an input of shape S, with or without a batch. */
export type ConvolvedShape<
  S extends Shape,
  Out extends number,
  Axes extends 1 | 2 | 3,
> = number extends S['length']
  ? Shape
  : S['length'] extends ChannelsOf<Out, Axes>['length']
    ? ChannelsOf<Out, Axes>
    : BatchOfChannels<S[0], Out, Axes>

/** Refuses sizes that are not whole numbers from 1 up, and groups that do not divide the channels. */
export function expectChannels(layer: string, inputs: number, outputs: number, groups: number): void {
  expectSizes(layer, { inputs, outputs, groups })
  for (const [name, size] of Object.entries({ inputs, outputs })) {
    if (size % groups === 0) continue
    throw new ArgumentError(layer, `${name} must be a multiple of groups, got ${size} in ${groups} groups.`)
  }
}

/** Weight and bias. The first axis of the weight is not part of the fan, whichever channels it holds, as in PyTorch. */
export function newWeights(
  layer: string,
  shape: readonly number[],
  outputs: number,
  options: ConvolutionParameterOptions,
): { readonly weight: Parameter; readonly bias: Parameter | null } {
  const bound = 1 / Math.sqrt(shape.slice(1).reduce((product, size) => product * size, 1))
  const initial: Initializer = (size, { rng, dtype }) =>
    uniform(expectRng('uniform', rng), size, { low: -bound, high: bound, dtype })
  const { rng, bias = true, weightInitializer = initial, biasInitializer = initial } = options
  const drawn = { rng, dtype: parameterDType(options.dtype) }
  return {
    weight: newParameter(layer, 'weight', shape, weightInitializer, drawn),
    bias: bias ? newParameter(layer, 'bias', [outputs], biasInitializer, drawn) : null,
  }
}

/** One number for each output channel, added everywhere in space. */
export function withBias(y: Tensor, bias: Tensor | null, axes: number): Tensor {
  if (bias === null) return y
  return add(y, reshape(bias, [bias.size, ...new Array<number>(axes).fill(1)]) as Tensor)
}

/** `Conv2d(3, 8, kernel 3, stride 2)`: what is not as usual is said. */
export function shownLayer(
  name: string,
  inputs: number,
  outputs: number,
  settings: Readonly<Record<string, PerAxis | string>>,
): string {
  const usual: Readonly<Record<string, number | string>> = {
    stride: 1,
    padding: 0,
    outputPadding: 0,
    dilation: 1,
    groups: 1,
    paddingMode: 'zeros',
  }
  const parts = Object.entries(settings).flatMap(([setting, value]) => {
    const text = typeof value === 'object' ? shownPerAxis(value) : String(value)
    return text === String(usual[setting]) ? [] : [`${setting} ${text}`]
  })
  return `${name}(${[inputs, outputs, ...parts].join(', ')})`
}
