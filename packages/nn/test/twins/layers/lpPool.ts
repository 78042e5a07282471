// Power-sum pooling over one to three axes beside plain loops, on numbers where all orders have a root.
import { abs, add, stopGradient } from '@adjoint/core'
import * as manual from '@adjoint/manual'
import { LpPool1d, LpPool2d, LpPool3d } from '@adjoint/nn'
import fc from 'fast-check'
import { draw, type Twin, toArray, twin } from '../twin.ts'
import { each, ofRank, passesOf, windowCases } from '../windowCases.ts'

const cases = fc.record({ windows: windowCases, order: fc.constantFrom(1, 1.5, 2, 3, 4) })

export const twins: readonly Twin[] = [
  twin('layers/lpPool', cases, ({ windows: { lead, axes, ceilMode }, order }, rng) => {
    const [kernel, stride] = [each(axes, 'kernel'), each(axes, 'stride')]
    const layer = new (ofRank([LpPool1d, LpPool2d, LpPool3d], axes.length))(order, kernel, {
      stride,
      ceilMode,
    })
    const drawn = draw(rng, [...lead, ...each(axes, 'size')])
    const x = stopGradient(order % 2 === 0 ? drawn : add(abs(drawn), 0.1))
    x.requiresGrad = true
    const { automatic, cotangents } = passesOf(x, layer.forward(x), rng)
    const given = { x: toArray(x), kernel, stride, ceilMode, order }
    const y = manual.lpPool.forward(given)
    return {
      automatic,
      manual: { y, dx: manual.lpPool.backward({ dy: toArray(cotangents.y!), y, ...given }).dx },
    }
  }),
]
