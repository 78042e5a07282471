// Adaptive max pooling over one to three axes beside plain loops.
import * as manual from '@adjoint/manual'
import { AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d } from '@adjoint/nn'
import fc from 'fast-check'
import { draw, type Twin, toArray, twin } from '../twin.ts'
import { lead, ofRank, passesOf } from '../windowCases.ts'

const size = fc.integer({ min: 1, max: 7 })
const cases = fc.record({
  lead,
  axes: fc.array(fc.record({ n: size, m: fc.option(size) }), { minLength: 1, maxLength: 3 }),
})

export const twins: readonly Twin[] = [
  twin('layers/adaptiveMaxPool', cases, ({ lead, axes }, rng) => {
    const classes = [AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d]
    const layer = new (ofRank(classes, axes.length))(axes.map(({ m }) => m))
    const x = draw(rng, [...lead, ...axes.map(({ n }) => n)])
    const { automatic, cotangents } = passesOf(x, layer.forward(x), rng)
    const given = toArray(x)
    const { y, indices } = manual.adaptiveMaxPool.forward({ x: given, parts: axes.map(({ n, m }) => m ?? n) })
    const dy = toArray(cotangents.y!)
    const { dx } = manual.adaptiveMaxPool.backward({ dy, x: given, indices, axes: axes.length })
    return { automatic, manual: { y, dx } }
  }),
]
