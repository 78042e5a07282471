// The LSTM cell beside its hand-derived twin: one step, of all gates, with and without a projection.
import { lstmCell } from '@adjoint/manual'
import { initializers, LSTMCell } from '@adjoint/nn'
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
  twin(
    'layers/lstmCell',
    fc.record({ ...cellCases, size: fc.integer({ min: 1, max: 5 }) }),
    (options, rng) => {
      const { batch, inputs, hidden, bias, size } = options
      // A projection is smaller than the memory; a drawn size that is not means none.
      const projection = Math.min(size, hidden)
      const cell = new LSTMCell(inputs, hidden, { ...fixed, bias, ...(size < hidden && { projection }) })
      const x = draw(rng, [batch, inputs])
      const h = draw(rng, [batch, projection])
      const c = draw(rng, [batch, hidden])
      return compareCell(
        rng,
        cell,
        x,
        { h, c },
        () => {
          const next = cell.step(x, { hidden: h, cell: c })
          return { hNext: next.hidden, cNext: next.cell }
        },
        (at, weights, d) => {
          const pass = { x: at.x!, h: at.h!, c: at.c!, weights }
          const next = lstmCell.forward(pass)
          const { dWeights, ...rest } = lstmCell.backward({ ...pass, dhNext: d.hNext!, dcNext: d.cNext! })
          return { hNext: next.h, cNext: next.c, ...rest, ...namedWeights(dWeights) }
        },
      )
    },
  ),
]
