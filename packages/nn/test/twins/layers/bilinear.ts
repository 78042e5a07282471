// The bilinear layer beside its hand-derived twin.
import type { Tensor } from '@adjoint/core'
import { bilinear } from '@adjoint/manual'
import { Bilinear } from '@adjoint/nn'
import fc from 'fast-check'
import { cotangentsFor, differentiate, draw, type Twin, toArray, twin } from '../twin.ts'

const size = fc.integer({ min: 1, max: 4 })
const cases = fc.record({ examples: size, inputs1: size, inputs2: size, outputs: size, bias: fc.boolean() })

export const twins: readonly Twin[] = [
  twin('layers/bilinear', cases, ({ examples, inputs1, inputs2, outputs, bias }, rng) => {
    const layer = new Bilinear(inputs1, inputs2, outputs, { rng, bias, dtype: 'float64' })
    const x1: Tensor = draw(rng, [examples, inputs1])
    const x2: Tensor = draw(rng, [examples, inputs2])
    const y = layer.forward([x1, x2])
    const { weight } = layer
    const cotangents = cotangentsFor(rng, { y })
    const given = { x1: toArray(x1), x2: toArray(x2), weight: toArray(weight) }
    const { dbias, ...found } = bilinear.backward({ ...given, dy: toArray(cotangents.y!) })
    return {
      automatic: differentiate(
        { x1, x2, weight, ...(layer.bias && { bias: layer.bias }) },
        { y },
        cotangents,
      ),
      manual: {
        y: bilinear.forward({ ...given, bias: layer.bias ? toArray(layer.bias) : undefined }),
        ...found,
        ...(bias && { dbias }),
      },
      // Sums over units and examples may cancel; their terms are of the size of standard normal numbers.
      terms: { y: 1, dx1: 1, dx2: 1, dweight: 1, dbias: 1 },
    }
  }),
]
