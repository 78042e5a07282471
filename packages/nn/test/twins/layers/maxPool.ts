// Max pooling over one to three axes beside plain loops.
import * as manual from '@adjoint/manual'
import { MaxPool1d, MaxPool2d, MaxPool3d } from '@adjoint/nn'
import { draw, type Twin, toArray, twin } from '../twin.ts'
import { each, ofRank, passesOf, windowCases } from '../windowCases.ts'

export const twins: readonly Twin[] = [
  twin('layers/maxPool', windowCases, ({ lead, axes, ceilMode }, rng) => {
    const [kernel, stride] = [each(axes, 'kernel'), each(axes, 'stride')]
    const settings = { stride, padding: each(axes, 'padding'), dilation: each(axes, 'dilation'), ceilMode }
    const layer = new (ofRank([MaxPool1d, MaxPool2d, MaxPool3d], axes.length))(kernel, settings)
    const x = draw(rng, [...lead, ...each(axes, 'size')])
    const { automatic, cotangents } = passesOf(x, layer.forward(x), rng)
    const { y, indices } = manual.maxPool.forward({ x: toArray(x), kernel, ...settings })
    const dy = toArray(cotangents.y!)
    const { dx } = manual.maxPool.backward({ dy, x: toArray(x), indices, axes: axes.length })
    return { automatic, manual: { y, dx } }
  }),
]
