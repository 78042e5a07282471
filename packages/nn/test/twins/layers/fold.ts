// Patches added up to images beside plain loops.
import { unfoldImages, zeros } from '@adjoint/core'
import * as manual from '@adjoint/manual'
import { Fold } from '@adjoint/nn'
import { draw, type Twin, toArray, twin } from '../twin.ts'
import { each, passesOf, windowCases } from '../windowCases.ts'

const cases = windowCases.map(({ lead, axes }) => ({ lead, axes: [axes[0]!, axes.at(-1)!] }))

export const twins: readonly Twin[] = [
  twin('layers/fold', cases, ({ lead, axes }, rng) => {
    const pair = (key: 'kernel' | 'stride' | 'padding' | 'dilation' | 'size') => {
      const [a, b] = each(axes, key)
      return [a!, b!] as const
    }
    const [kernel, outputSize] = [pair('kernel'), pair('size')]
    const settings = { stride: pair('stride'), padding: pair('padding'), dilation: pair('dilation') }
    const layer = new Fold(outputSize, kernel, settings)
    const x = draw(rng, unfoldImages(zeros([...lead, ...outputSize]), { kernel, ...settings }).shape)
    const { automatic, cotangents } = passesOf(x, layer.forward(x), rng)
    const given = { x: toArray(x), outputSize, kernel, ...settings }
    const { dx } = manual.fold.backward({ dy: toArray(cotangents.y!), ...given })
    return { automatic, manual: { y: manual.fold.forward(given), dx } }
  }),
]
