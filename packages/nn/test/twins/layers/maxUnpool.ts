// Max unpooling beside plain loops; windows overlap, so that places are taken twice.
import * as manual from '@adjoint/manual'
import { MaxPool1d, MaxPool2d, MaxPool3d, MaxUnpool1d, MaxUnpool2d, MaxUnpool3d } from '@adjoint/nn'
import { draw, type Twin, toArray, twin } from '../twin.ts'
import { each, ofRank, passesOf, windowCases } from '../windowCases.ts'

export const twins: readonly Twin[] = [
  twin('layers/maxUnpool', windowCases, ({ lead, axes, ceilMode }, rng) => {
    const [kernel, stride, space] = [each(axes, 'kernel'), each(axes, 'stride'), each(axes, 'size')]
    const pool = new (ofRank([MaxPool1d, MaxPool2d, MaxPool3d], axes.length))(kernel, { stride, ceilMode })
    const layer = new (ofRank([MaxUnpool1d, MaxUnpool2d, MaxUnpool3d], axes.length))(kernel, { stride })
    const fits = axes.every(({ size, kernel }) => kernel <= size)
    if (!fits) return undefined
    const { indices } = pool.forwardWithIndices(draw(rng, [...lead, ...space]))
    const x = draw(rng, indices.shape)
    const output = layer.forward({ values: x, indices, outputSize: space })
    const { automatic, cotangents } = passesOf(x, output, rng)
    const given = { x: toArray(x), indices: Int32Array.from(indices.data()), space }
    const { dx } = manual.maxUnpool.backward({ dy: toArray(cotangents.y!), ...given })
    return { automatic, manual: { y: manual.maxUnpool.forward(given), dx } }
  }),
]
