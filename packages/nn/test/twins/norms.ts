// What the pairs of norms share: random factors and offsets, and how large the terms are that cancel.
import type { Parameter, Rng, Tensor } from '@adjoint/core'
import type { NumericArray } from '@adjoint/manual'
import fc from 'fast-check'
import { cotangentsFor, differentiate, draw, type Passes, toArray } from './twin.ts'

/** Sizes of the axes of space, none among them. */
export const space = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 })

/** Small enough to matter, large enough that groups of a single entry stay in range. */
export const epsilon = fc.constantFrom(1e-5, 1e-3, 0.5)

/** A norm with its parameters, drawn anew. */
export interface NormLayer {
  readonly weight: Parameter | null
  readonly bias?: Parameter | null
  readonly forward: (input: Tensor, context?: { training: boolean }) => Tensor
}

/** The hand-derived side: `weight` is left out when the norm learns none. */
export interface NormTwin {
  readonly forward: (inputs: {
    x: NumericArray
    weight?: NumericArray
    bias?: NumericArray
    epsilon: number
  }) => NumericArray
  readonly backward: (inputs: {
    dy: NumericArray
    x: NumericArray
    weight?: NumericArray
    epsilon: number
  }) => { dx: NumericArray; dweight: NumericArray; dbias?: NumericArray }
}

/** Both passes of a norm on random numbers, which need not lie around 0. */
export function compareNorm(
  rng: Rng,
  shape: readonly number[],
  epsilon: number,
  layer: NormLayer,
  manual: NormTwin,
  context?: { training: boolean },
): Passes {
  const { weight, bias = null } = layer
  for (const parameter of [weight, bias]) {
    parameter?.assign(rng.normal(parameter.shape, { dtype: 'float64' }) as Tensor)
  }
  const x = draw(rng, shape)
  const output = layer.forward(x, context)
  const inputs = { x, ...(weight && { weight }), ...(bias && { bias }) }
  const cotangents = cotangentsFor(rng, { y: output })
  const automatic = differentiate(inputs, { y: output }, cotangents)
  const given = {
    x: toArray(x),
    ...(weight && { weight: toArray(weight) }),
    ...(bias && { bias: toArray(bias) }),
    epsilon,
  }
  const dy = toArray(cotangents.y!)
  const { dx, dweight, dbias } = manual.backward({ ...given, dy })
  // x - m, and everything that comes back through m and v, is a difference of numbers that may nearly be equal: a group of two
  // entries has ±1 whatever they are. No group has a root below √ε, which divides what rounding left.
  const root = Math.sqrt(epsilon)
  const [sizeX, sizeD] = [largest(x), largest(cotangents.y!)]
  const factor = weight ? largest(weight) : 1
  return {
    automatic,
    manual: {
      y: manual.forward(given),
      dx,
      ...(weight && { dweight }),
      ...(bias && dbias && { dbias }),
    },
    terms: {
      y: (sizeX * factor) / root,
      dx: (sizeD * factor) / root,
      dweight: (sizeD * sizeX) / root,
      dbias: sizeD,
    },
  }
}

function largest(x: Tensor): number {
  return Array.from(x.data()).reduce((most, value) => Math.max(most, Math.abs(value)), 1)
}
