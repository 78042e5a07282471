/** Convolutions and their transposes. */
import * as ad from '@adjoint/core'
import type { Attributes } from '../attributes.ts'
import { NotCovered } from '../errors.ts'
import type { Adapter, AdapterTable } from './adapter.ts'

/** A bias of each output channel, where there is one. */
function withBias(y: ad.Tensor, bias: ad.Tensor | undefined, space: number): ad.Tensor {
  if (bias === undefined) return y
  return ad.add(y, ad.reshape(bias, [bias.size, ...new Array<number>(space).fill(1)]) as ad.Tensor)
}

/** One number stands for all axes, also in a list. */
function perAxis(a: Attributes, name: string, fallback: number): ad.PerAxis {
  const numbers = a.optionalNumbers(name) ?? [fallback]
  return numbers.length === 1 ? numbers[0]! : numbers
}

const convolution =
  (space: number): Adapter =>
  ([x, weight, bias], a) => {
    expectSpace(weight, space)
    const isWord = typeof a.raw('padding') === 'string'
    const y = ad.convolution(x, weight, {
      stride: perAxis(a, 'stride', 1),
      padding: isWord ? a.word('padding', ['same', 'valid']) : perAxis(a, 'padding', 0),
      dilation: perAxis(a, 'dilation', 1),
      groups: a.number('groups', 1),
    })
    return withBias(y, bias, space)
  }

const transposed =
  (space: number): Adapter =>
  ([x, weight, bias], a) => {
    expectSpace(weight, space)
    const y = ad.transposedConvolution(x, weight, {
      stride: perAxis(a, 'stride', 1),
      padding: perAxis(a, 'padding', 0),
      outputPadding: perAxis(a, 'output_padding', 0),
      dilation: perAxis(a, 'dilation', 1),
      groups: a.number('groups', 1),
    })
    return withBias(y, bias, space)
  }

/** PyTorch has a function for each rank, Adjoint has one for all. */
function expectSpace({ rank }: ad.Tensor, space: number): void {
  if (rank !== space + 2) throw new NotCovered(`a weight of rank ${rank} in ${space} axes of space`)
}

export const CONVOLUTION: AdapterTable = {
  conv1d: convolution(1),
  conv2d: convolution(2),
  conv3d: convolution(3),
  conv_transpose1d: transposed(1),
  conv_transpose2d: transposed(2),
  conv_transpose3d: transposed(3),
}
