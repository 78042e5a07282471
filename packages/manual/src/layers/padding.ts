import { type NumericArray, zerosOf } from '../array.ts'
import { forEachPosition, numberOf, planesOf } from '../positions.ts'

/** How much is added around the space, and what. */
export interface PaddingSettings {
  /** Before and after each axis of the space; negative numbers take entries away. */
  readonly widths: readonly (readonly [before: number, after: number])[]
  readonly mode: 'constant' | 'reflect' | 'replicate' | 'circular'
  /** What mode `'constant'` adds. Default 0. */
  readonly value?: number
}

/** What `padding.forward` takes: x is (..., space). */
export interface PaddingForwardInputs extends PaddingSettings {
  readonly x: NumericArray
}

/** What `padding.backward` takes: dy is the derivative of L with respect to y; of x only the shape is read. */
export interface PaddingBackwardInputs extends PaddingForwardInputs {
  readonly dy: NumericArray
}

/**
 * Padding: along an axis of n entries output i reads entry p = i − before, and beyond the ends
 *
 *     reflect    −p before the first, 2 (n − 1) − p behind the last
 *     replicate  0 or n − 1
 *     circular   p + n or p − n
 *     constant   no entry, but a constant c
 *
 * With r(i) for what output i reads, y_i = x_r(i), or c, and an entry collects from all that read it:
 *
 *     dx_p = Σ_i [r(i) = p] dy_i
 */
export const padding: {
  /** (..., space) → (..., padded space). */
  forward(inputs: PaddingForwardInputs): NumericArray
  /** From dy to dx, in the shape of x. */
  backward(inputs: PaddingBackwardInputs): { readonly dx: NumericArray }
} = {
  forward: ({ x, widths, mode, value = 0 }) => {
    const { lead, space } = planesOf(x, widths.length)
    const y = zerosOf([...lead, ...space.map((n, axis) => n + widths[axis]![0] + widths[axis]![1])], [x])
    y.data.fill(value)
    forEachRead(x, y, { widths, mode }, (p, i) => {
      y.data[i] = x.data[p]!
    })
    return y
  },

  backward: ({ dy, x, widths, mode }) => {
    const dx = zerosOf(x.shape, [dy])
    forEachRead(x, dy, { widths, mode }, (p, i) => {
      dx.data[p]! += dy.data[i]!
    })
    return { dx }
  },
}

/** Calls `visit` with every output that reads an entry, and that entry. */
function forEachRead(
  x: NumericArray,
  y: NumericArray,
  { widths, mode }: PaddingSettings,
  visit: (entry: number, output: number) => void,
): void {
  const { space, count, size } = planesOf(x, widths.length)
  const outputs = planesOf(y, widths.length)
  for (let plane = 0; plane < count; plane++) {
    forEachPosition(outputs.space, (i, number) => {
      const read = i.map((at, axis) => entryAt(at - widths[axis]![0], space[axis]!, mode))
      const p = numberOf(read, space)
      if (p >= 0) visit(plane * size + p, plane * outputs.size + number)
    })
  }
}

/** r along one axis; mode `'constant'` stays outside. */
function entryAt(p: number, n: number, mode: PaddingSettings['mode']): number {
  if (p >= 0 && p < n) return p
  if (mode === 'reflect') return p < 0 ? -p : 2 * (n - 1) - p
  if (mode === 'replicate') return p < 0 ? 0 : n - 1
  if (mode === 'circular') return p < 0 ? p + n : p - n
  return p
}
