import * as manual from '@adjoint/manual'
import { Prelu } from '@adjoint/nn'
import fc from 'fast-check'
import { cotangentsFor, differentiate, draw, type Twin, toArray, twin } from '../twin.ts'
import { batches, shapeOf, toMatrix } from './activation.ts'

/** Channels are on axis 1, so that several slopes belong to batches in rows. */
const cases = fc.record({ batch: batches, shared: fc.boolean() })

export const twins: readonly Twin[] = [
  twin('Prelu', cases, ({ batch, shared }, rng) => {
    const options = shared ? batch : { ...batch, layout: 'rows' as const }
    const layer = new Prelu({ channels: shared ? 1 : options.units, dtype: 'float64' })
    layer.weight.assign(rng.normal(layer.weight.shape, { dtype: 'float64' }))
    const z = draw(rng, shapeOf(options))
    if (z.data().some(value => Math.abs(value) < 1e-6)) return undefined
    const a = layer.forward(z)
    const cotangents = cotangentsFor(rng, { a })
    const inputs = { z: toMatrix(z), slope: toArray(layer.weight), layout: options.layout }
    return {
      automatic: differentiate({ z, slope: layer.weight }, { a }, cotangents),
      manual: {
        a: manual.prelu.forward(inputs),
        ...manual.prelu.backward({ ...inputs, da: toMatrix(cotangents.a!) }),
      },
      // The slopes get a sum over examples, of terms with both signs.
      terms: { dslope: options.m * options.units },
    }
  }),
]
