/** What layers over signals, images and volumes share: `[batch, channels, ...space]`, or without the batch. */

import { formatShape, perAxis } from '@adjoint/core/engine'
import { type PerAxis, ShapeError, type Tensor } from '@adjoint/core/functional'
import { expectTensor } from './shown.ts'

/** Where windows lie, one number for each axis of the space. */
export interface WindowSettings {
  readonly kernel: readonly number[]
  readonly stride: readonly number[]
}

/** The settings of windows, checked and spread over the axes; the stride is the kernel unless it is given. */
export function windowSettings(
  layer: string,
  axes: number,
  kernel: PerAxis,
  stride: PerAxis | undefined,
): WindowSettings {
  return Object.freeze({
    kernel: perAxis(layer, 'kernel', kernel, axes, 1),
    stride: perAxis(layer, 'stride', stride ?? kernel, axes, 1),
  })
}

/** Refuses what is no `[batch, channels, ...space]` or `[channels, ...space]` with that many axes of space. */
export function expectSpace(layer: string, axes: number, input: unknown): asserts input is Tensor {
  expectTensor(layer, 'input', input)
  const { rank, shape } = input
  if (rank === axes + 1 || rank === axes + 2) return
  const space = ['length', 'height, width', 'depth, height, width'][axes - 1]
  throw new ShapeError(
    layer,
    `takes [batch, channels, ${space}] or [channels, ${space}], got ${formatShape(shape)}.`,
    [shape as readonly number[]],
  )
}

/** `2` for `[2, 2]`, `[2, 3]` for `[2, 3]`. */
export function shownPerAxis(values: readonly number[]): string {
  return values.every(value => value === values[0]) ? String(values[0]) : formatShape(values)
}
