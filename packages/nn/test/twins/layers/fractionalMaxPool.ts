// Fractional max pooling with given samples beside plain loops.
import * as manual from '@adjoint/manual'
import { FractionalMaxPool2d, FractionalMaxPool3d } from '@adjoint/nn'
import fc from 'fast-check'
import { draw, type Twin, toArray, twin } from '../twin.ts'
import { lead, passesOf } from '../windowCases.ts'

const axis = fc
  .record({ m: fc.integer({ min: 1, max: 4 }), k: fc.integer({ min: 1, max: 3 }), more: fc.nat(4) })
  .map(({ m, k, more }) => ({ m, k, n: m + k - 1 + more }))
const cases = fc.record({ lead, axes: fc.array(axis, { minLength: 2, maxLength: 3 }) })

export const twins: readonly Twin[] = [
  twin('layers/fractionalMaxPool', cases, ({ lead, axes }, rng) => {
    const [kernel, windows] = [axes.map(({ k }) => k), axes.map(({ m }) => m)]
    const samples = rng.uniform([...lead, axes.length], { dtype: 'float64' })
    const Layer = axes.length === 2 ? FractionalMaxPool2d : FractionalMaxPool3d
    const layer = new Layer(kernel, { outputSize: windows, samples })
    const x = draw(rng, [...lead, ...axes.map(({ n }) => n)])
    const { automatic, cotangents } = passesOf(x, layer.forward(x), rng)
    const given = { x: toArray(x), kernel, windows, samples: toArray(samples) }
    const { y, indices } = manual.fractionalMaxPool.forward(given)
    const dy = toArray(cotangents.y!)
    const { dx } = manual.fractionalMaxPool.backward({ dy, x: given.x, indices, axes: axes.length })
    return { automatic, manual: { y, dx } }
  }),
]
