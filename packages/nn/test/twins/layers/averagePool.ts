// Average pooling over one to three axes beside plain loops.
import * as manual from '@adjoint/manual'
import { AveragePool1d, AveragePool2d, AveragePool3d } from '@adjoint/nn'
import fc from 'fast-check'
import { draw, type Twin, toArray, twin } from '../twin.ts'
import { each, ofRank, passesOf, windowCases } from '../windowCases.ts'

const cases = fc.record({
  windows: windowCases,
  countIncludePad: fc.boolean(),
  divisor: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
})

export const twins: readonly Twin[] = [
  twin(
    'layers/averagePool',
    cases,
    ({ windows: { lead, axes, ceilMode }, countIncludePad, divisor }, rng) => {
      const [kernel, stride] = [each(axes, 'kernel'), each(axes, 'stride')]
      const padding = each(axes, 'padding')
      const settings = {
        stride,
        padding,
        ceilMode,
        countIncludePad,
        ...(divisor !== undefined && { divisor }),
      }
      const layer = new (ofRank([AveragePool1d, AveragePool2d, AveragePool3d], axes.length))(kernel, settings)
      const x = draw(rng, [...lead, ...each(axes, 'size')])
      const { automatic, cotangents } = passesOf(x, layer.forward(x), rng)
      const given = { x: toArray(x), kernel, ...settings }
      const { dx } = manual.averagePool.backward({ dy: toArray(cotangents.y!), ...given })
      return { automatic, manual: { y: manual.averagePool.forward(given), dx } }
    },
  ),
]
