/** Losses, under PyTorch's names and with its settings. */
import * as ad from '@adjoint/core'
import * as nn from '@adjoint/nn'
import type { Attributes } from '../attributes.ts'
import { NotCovered } from '../errors.ts'
import type { Adapter, AdapterTable, Inputs, Outputs } from './adapter.ts'

/** What the loss does in the end; the `size_average` and `reduce` of old come before it, as in PyTorch. */
function reductionOf(a: Attributes): { readonly reduction: nn.Reduction } {
  const reduction = a.word('reduction', ['none', 'sum', 'mean'], 'mean')
  if (!a.has('size_average') && !a.has('reduce')) return { reduction }
  if (!a.boolean('reduce', true)) return { reduction: 'none' }
  return { reduction: a.boolean('size_average', true) ? 'mean' : 'sum' }
}

/** The weights and the like that follow the operands, by their names in `tensors`. */
function optional(inputs: Inputs, a: Attributes, operands: number = 2): ReadonlyMap<string, ad.Tensor> {
  const names = a.has('tensors') ? a.list('tensors').map(String) : []
  return new Map(names.map((name, at) => [name, inputs[operands + at]!]))
}

/** `weight`, where there is one, and no other tensor; PyTorch's dtype is that of the input. */
function weightOf(inputs: Inputs, a: Attributes): { readonly weight?: ad.Tensor } {
  const tensors = optional(inputs, a)
  for (const name of tensors.keys()) if (name !== 'weight') throw new NotCovered(`a loss with ${name}`)
  const weight = tensors.get('weight')
  return weight === undefined ? {} : { weight }
}

/** PyTorch takes shapes that broadcast; Adjoint wants them equal, and a user would expand first. */
function broadcast(...tensors: readonly ad.Tensor[]): readonly ad.Tensor[] {
  return ad.broadcastTensors(...tensors)
}

/** The settings that all losses of elements have. */
type Common = nn.WeightedLossOptions<nn.Reduction>

/** A loss of elements, of operands that broadcast. */
const elementLoss =
  (loss: (input: ad.Tensor, target: ad.Tensor, options: Common, a: Attributes) => ad.Tensor): Adapter =>
  (inputs, a) => {
    const [x, y] = broadcast(inputs[0], inputs[1])
    return loss(x!, y!, { ...reductionOf(a), ...weightOf(inputs, a) }, a)
  }

/** Classes stand on axis 1 in PyTorch, of a single example on axis 0. */
function classSettings(inputs: Inputs, a: Attributes): nn.ClassLossOptions<nn.Reduction> {
  const isOfClasses = inputs[1].dtype === 'int32'
  const ignored = a.number('ignore_index', -100)
  return {
    ...reductionOf(a),
    ...weightOf(inputs, a),
    ...(inputs[0].rank > 1 && { axis: 1 }),
    ...((isOfClasses || ignored >= 0) && { ignoreIndex: ignored }),
  }
}

const crossEntropy: Adapter = (inputs, a) =>
  nn.crossEntropy(inputs[0], inputs[1], {
    ...classSettings(inputs, a),
    labelSmoothing: a.number('label_smoothing', 0),
  })

const withLogits: Adapter = (inputs, a) => {
  const tensors = optional(inputs, a)
  const [x, y] = inputs
  const [weight, positiveWeight] = [tensors.get('weight'), tensors.get('pos_weight')]
  return nn.binaryCrossEntropyWithLogits(x, y, {
    ...reductionOf(a),
    ...(weight && { weight }),
    ...(positiveWeight && { positiveWeight }),
  })
}

function klDivergence(inputs: Inputs, a: Attributes): Outputs {
  const [x, y] = broadcast(inputs[0], inputs[1])
  const isBatchMean = a.raw('reduction') === 'batchmean'
  const reduction = isBatchMean ? 'batchMean' : reductionOf(a).reduction
  return nn.klDivergence(x!, y!, { reduction, logTarget: a.boolean('log_target', false) })
}

const gaussian: Adapter = ([x, y, variance], a) =>
  nn.gaussianNegativeLogLikelihood(x, y, variance, {
    ...reductionOf(a),
    full: a.boolean('full', false),
    epsilon: a.number('eps', 1e-6),
  })

const marginRanking: Adapter = (inputs, a) => {
  const [x, y, target] = broadcast(inputs[0], inputs[1], inputs[2])
  return nn.marginRanking(x!, y!, target!, { ...reductionOf(a), margin: a.number('margin', 0) })
}

