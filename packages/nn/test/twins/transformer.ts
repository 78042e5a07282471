/** What the pairs of transformer layers share: cases, what drops, and parameters by their names. */
import { dropoutMask, Rng, type Tensor } from '@adjoint/core'
import type * as manual from '@adjoint/manual'
import type { TransformerDecoderLayer, TransformerEncoderLayer } from '@adjoint/nn'
import fc from 'fast-check'
import { namedGradients, small } from './attention.ts'
import { toArray } from './twin.ts'

export const transformerCases = {
  batch: small,
  n: small,
  m: small,
  heads: fc.integer({ min: 1, max: 2 }),
  size: fc.constantFrom(4, 6),
  hidden: fc.integer({ min: 1, max: 6 }),
  preNorm: fc.boolean(),
  activation: fc.constantFrom('relu' as const, 'gelu' as const),
  dropout: fc.constantFrom(0, 0.3),
}

/** Seed of what drops: both sides draw it by themselves. */
export const DROPS = 7

/** Draws one mask after the other, as a pass does; `null` for nothing. */
export function maskDrawer(rate: number): (...shape: number[]) => manual.NumericArray | null {
  const rng = new Rng(DROPS)
  return (...shape) =>
    rate === 0 ? null : toArray(dropoutMask(rng, shape, rate, { dtype: 'float64' }) as Tensor)
}

type Layer = TransformerEncoderLayer | TransformerDecoderLayer

/** The dense layers for the hand-derived side. */
export function denseWeightsOf({ linear1, linear2 }: Layer): manual.FeedForwardWeights {
  const read = (x: unknown): manual.NumericArray => toArray(x as Tensor)
  return {
    W1: read(linear1.weight),
    b1: read(linear1.bias),
    W2: read(linear2.weight),
    b2: read(linear2.bias),
  }
}

/** A norm for the hand-derived side. */
export function normWeightsOf(norm: TransformerEncoderLayer['norm1']): manual.NormWeights {
  return { weight: toArray(norm.weight as Tensor), bias: toArray(norm.bias as Tensor) }
}

/** Derivatives by hand under the names of the parameters. */
export function namedLayerGradients(
  layer: Layer,
  d: manual.EncoderLayerWeights | manual.DecoderLayerWeights,
): Record<string, manual.NumericArray> {
  const { W1, b1, W2, b2 } = d.feedForward
  const cross =
    'crossAttention' in layer && 'crossAttention' in d
      ? namedGradients(layer.crossAttention, d.crossAttention, 'crossAttention.')
      : {}
  return {
    ...namedGradients(layer.selfAttention, d.selfAttention, 'selfAttention.'),
    ...cross,
    ...{ 'dlinear1.weight': W1, 'dlinear1.bias': b1, 'dlinear2.weight': W2, 'dlinear2.bias': b2 },
    ...Object.fromEntries(
      d.norms.flatMap(({ weight, bias }, i) => [
        [`dnorm${i + 1}.weight`, weight],
        [`dnorm${i + 1}.bias`, bias],
      ]),
    ),
  }
}

/**
 * How large the terms of the derivatives are. The way back through a norm takes away the mean and the part along the output;
 * what is left, and a single hidden unit makes of it, may be any small part of numbers around 1.
 */
export function termsOf(derivatives: Readonly<Record<string, unknown>>): Record<string, number> {
  return Object.fromEntries(Object.keys(derivatives).map(name => [name, 1]))
}
