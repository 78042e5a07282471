/** Sizes and factors of layers. */

import { ArgumentError } from '@adjoint/core/functional'
import { shown } from './shown.ts'

/** A whole number from `least` up, or an error that names the layer and the setting. */
export function expectWhole(layer: string, name: string, value: number, least = 1): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new ArgumentError(layer, `${name} must be a whole number from ${least} up, got ${shown(value)}.`)
}

/** Sizes of a layer by their names: whole numbers from 1 up. */
export function expectSizes(layer: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) expectWhole(layer, name, size)
}