const tripletMargin: Adapter = (inputs, a) => {
  const [anchor, positive, negative] = broadcast(inputs[0], inputs[1], inputs[2])
  return nn.tripletMargin(anchor!, positive!, negative!, {
    ...reductionOf(a),
    margin: a.number('margin', 1),
    order: a.number('p', 2),
    epsilon: a.number('eps', 1e-6),
    swap: a.boolean('swap', false),
  })
}

const cosineEmbedding: Adapter = (inputs, a) => {
  const [x, y] = broadcast(inputs[0], inputs[1])
  return nn.cosineEmbedding(x!, y!, inputs[2], { ...reductionOf(a), margin: a.number('margin', 0) })
}

const multiMargin: Adapter = (inputs, a) => {
  const power = a.number('p', 1)
  if (power !== 1 && power !== 2) throw new NotCovered(`p = ${power}`)
  // A single example may have its class in a list of one.
  const target = inputs[0].rank === 1 ? ad.reshape(inputs[1], []) : inputs[1]
  const losses = nn.multiMargin(inputs[0], target, {
    ...reductionOf(a),
    ...weightOf(inputs, a),
    power,
    margin: a.number('margin', 1),
  })
  return reductionOf(a).reduction === 'none' ? ad.reshape(losses, inputs[1].shape) : losses
}

/** Logits to log-probabilities, and PyTorch's other form of the targets, all in one row, to one row for each. */
function temporalClassification(inputs: Inputs, a: Attributes): Outputs {
  const [logits, targets] = inputs
  const [inputLengths, targetLengths] = [a.numbers('input_lengths'), a.numbers('target_lengths')]
  const isInOneRow = targets.rank === 1 && logits.rank === 3
  const [y, labels] = [ad.logSoftmax(logits), isInOneRow ? inRows(targets, targetLengths) : targets]
  return nn.connectionistTemporalClassification(y, labels, {
    ...reductionOf(a),
    inputLengths,
    targetLengths,
    blank: a.number('blank', 0),
    zeroInfinity: a.boolean('zero_infinity', false),
    timeFirst: true,
  })
}

function inRows(targets: ad.Tensor, lengths: readonly number[]): ad.Tensor {
  const all = targets.toArray() as number[]
  const longest = Math.max(0, ...lengths)
  let start = 0
  const rows = lengths.map(length => {
    const row = all.slice(start, start + length)
    start += length
    return [...row, ...new Array<number>(longest - length).fill(0)]
  })
  return ad.tensor(rows.flat(), { shape: [lengths.length, longest], dtype: 'int32' })
}

export const NN_LOSS: AdapterTable = {
  mse_loss: elementLoss((x, y, options) => nn.meanSquaredError(x, y, options)),
  l1_loss: elementLoss((x, y, options) => nn.meanAbsoluteError(x, y, options)),
  smooth_l1_loss: elementLoss((x, y, options, a) =>
    nn.smoothL1(x, y, { ...options, beta: a.number('beta', 1) }),
  ),
  huber_loss: elementLoss((x, y, options, a) => nn.huber(x, y, { ...options, delta: a.number('delta', 1) })),
  binary_cross_entropy: elementLoss((x, y, options) =>
    nn.binaryCrossEntropy(x, y, { ...options, lowestLog: -100 }),
  ),
  binary_cross_entropy_with_logits: withLogits,
  cross_entropy: crossEntropy,
  nll_loss: (inputs, a) => nn.negativeLogLikelihood(inputs[0], inputs[1], classSettings(inputs, a)),
  kl_div: klDivergence,
  poisson_nll_loss: elementLoss((x, y, options, a) =>
    nn.poissonNegativeLogLikelihood(x, y, {
      ...options,
      logInput: a.boolean('log_input', true),
      full: a.boolean('full', false),
      epsilon: a.number('eps', 1e-8),
    }),
  ),
  gaussian_nll_loss: gaussian,
  hinge_embedding_loss: elementLoss((x, y, options, a) =>
    nn.hingeEmbedding(x, y, { ...options, margin: a.number('margin', 1) }),
  ),
  soft_margin_loss: elementLoss((x, y, options) => nn.softMargin(x, y, options)),
  margin_ranking_loss: marginRanking,
  triplet_margin_loss: tripletMargin,
  cosine_embedding_loss: cosineEmbedding,
  multi_margin_loss: multiMargin,
  multilabel_margin_loss: ([x, y], a) => nn.multiLabelMargin(x, y, reductionOf(a)),
  multilabel_soft_margin_loss: (inputs, a) =>
    nn.multiLabelSoftMargin(inputs[0], inputs[1], { ...reductionOf(a), ...weightOf(inputs, a) }),
  ctc_loss_from_logits: temporalClassification,
}
