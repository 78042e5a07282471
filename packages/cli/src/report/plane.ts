/** The plane of the two measurements of a study, and fields of colour over it. */

import type { StandardScaler } from '@adjoint/data'
import { standardise } from '../networks/features.ts'
import type { BinaryStudy } from '../networks/penguinBinary.ts'

/** What part of the plane is drawn, in the units of the measurements. */
export interface Plane {
  readonly x: readonly [number, number]
  readonly y: readonly [number, number]
  /**
   * The field of colour, a little larger than the frame, which cuts off the part of a closed contour that runs along its
   * edge.
   */
  readonly field: {
    readonly x1: number
    readonly x2: number
    readonly y1: number
    readonly y2: number
  }
}

/** The plane around everything that was measured, with a margin of 5 % on each side. */
export function planeOf({ measured }: BinaryStudy): Plane {
  const x = extent(measured.map(([horizontal]) => horizontal!))
  const y = extent(measured.map(([, vertical]) => vertical!))
  const [x1, x2] = widen(x[0], x[1], 0.02)
  const [y1, y2] = widen(y[0], y[1], 0.02)
  return { x, y, field: { x1, x2, y1, y2 } }
}

/** The middles of grid × grid cells of the field, row by row, as a network takes them: standardised. */
export function cellsOf({ field }: Plane, grid: number, scale: StandardScaler): number[][] {
  const { x1, x2, y1, y2 } = field
  const cells = Array.from({ length: grid * grid }, (_, at) => [
    x1 + ((x2 - x1) * ((at % grid) + 0.5)) / grid,
    y1 + ((y2 - y1) * (Math.floor(at / grid) + 0.5)) / grid,
  ])
  return standardise(cells, scale)
}

/** The bounds between bands of equal width. */
export function fieldThresholds(bands: number, [low, high]: readonly [number, number]): number[] {
  return Array.from({ length: bands - 1 }, (_, at) => low + ((high - low) * (at + 1)) / bands)
}

/** From the colour of "no" over the colour of the page to the colour of "yes", mixed by the browser for its scheme. */
export function fieldColors(bands: number): string[] {
  return Array.from({ length: bands }, (_, at) => {
    const certainty = (2 * (at + 0.5)) / bands - 1
    const pole = certainty < 0 ? 'var(--negative)' : 'var(--positive)'
    return `color-mix(in srgb, ${pole} ${Math.round(48 * Math.abs(certainty))}%, var(--surface))`
  })
}

/** The range of some values with a margin of 5 % on both sides. */
function extent(values: readonly number[]): [number, number] {
  return widen(Math.min(...values), Math.max(...values), 0.05)
}

/** A range with a part of its length added at both ends. */
function widen(low: number, high: number, part: number): [number, number] {
  const margin = part * (high - low)
  return [low - margin, high + margin]
}
