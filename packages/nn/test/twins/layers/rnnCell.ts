// The RNN cell beside its hand-derived twin: one step, of both nonlinearities.
import { rnnCell } from '@adjoint/manual'
import { initializers, RNNCell } from '@adjoint/nn'
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
    'layers/rnnCell',
    fc.record({ ...cellCases, nonlinearity: fc.constantFrom('tanh' as const, 'relu' as const) }),
    (options, rng) => {
      const { batch, inputs, hidden, bias, nonlinearity } = options
      const cell = new RNNCell(inputs, hidden, { ...fixed, bias, nonlinearity })
      const x = draw(rng, [batch, inputs])
      const h = draw(rng, [batch, hidden])
      return compareCell(
        rng,
        cell,
        x,
        { h },
        () => ({ next: cell.step(x, h) }),
        (at, weights, d) => {
          const pass = { x: at.x!, h: at.h!, weights, nonlinearity }
          const { dWeights, ...rest } = rnnCell.backward({ ...pass, dNext: d.next! })
          return { next: rnnCell.forward(pass), ...rest, ...namedWeights(dWeights) }
        },
      )
    },
  ),
]
