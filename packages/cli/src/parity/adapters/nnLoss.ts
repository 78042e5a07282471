/** Losses, as far as @adjoint/nn has them. */
import * as ad from '@adjoint/core'
import * as nn from '@adjoint/nn'
import type { Attributes } from '../attributes.ts'
import { NotCovered } from '../errors.ts'
import type { Adapter, AdapterTable, Inputs, Outputs } from './adapter.ts'

type Reduction = 'none' | 'sum' | 'mean'

const reductionOf = (a: Attributes): { readonly reduction: Reduction } => ({
  reduction: a.word('reduction', ['none', 'sum', 'mean'], 'mean'),
})

/** The weights and the like that follow the input and the target, by their names in `tensors`. */
function optional(inputs: Inputs, a: Attributes): ReadonlyMap<string, ad.Tensor> {
  const names = a.has('tensors') ? a.list('tensors').map(String) : []
  return new Map(names.map((name, at) => [name, inputs[2 + at]!]))
}

/** A loss of elements: weighted, where there are weights, and reduced. */
const elementLoss =
  (loss: (input: ad.Tensor, target: ad.Tensor, a: Attributes, reduction: Reduction) => ad.Tensor): Adapter =>
  (inputs, a) => {
    const { reduction } = reductionOf(a)
    const tensors = optional(inputs, a)
    for (const name of tensors.keys()) if (name !== 'weight') throw new NotCovered(`a loss with ${name}`)
    const [input, target] = inputs
    const weight = tensors.get('weight')
    if (weight === undefined) return loss(input, target, a, reduction)
    const weighted = ad.mul(loss(input, target, a, 'none'), weight)
    return reduction === 'none' ? weighted : (reduction === 'sum' ? ad.sum : ad.mean)(weighted)
  }

/** PyTorch takes shapes that broadcast; Adjoint wants them equal, and a user would expand first. */
const broadcast = (x: ad.Tensor, y: ad.Tensor): [ad.Tensor, ad.Tensor] => {
  const [left, right] = ad.broadcastTensors(x, y)
  return [left!, right!]
}

/** Slope 1 beyond beta: huber divided by it. */
const smoothL1 = elementLoss((x, y, a, reduction) => {
  const beta = a.number('beta', 1)
  if (beta === 0) return nn.meanAbsoluteError(x, y, { reduction })
  return ad.div(nn.huber(x, y, { delta: beta, reduction }), beta)
})

const binaryCrossEntropy = elementLoss((x, y, _, reduction) => {
  if (x.data().some(p => p === 0 || p === 1))
    throw new NotCovered(
      'binary_cross_entropy at exactly 0 or 1: PyTorch cuts the logarithm at -100, Adjoint does not',
    )
  return nn.binaryCrossEntropy(x, y, { reduction })
})

/** Classes stand on axis 1 in PyTorch and last in Adjoint. */
function crossEntropy(inputs: Inputs, a: Attributes): Outputs {
  const { reduction } = reductionOf(a)
  const ignored = a.number('ignore_index', -100)
  if (optional(inputs, a).size > 0) throw new NotCovered('cross_entropy with weights of classes')
  if (a.number('label_smoothing', 0) !== 0) throw new NotCovered('cross_entropy with label smoothing')
  const [x, y] = inputs
  const last = (scores: ad.Tensor): ad.Tensor => (scores.rank > 2 ? ad.moveAxis(scores, 1, -1) : scores)
  if (y.dtype !== 'int32') return nn.crossEntropy(last(x), last(y), { reduction })
  if (y.data().includes(ignored)) throw new NotCovered('cross_entropy with ignored targets')
  return nn.crossEntropy(last(x), y, { reduction })
}

export const NN_LOSS: AdapterTable = {
  mse_loss: elementLoss((x, y, _, reduction) => nn.meanSquaredError(...broadcast(x, y), { reduction })),
  l1_loss: elementLoss((x, y, _, reduction) => nn.meanAbsoluteError(...broadcast(x, y), { reduction })),
  smooth_l1_loss: smoothL1,
  huber_loss: elementLoss((x, y, a, reduction) => nn.huber(x, y, { delta: a.number('delta', 1), reduction })),
  binary_cross_entropy: binaryCrossEntropy,
  binary_cross_entropy_with_logits: elementLoss((x, y, _, reduction) =>
    nn.binaryCrossEntropyWithLogits(x, y, { reduction }),
  ),
  cross_entropy: crossEntropy,
}
