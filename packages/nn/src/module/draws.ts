/** What layers share that drop elements at random. */

import {
  ArgumentError,
  add,
  dropoutMask,
  greater,
  mul,
  type Rng,
  type Tensor,
  where,
} from '@adjoint/core/functional'
import type { ForwardContext } from './module.ts'
import { shown } from './shown.ts'

/** The probability to drop an element. */
export function expectRate(layer: string, rate: number, name: string = 'the rate'): number {
  if (typeof rate === 'number' && rate >= 0 && rate <= 1) return rate
  throw new ArgumentError(layer, `${name} must be a number from 0 to 1, got ${shown(rate)}.`)
}

/**
 * The generator of a training pass; undefined for any other pass, and where there is nothing to draw.
 *
 * @throws ArgumentError for a training pass without a generator.
 */
export function generatorOf(
  layer: string,
  rate: number,
  context: ForwardContext | undefined,
): Rng | undefined {
  return context?.training !== true || rate === 0 ? undefined : expectGenerator(layer, context)
}

/** The generator of a training pass that draws in any case. */
export function expectGenerator(layer: string, { rng }: ForwardContext): Rng {
  if (rng !== undefined) return rng
  throw new ArgumentError(
    layer,
    'draws random numbers in training and got no generator; pass { training: true, rng: new Rng(0) }.',
  )
}

/** `[batch, channels, 1, ...]`: one draw for each channel of each example. */
export function channelMaskShape(layer: string, shape: readonly number[]): number[] {
  if (shape.length >= 2) return shape.map((size, axis) => (axis < 2 ? size : 1))
  throw new ArgumentError(layer, `takes [batch, channels, ...space], got [${shape.join(', ')}].`)
}

/** Masks are as exact as what they are multiplied with. */
export function dtypeOfDraws({ dtype }: Tensor): { readonly dtype?: 'float32' | 'float64' } {
  return dtype === 'float32' || dtype === 'float64' ? { dtype } : {}
}

/** The limit of selu far to the left, -λα. */
const ALPHA = -1.7580993408473766

/** Elements set to the limit of selu, and all moved back to mean 0 and variance 1. */
export function dropToAlpha(x: Tensor, rng: Rng, shape: readonly number[], rate: number): Tensor {
  const stays = greater(dropoutMask(rng, shape, rate), 0)
  if (rate === 1) return mul(x, 0)
  const a = 1 / Math.sqrt((1 - rate) * (1 + rate * ALPHA ** 2))
  const b = -a * rate * ALPHA
  return where(stays, add(mul(x, a), b), a * ALPHA + b)
}
