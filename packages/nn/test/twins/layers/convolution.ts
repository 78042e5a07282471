// Convolutions over one to three axes beside plain loops.
import * as manual from '@adjoint/manual'
import { Conv1d, Conv2d, Conv3d, type PaddingMode } from '@adjoint/nn'
import fc from 'fast-check'
import { convolutionCases } from '../convolutionCases.ts'
import { cotangentsFor, differentiate, draw, type Twin, toArray, twin } from '../twin.ts'
import { each, ofRank } from '../windowCases.ts'

const cases = fc.record({
  sizes: convolutionCases,
  padding: fc.constantFrom('numbers', 'pairs', 'same', 'valid'),
  paddingMode: fc.constantFrom<PaddingMode>('zeros', 'zeros', 'reflect', 'replicate', 'circular'),
})

export const twins: readonly Twin[] = [
  twin('layers/convolution', cases, ({ sizes, padding: kind, paddingMode }, rng) => {
    const { axes, lead, groups, inputs, outputs, bias } = sizes
    const [kernel, dilation] = [each(axes, 'kernel'), each(axes, 'dilation')]
    const stride = kind === 'same' ? axes.map(() => 1) : each(axes, 'stride')
    const given = each(axes, 'padding')
    const padding =
      kind === 'numbers' ? given : kind === 'pairs' ? given.map(n => [n, 0] as const) : (kind as 'same')
    const settings = { stride, dilation, groups, paddingMode }
    const layer = new (ofRank([Conv1d, Conv2d, Conv3d], axes.length))(inputs, outputs, kernel, {
      ...settings,
      padding,
      bias,
      rng,
      dtype: 'float64',
    })
    const x = draw(rng, [...lead, inputs, ...each(axes, 'size')])
    const y = layer.forward(x)
    const cotangents = cotangentsFor(rng, { y })
    const learned = { W: layer.weight, ...(layer.bias && { b: layer.bias }) }
    const automatic = differentiate({ x, ...learned }, { y }, cotangents)

    // 'same': d (k − 1) zeros in all, the odd one at the end.
    const totals = kernel.map((window, axis) => dilation[axis]! * (window - 1))
    const widths = given.map((n, axis): [number, number] => {
      if (kind === 'same') return [Math.floor(totals[axis]! / 2), Math.ceil(totals[axis]! / 2)]
      return kind === 'valid' ? [0, 0] : [n, kind === 'pairs' ? 0 : n]
    })
    const W = toArray(layer.weight)
    const b = layer.bias && { b: toArray(layer.bias) }
    const inside = { x: toArray(x), W, ...settings, padding: widths }
    const { db, ...gradients } = manual.convolution.backward({ dy: toArray(cotangents.y!), ...inside })
    return {
      automatic,
      manual: { y: manual.convolution.forward({ ...inside, ...b }), ...gradients, ...(b && { db }) },
    }
  }),
]
