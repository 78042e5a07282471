import { type Tensor, tensor } from '@adjoint/core'
import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { lossTwin } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

/** Lists of labels as the loss takes them, from how often every class is a label: a negative number ends a list. */
function listed(counts: Tensor, layout: nn.Layout): Tensor {
  const rows = (layout === 'rows' ? counts : (counts.transpose() as Tensor)).toArray() as number[][]
  const lists = rows.map(row => {
    const labels = row.flatMap((count, k) => new Array<number>(count).fill(k)).slice(0, row.length)
    return [...labels, -1, ...row.map(() => 0)].slice(0, row.length)
  })
  const found = tensor(lists, { dtype: 'int32' }) as Tensor
  return layout === 'rows' ? found : (found.transpose() as Tensor)
}

export const twins: readonly Twin[] = [
  lossTwin('multiLabelMargin', fc.constant({}), {
    automatic: (x, y, options) => nn.multiLabelMargin(x, listed(y, options.layout), options),
    manual: () => manual.multiLabelMargin,
    target: (rng, shape, layout) => {
      const isRows = layout === 'rows'
      const [m, classes] = isRows ? shape : [shape[1], shape[0]]
      // At most two labels, perhaps the same twice, or none.
      const counts = Array.from({ length: m! }, () => new Array<number>(classes!).fill(0))
      for (const row of counts) {
        for (const k of rng.randomIntegers([Math.min(2, classes!)], { low: 0, high: classes! + 1 }).data()) {
          if (k < classes!) row[Number(k)]! += 1
        }
      }
      const found = tensor(counts, { dtype: 'float64' }) as Tensor
      return isRows ? found : (found.transpose() as Tensor)
    },
    ofExamples: true,
  }),
]
