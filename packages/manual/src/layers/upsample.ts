import { type NumericArray, zerosOf } from '../array.ts'
import { forEachPosition, planesOf } from '../positions.ts'

/** Settings of an interpolation. */
export interface UpsampleSettings {
  /** Size of the space of the result. */
  readonly size: readonly number[]
  readonly mode: 'nearest' | 'nearestExact' | 'linear' | 'cubic' | 'area'
  /** Whether the centres of the corner entries stay in the corners. Default false. */
  readonly alignCorners?: boolean
  /** Whether the weights reach as far as outputs are apart. Default false. */
  readonly antialias?: boolean
  /** Distance of the outputs in entries of x, along each axis. Default: the quotient of the sizes. */
  readonly step?: readonly number[]
}

/** What `upsample.forward` takes: x is (..., space). */
export interface UpsampleForwardInputs extends UpsampleSettings {
  readonly x: NumericArray
}

/** What `upsample.backward` takes: dy is the derivative of L with respect to y; of x only the shape is read. */
export interface UpsampleBackwardInputs extends UpsampleSettings {
  readonly dy: NumericArray
  readonly x: NumericArray
}

/**
 * Interpolation: every output is a weighted sum of entries of its plane, and the weights are products of one for each axis a,
 *
 *     y_i = Σ_p w(i, p) x_p      w(i, p) = Π_a w_a(i_a, p_a)
 *
 * With n entries, m outputs and the step s = n/m, output i has its centre at c = (i + ½) s − ½, or at c = i (n − 1)/(m − 1) with
 * aligned corners. Along one axis, with [...] 1 or 0 and p̄ = min(max(p, 0), n − 1):
 *
 *     nearest       [p = ⌊i s⌋]                nearestExact  [p = ⌊(i + ½) s⌋]
 *     linear        max(0, 1 − |c̄ − p|)        cubic         Σ_q [q̄ = p] W(c − q), a = −3/4
 *     area          1/|P_i| within the part P_i from ⌊i s⌋ up to ⌈(i + 1) s⌉
 *     antialiased   f((p − c) / max(s, 1)), divided by its sum over p; f is the hat, or W with a = −1/2
 *
 * W is Keys' cubic convolution, piecewise in d = |t|: (a + 2) d³ − (a + 3) d² + 1 up to 1, a (d³ − 5d² + 8d − 4) up to 2, then 0.
 * The weights do not depend on x. So y is linear in x, and
 *
 *     dx_p = Σ_i w(i, p) dy_i
 */
export const upsample: {
  /** (..., space) → (..., size). */
  forward(inputs: UpsampleForwardInputs): NumericArray
  /** From dy to dx, in the shape of x. */
  backward(inputs: UpsampleBackwardInputs): { readonly dx: NumericArray }
} = {
  forward: ({ x, ...settings }) => {
    const { size: outputs } = settings
    const { lead, space, count, size } = planesOf(x, outputs.length)
    const weights = space.map((n, axis) => axisWeights(n, axis, settings))
    const y = zerosOf([...lead, ...outputs], [x])
    let to = 0
    for (let plane = 0; plane < count; plane++) {
      forEachPosition(outputs, i => {
        let sum = 0
        forEachPosition(space, (p, number) => {
          sum += weightOf(weights, i, p) * x.data[plane * size + number]!
        })
        y.data[to++] = sum
      })
    }
    return y
  },

  backward: ({ dy, x, ...settings }) => {
    const { size: outputs } = settings
    const { space, count, size } = planesOf(x, outputs.length)
    const weights = space.map((n, axis) => axisWeights(n, axis, settings))
    const dx = zerosOf(x.shape, [dy])
    let from = 0
    for (let plane = 0; plane < count; plane++) {
      forEachPosition(outputs, i => {
        const cotangent = dy.data[from++]!
        forEachPosition(space, (p, number) => {
          dx.data[plane * size + number]! += weightOf(weights, i, p) * cotangent
        })
      })
    }
    return { dx }
  },
}

/** w(i, p), the product over the axes. */
function weightOf(
  weights: readonly (readonly Float64Array[])[],
  i: readonly number[],
  p: readonly number[],
): number {
  let product = 1
  for (let axis = 0; axis < weights.length; axis++) product *= weights[axis]![i[axis]!]![p[axis]!]!
  return product
}

/** w_a(i, p) for every output i and entry p of an axis. */
function axisWeights(n: number, axis: number, settings: UpsampleSettings): Float64Array[] {
  const { size, mode, alignCorners = false, antialias = false, step } = settings
  const m = size[axis]!
  const s = alignCorners ? (m > 1 ? (n - 1) / (m - 1) : 0) : (step?.[axis] ?? n / m)
  const inside = (p: number): number => Math.min(Math.max(p, 0), n - 1)
  return Array.from({ length: m }, (_, i) => {
    const w = new Float64Array(n)
    const c = alignCorners ? i * s : (i + 0.5) * s - 0.5
    if (mode === 'nearest') w[inside(Math.floor(i * s))] = 1
    else if (mode === 'nearestExact') w[inside(Math.floor((i + 0.5) * s))] = 1
    else if (mode === 'area') {
      const [first, end] = [Math.floor((i * n) / m), Math.ceil(((i + 1) * n) / m)]
      w.fill(1 / (end - first), first, end)
    } else if (antialias) {
      // With aligned corners the step is another one, the centre is still that of an output of this width.
      const [centre, width] = [(i + 0.5) * s - 0.5, Math.max(s, 1)]
      for (let p = 0; p < n; p++) w[p] = filter(mode, (p - centre) / width)
      const total = w.reduce((sum, weight) => sum + weight, 0)
      for (let p = 0; p < n; p++) w[p]! /= total
    } else if (mode === 'linear') {
      const at = inside(c)
      for (let p = 0; p < n; p++) w[p] = Math.max(0, 1 - Math.abs(at - p))
    } else {
      for (let q = Math.floor(c) - 1; q <= Math.floor(c) + 2; q++) w[inside(q)]! += keys(c - q, -0.75)
    }
    return w
  })
}

function filter(mode: 'linear' | 'cubic', t: number): number {
  return mode === 'linear' ? Math.max(0, 1 - Math.abs(t)) : keys(t, -0.5)
}

/** W(t), Keys' cubic convolution. */
function keys(t: number, a: number): number {
  const d = Math.abs(t)
  if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1
  return d < 2 ? a * (d ** 3 - 5 * d ** 2 + 8 * d - 4) : 0
}
