/** Layers without memory: linear maps, softmax and its family, similarities, embeddings. */
import * as ad from '@adjoint/core'
import type { Attributes } from '../attributes.ts'
import type { Adapter, AdapterTable, Inputs, Outputs } from './adapter.ts'

const linear: Adapter = ([x, weight, bias]) => {
  const product = ad.matmul(x, weight.rank < 2 ? weight : ad.transpose(weight))
  return bias === undefined ? product : ad.add(product, bias)
}

const bilinear: Adapter = ([x, y, weight, bias]) => ad.bilinear(x, y, weight, bias ?? null)

/** Softmax and the like, in a dtype of their own where the case names one. */
const along =
  (op: (x: ad.Tensor, axis: number) => ad.Tensor): Adapter =>
  ([x], a) => {
    const dtype = a.dtype()
    return op(dtype === undefined ? x : ad.cast(x, dtype), a.number('dim'))
  }

/** One slope for all, or one for each channel, which is axis 1. */
function prelu([x, slope]: Inputs): Outputs {
  if (slope.size === 1 || x.rank < 2) return ad.prelu(x, slope.size === 1 ? ad.reshape(slope, []) : slope)
  return ad.prelu(x, ad.reshape(slope, [slope.size, ...x.shape.slice(2).map(() => 1)]))
}

/** Along axis 1 unless told otherwise. */
const normalize: Adapter = ([x], a) =>
  ad.normalize(x, a.axes() ?? 1, { order: a.number('p', 2), epsilon: a.number('eps', 1e-12) })

/** Settings of a table that do not change what is computed where. */
const tableSettings = (a: Attributes): ad.EmbeddingOptions => {
  // A gradient that is stored sparsely is the same gradient.
  a.boolean('sparse', false)
  const padding = a.optionalNumber('padding_idx')
  return {
    ...(padding !== undefined && { paddingIndex: padding }),
    scaleGradientByFrequency: a.boolean('scale_grad_by_freq', false),
  }
}

/** PyTorch shortens the rows in the table before it looks them up: the gradient is that of the shortened table. */
function shortened(weight: ad.Tensor, indices: ad.Tensor, a: Attributes): ad.Tensor {
  const maxNorm = a.optionalNumber('max_norm')
  const normType = a.number('norm_type', 2)
  if (maxNorm === undefined) return weight
  const table = ad.renormalizeRows(ad.stopGradient(weight), indices, { maxNorm, normType })
  return ad.straightThrough(weight, table)
}

const embedding: Adapter = ([indices, weight], a) =>
  ad.embedding(shortened(weight, indices, a), indices, tableSettings(a))

/** Offsets are whole numbers, weights of samples are not; either may be missing. */
function embeddingBag([indices, weight, ...more]: Inputs, a: Attributes): Outputs {
  const offsets = more.find(({ dtype }) => dtype === 'int32')
  const perSampleWeights = more.find(({ dtype }) => dtype !== 'int32')
  return ad.embeddingBag(shortened(weight, indices, a), indices, {
    ...tableSettings(a),
    mode: a.word('mode', ['sum', 'mean', 'max'], 'mean'),
    includeLastOffset: a.boolean('include_last_offset', false),
    ...(offsets && { offsets }),
    ...(perSampleWeights && { perSampleWeights }),
  })
}

export const NN_CORE: AdapterTable = {
  linear,
  bilinear,
  softmax: along(ad.softmax),
  log_softmax: along(ad.logSoftmax),
  softmin: along(ad.softmin),
  prelu,
  glu: ([x], a) => ad.glu(x, a.number('dim', -1)),
  normalize,
  cosine_similarity: ([x, y], a) =>
    ad.cosineSimilarity(x, y, a.number('dim', 1), { epsilon: a.number('eps', 1e-8) }),
  pairwise_distance: ([x, y], a) =>
    ad.pairwiseDistance(x, y, { order: a.number('p', 2), epsilon: a.number('eps', 1e-6), ...a.keepDims() }),
  embedding,
  embedding_bag: embeddingBag,
}
