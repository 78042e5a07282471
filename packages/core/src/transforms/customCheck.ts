/** The first call of a custom function in development: is the rule the derivative of the function? */

import { normal } from '../composed/random/normal.ts'
import { withRecording } from '../graph/record.ts'
import { abs } from '../ops/abs.ts'
import { cast } from '../ops/cast.ts'
import { maximum } from '../ops/maximum.ts'
import { mul } from '../ops/mul.ts'
import { type GeneralPrimitive, NO_ATTRIBUTES } from '../primitive/primitive.ts'
import { GraphError } from '../shape/errors.ts'
import { isFloating } from '../storage/dtype.ts'
import { tensor } from '../tensor/create.ts'
import { Rng } from '../tensor/rng.ts'
import { compact, type Tensor } from '../tensor/tensor.ts'

/** Steps of the difference quotients along a direction of unit normals. */
const STEP = { float64: 1e-3, float32: 3e-2 } as const
/** How far a rule may be from the difference quotient, relative to the size of the terms. */
const ALLOWED = { float64: 1e-5, float32: 2e-2 } as const
const ROUNDING = { float64: 2 ** -53, float32: 2 ** -24 } as const

/**
 * Compares the backward rule of a function with a difference quotient along a random direction, in float64 where the
 * function computes in it. Returns false when nothing could be said: next to a kink, or where the function is not finite.
 *
 * @throws GraphError when they differ.
 */
export function checkRule(
  primitive: GeneralPrimitive,
  originals: readonly Tensor[],
  hasBothRules: boolean,
): boolean {
  return withRecording(false, () => {
    const inputs = originals.map(x => (isFloating(x.dtype) ? cast(x, 'float64') : x))
    const output = primitive.forward(inputs, NO_ATTRIBUTES)
    if (!isFloating(output.dtype) || output.size === 0) return true
    const precision = output.dtype as 'float32' | 'float64'
    const rng = new Rng(0)
    const u = normal(rng, output.shape, { dtype: 'float64' })
    const call = { inputs, output, attributes: NO_ATTRIBUTES }
    const cotangents = inputs.map((x, i) =>
      isFloating(x.dtype) ? primitive.vjp(cast(u, precision), call, i) : undefined,
    )
    // Inputs without cotangent are declared constants: they stay where they are. Large elements move further.
    const directions = inputs.map((x, i) =>
      cotangents[i] === undefined
        ? undefined
        : mul(normal(rng, x.shape, { dtype: 'float64' }), maximum(abs(x), 1)),
    )
    let slope = 0
    let scale = 0
    for (const [i, v] of directions.entries()) {
      if (v === undefined) continue
      const [products, size] = dot(cotangents[i]!, v)
      slope += products
      scale += size
    }
    const at = (h: number): number => {
      const moved = inputs.map((x, i) => (directions[i] === undefined ? x : shifted(x, directions[i], h)))
      return dot(u, primitive.forward(moved, NO_ATTRIBUTES))[0]
    }
    const h = STEP[precision]
    const [, size] = dot(u, output)
    const [center, ...around] = [0, h, -h, h / 2, -h / 2].map(at) as [number, number, number, number, number]
    const [right, left, nearRight, nearLeft] = around as [number, number, number, number]
    if (![center, ...around, slope].every(Number.isFinite)) return false
    const wide = (right - left) / (2 * h)
    const narrow = (nearRight - nearLeft) / h
    const quotient = (4 * narrow - wide) / 3
    // What the values round is divided by the step.
    const noise = (ROUNDING[precision] * (size + Math.abs(right) + Math.abs(left))) / h
    const allowed = ALLOWED[precision] * Math.max(scale, Math.abs(quotient)) + 4 * noise + 1e-300
    // One-sided slopes that do not come together as the step shrinks mean a kink, not a mistake.
    const gap = Math.abs((nearRight - center - (center - nearLeft)) / (h / 2))
    const widerGap = Math.abs((right - center - (center - left)) / h)
    if (gap > 0.7 * widerGap && gap > allowed) return false
    if (Math.abs(narrow - wide) > 10 * allowed) return false
    const refuse = (rule: string, found: number): never => {
      throw new GraphError(
        primitive.name,
        `the rule ${rule}is not the derivative of forward: along a random direction the rule gives ${found}, a difference quotient ${quotient}. ` +
          'Correct the rule (checkGradients of @adjoint/testing shows which entry is wrong), or declare { surrogate: true } when it is meant to differ.',
      )
    }
    if (!(Math.abs(slope - quotient) <= allowed)) refuse(hasBothRules ? 'vjp ' : '', slope)
    if (!hasBothRules) return true
    const tangents = inputs.map((x, i) => (directions[i] === undefined ? null : cast(directions[i], x.dtype)))
    const [pushed] = dot(u, primitive.jvp(tangents, call))
    return Math.abs(pushed - quotient) <= allowed || refuse('jvp ', pushed)
  })
}

/** ⟨x, y⟩ and the sum of the sizes of its terms. */
function dot(x: Tensor, y: Tensor): readonly [number, number] {
  const [a, b] = [compact(x), compact(y)]
  let total = 0
  let size = 0
  for (let i = 0; i < a.size; i++) {
    const term = a.storage[a.offset + i]! * b.storage[b.offset + i]!
    total += term
    size += Math.abs(term)
  }
  return [total, size]
}

/** x + h v. */
function shifted(x: Tensor, v: Tensor, h: number): Tensor {
  const [a, b] = [compact(x), compact(v)]
  const values = Float64Array.from(
    { length: a.size },
    (_, i) => a.storage[a.offset + i]! + h * b.storage[b.offset + i]!,
  )
  return tensor(values, { shape: x.shape as readonly number[], dtype: 'float64' })
}
