// Patches of images beside plain loops.
import * as manual from '@adjoint/manual'
import { Unfold } from '@adjoint/nn'
import fc from 'fast-check'
import { draw, type Twin, toArray, twin } from '../twin.ts'
import { each, passesOf, windowCases } from '../windowCases.ts'

const cases = windowCases.map(({ lead, axes }) => ({ lead, axes: [axes[0]!, axes.at(-1)!] }))

export const twins: readonly Twin[] = [
  twin('layers/unfold', fc.record({ windows: cases }), ({ windows: { lead, axes } }, rng) => {
    const [kernel, stride] = [each(axes, 'kernel'), each(axes, 'stride')]
    const settings = { stride, padding: each(axes, 'padding'), dilation: each(axes, 'dilation') }
    const pairs = Object.fromEntries(
      Object.entries(settings).map(([name, [a, b]]) => [name, [a!, b!] as const]),
    )
    const layer = new Unfold([kernel[0]!, kernel[1]!], pairs)
    const x = draw(rng, [...lead, ...each(axes, 'size')])
    const { automatic, cotangents } = passesOf(x, layer.forward(x), rng)
    const given = { x: toArray(x), kernel, ...settings }
    const { dx } = manual.unfold.backward({ dy: toArray(cotangents.y!), ...given })
    return { automatic, manual: { y: manual.unfold.forward(given), dx } }
  }),
]
