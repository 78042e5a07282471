/** Random windows over signals, images and volumes, with batch or without. */
import { Rng, type Tensor } from '@adjoint/core'
import fc from 'fast-check'
import { cotangentsFor, differentiate, type Values } from './twin.ts'

/** One axis of the space with windows that fit. */
export interface AxisCase {
  readonly size: number
  readonly kernel: number
  readonly stride: number
  readonly padding: number
  readonly dilation: number
}

const axisCase: fc.Arbitrary<AxisCase> = fc
  .record({
    kernel: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    pad: fc.boolean(),
    more: fc.nat(4),
  })
  .map(({ kernel, stride, dilation, pad, more }) => ({
    size: dilation * (kernel - 1) + 1 + more,
    kernel,
    stride,
    padding: pad ? Math.floor(kernel / 2) : 0,
    dilation,
  }))

/** What stands in front of the space: `[batch, channels]` or `[channels]`. */
export const lead: fc.Arbitrary<number[]> = fc.array(fc.integer({ min: 1, max: 2 }), {
  minLength: 1,
  maxLength: 2,
})

/** A whole case: as many axes as the layers have that are named by their number. */
export const windowCases: fc.Arbitrary<{
  readonly lead: number[]
  readonly axes: AxisCase[]
  readonly ceilMode: boolean
}> = fc.record({
  lead,
  axes: fc.array(axisCase, { minLength: 1, maxLength: 3 }),
  ceilMode: fc.boolean(),
})

/** One setting of all axes. */
export function each<Key extends keyof AxisCase>(axes: readonly AxisCase[], key: Key): number[] {
  return axes.map(axis => axis[key])
}

/** The class for a number of axes, of one, two and three. */
export function ofRank<Layer>(classes: readonly Layer[], axes: number): Layer {
  return classes[axes - 1]!
}

/** One input and one output: the derivative by autodiff, and the cotangent that it began with. */
export function passesOf(
  x: Tensor,
  y: Tensor,
  rng: Rng = new Rng(1),
): { automatic: Record<string, Tensor>; cotangents: Values<Tensor> } {
  const cotangents = cotangentsFor(rng, { y })
  return { automatic: differentiate({ x }, { y }, cotangents), cotangents }
}
