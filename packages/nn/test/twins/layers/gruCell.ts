// The GRU cell beside its hand-derived twin: one step, of both variants.
import { gruCell } from '@adjoint/manual'
import { GRUCell, initializers } from '@adjoint/nn'
import fc from 'fast-check'
import { cellCases, compareCell, namedWeights } from '../recurrent.ts'
import { draw, type Twin, twin } from '../twin.ts'

const { zeros } = initializers
const fixed = {
  dtype: 'float64' as const,
  weightInitializer: zeros,
  hiddenInitializer: zeros,
  biasInitializer: zeros,
}

export const twins: readonly Twin[] = [
  twin('layers/gruCell', fc.record({ ...cellCases, resetAfter: fc.boolean() }), (options, rng) => {
    const { batch, inputs, hidden, bias, resetAfter } = options
    const cell = new GRUCell(inputs, hidden, { ...fixed, bias, resetAfter })
    const x = draw(rng, [batch, inputs])
    const h = draw(rng, [batch, hidden])
    return compareCell(
      rng,
      cell,
      x,
      { h },
      () => ({ next: cell.step(x, h) }),
      (at, weights, d) => {
        const pass = { x: at.x!, h: at.h!, weights, resetAfter }
        const { dWeights, ...rest } = gruCell.backward({ ...pass, dNext: d.next! })
        return { next: gruCell.forward(pass), ...rest, ...namedWeights(dWeights) }
      },
    )
  }),
]
