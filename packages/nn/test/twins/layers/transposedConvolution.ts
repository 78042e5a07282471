// Transposed convolutions over one to three axes beside plain loops.
import * as manual from '@adjoint/manual'
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from '@adjoint/nn'
import fc from 'fast-check'
import { convolutionCases } from '../convolutionCases.ts'
import { cotangentsFor, differentiate, draw, type Twin, toArray, twin } from '../twin.ts'
import { each, ofRank } from '../windowCases.ts'

const cases = fc.record({
  sizes: convolutionCases,
  more: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2)),
  bySize: fc.boolean(),
})

export const twins: readonly Twin[] = [
  twin('layers/transposedConvolution', cases, ({ sizes, more, bySize }, rng) => {
    const { axes, lead, groups, inputs, outputs, bias } = sizes
    const [kernel, stride, dilation] = [each(axes, 'kernel'), each(axes, 'stride'), each(axes, 'dilation')]
    const padding = each(axes, 'padding')
    const space = each(axes, 'size')
    const outputPadding = stride.map((step, axis) => more[axis]! % step)
    const outputSize = space.map(
      (n, axis) =>
        (n - 1) * stride[axis]! -
        2 * padding[axis]! +
        dilation[axis]! * (kernel[axis]! - 1) +
        1 +
        outputPadding[axis]!,
    )
    const settings = { stride, padding, dilation, groups }
    const classes = [ConvTranspose1d, ConvTranspose2d, ConvTranspose3d]
    const layer = new (ofRank(classes, axes.length))(inputs, outputs, kernel, {
      ...settings,
      ...(bySize ? { outputSize } : { outputPadding }),
      bias,
      rng,
      dtype: 'float64',
    })
    const x = draw(rng, [...lead, inputs, ...space])
    const y = layer.forward(x)
    const cotangents = cotangentsFor(rng, { y })
    const learned = { W: layer.weight, ...(layer.bias && { b: layer.bias }) }
    const automatic = differentiate({ x, ...learned }, { y }, cotangents)

    const b = layer.bias && { b: toArray(layer.bias) }
    const inside = { x: toArray(x), W: toArray(layer.weight), ...settings, outputPadding }
    const { db, ...gradients } = manual.transposedConvolution.backward({
      dy: toArray(cotangents.y!),
      ...inside,
    })
    return {
      automatic,
      manual: {
        y: manual.transposedConvolution.forward({ ...inside, ...b }),
        ...gradients,
        ...(b && { db }),
      },
    }
  }),
]
