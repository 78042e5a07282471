import {
  expectOperands,
  type PaddingPair,
  runConvolution,
  turnedKernel,
  withBatch,
} from '../ops/convolution.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import { type PerAxis, perAxis } from '../shape/perAxis.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Settings of {@link transposedConvolution}: those of the convolution that it is the transpose of. */
export interface TransposedConvolutionOptions {
  /** From one window of the output to the next. Default 1. */
  readonly stride?: PerAxis
  /** What is taken away from the output, on each side. Default 0. */
  readonly padding?: PerAxis
  /**
   * Added to the size of the output at the end: with a stride above 1, convolutions of several sizes give the same, and this
   * says which one is meant. Smaller than stride or dilation. Default 0.
   */
  readonly outputPadding?: PerAxis
  /** Distance between neighbours within a window. Default 1. */
  readonly dilation?: PerAxis
  /** Groups of channels that do not see each other. Default 1. */
  readonly groups?: number
}

/**
 * The transpose of a convolution: every input is spread over a window of the output, and where windows overlap they add up.
 * `[batch, in, ...space]` and a kernel `[in, out / groups, ...window]` `-> [batch, out, ...]`, or without the batch axis for one
 * example. Not an inverse: it undoes what `convolution` with the same settings does to the size, and its gradient for `x` is
 * that convolution. Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016.
 *
 * `y[n, o, p stride + k dilation - padding] += Σ_i kernel[i, o, k] x[n, i, p]`, so there are
 * `(size - 1) stride - 2 padding + dilation (window - 1) + outputPadding + 1` outputs along an axis.
 *
 * @example
 * ```ts
 * import { tensor, transposedConvolution } from '@adjoint/core'
 * const x = tensor([[1, 2, 3]])
 * transposedConvolution(x, tensor([[[1, 1]]])).toArray() // => [[1, 3, 5, 3]]
 * transposedConvolution(x, tensor([[[1, 1]]]), { stride: 2 }).toArray() // => [[1, 1, 2, 2, 3, 3]]
 * ```
 * @throws ShapeError when ranks, channels and groups do not fit, or no output is left; ArgumentError for settings that are not
 * whole numbers, and for an output padding that is not smaller than stride or dilation.
 */
export function transposedConvolution(
  x: Tensor,
  kernel: Tensor,
  options: TransposedConvolutionOptions = {},
): Tensor {
  const name = 'transposedConvolution'
  expectOptions(name, options, ['stride', 'padding', 'outputPadding', 'dilation', 'groups'])
  const { space, groups } = expectOperands(name, x, kernel, options.groups)
  const [inputs, , ...windows] = kernel.shape as readonly number[]
  const channels = x.shape.at(-space - 1)
  if (channels !== inputs || inputs! % groups !== 0) {
    const operands = `input ${formatShape(x.shape)}, kernel ${formatShape(kernel.shape)}, groups ${groups}`
    const problem =
      channels === inputs
        ? `${inputs} input channels cannot be divided into ${groups} groups`
        : `the input has ${channels} channels, the kernel takes ${inputs}`
    throw new ShapeError(name, `${problem}; ${operands}. The kernel is [in, out / groups, ...window].`, [
      x.shape,
      kernel.shape,
    ])
  }
  const stride = perAxis(name, 'stride', options.stride ?? 1, space, 1)
  const dilation = perAxis(name, 'dilation', options.dilation ?? 1, space, 1)
  const padding = perAxis(name, 'padding', options.padding ?? 0, space, 0)
  const more = perAxis(name, 'outputPadding', options.outputPadding ?? 0, space, 0)
  const around = windows.map((window, axis): PaddingPair => {
    if (more[axis]! >= Math.max(stride[axis]!, dilation[axis]!)) {
      throw new ArgumentError(
        name,
        `outputPadding must be smaller than stride or dilation: along axis ${axis} of space it is ${more[axis]}, with stride ` +
          `${stride[axis]} and dilation ${dilation[axis]}.`,
      )
    }
    const length = x.shape.at(axis - space)!
    const low = dilation[axis]! * (window - 1) - padding[axis]!
    const count = (length - 1) * stride[axis]! + 1 + low - padding[axis]! + more[axis]!
    if (count < 1 || length === 0 || window === 0) {
      throw new ShapeError(
        name,
        `no output is left along axis ${axis} of space, size ${length} with a window of ${window}, stride ${stride[axis]} and ` +
          `padding ${padding[axis]}; input ${formatShape(x.shape)}, kernel ${formatShape(kernel.shape)}. Use less padding.`,
        [x.shape, kernel.shape],
      )
    }
    return [low, low + more[axis]!]
  })
  const attributes = {
    stride: stride.map(() => 1),
    padding: around,
    dilation,
    inputDilation: stride,
    groups,
  }
  return withBatch(x, space, images =>
    runConvolution(images, turnedKernel(kernel, space, groups), attributes),
  )
}
