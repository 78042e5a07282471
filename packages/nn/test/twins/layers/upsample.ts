// Interpolation in all modes beside weights that are written from their formulas.
import * as manual from '@adjoint/manual'
import { Upsample } from '@adjoint/nn'
import fc from 'fast-check'
import { draw, type Twin, toArray, twin } from '../twin.ts'
import { lead, passesOf } from '../windowCases.ts'

const size = fc.integer({ min: 1, max: 7 })
const cases = fc.record({
  lead,
  axes: fc.array(fc.record({ n: size, m: size, scale: fc.constantFrom(0.5, 0.75, 1, 1.5, 2, 2.3, 3) }), {
    minLength: 1,
    maxLength: 3,
  }),
  mode: fc.constantFrom('nearest', 'nearestExact', 'linear', 'bicubic', 'area'),
  by: fc.constantFrom('size', 'scale', 'recomputed scale'),
  alignCorners: fc.boolean(),
  antialias: fc.boolean(),
})

export const twins: readonly Twin[] = [
  twin('layers/upsample', cases, ({ lead, axes, mode, by, ...options }, rng) => {
    if (mode === 'bicubic' && axes.length !== 2) return undefined
    const isBetween = mode === 'linear' || mode === 'bicubic'
    const alignCorners = isBetween && options.alignCorners
    const antialias = isBetween && axes.length === 2 && options.antialias
    const scale = axes.map(({ scale }) => scale)
    const outputs = by === 'size' ? axes.map(({ m }) => m) : axes.map(({ n, scale }) => Math.floor(n * scale))
    if (outputs.includes(0)) return undefined
    const layer = new Upsample({
      ...(by === 'size' ? { size: outputs } : { scale, recomputeScale: by === 'recomputed scale' }),
      mode: mode === 'linear' && axes.length === 2 ? 'bilinear' : mode,
      alignCorners,
      antialias,
    })
    const x = draw(rng, [...lead, ...axes.map(({ n }) => n)])
    const { automatic, cotangents } = passesOf(x, layer.forward(x), rng)
    const given = {
      x: toArray(x),
      size: outputs,
      mode: mode === 'bicubic' ? ('cubic' as const) : mode,
      alignCorners,
      antialias,
      ...(by === 'scale' && { step: scale.map(each => 1 / each) }),
    }
    const { dx } = manual.upsample.backward({ dy: toArray(cotangents.y!), ...given })
    return { automatic, manual: { y: manual.upsample.forward(given), dx } }
  }),
]
