import { type Tensor, tensor } from '@adjoint/core'
import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { lossTwin, oneHotRows } from '../lossTwins.ts'
import { type Twin, tenths } from '../twin.ts'

const own = fc.record({
  power: fc.constantFrom<1 | 2>(1, 2),
  margin: fc.constantFrom(0.5, 1, 3),
  factors: fc.option(fc.array(tenths(3), { minLength: 6, maxLength: 6 })),
})

export const twins: readonly Twin[] = [
  lossTwin('multiMargin', own, {
    automatic: (x, y, { reduction, layout }, { power, margin, factors }) => {
      const axis = layout === 'rows' ? 1 : 0
      const weight = factors && (tensor(factors.slice(0, x.shape[axis]!), { dtype: 'float64' }) as Tensor)
      const options = { reduction, layout, power, margin, ...(weight && { weight }) }
      return nn.multiMargin(x, y.argmax(axis) as Tensor, options)
    },
    manual: ({ power, margin, factors }) =>
      manual.multiMargin({ power, margin, ...(factors && { weight: factors }) }),
    target: (rng, shape, layout) => {
      const [m, classes] = layout === 'rows' ? shape : [shape[1], shape[0]]
      return oneHotRows(rng.randomIntegers([m!], { low: 0, high: classes! }), classes!, layout)
    },
    ofExamples: true,
    takesWeights: false,
    leastUnits: 2,
  }),
]
