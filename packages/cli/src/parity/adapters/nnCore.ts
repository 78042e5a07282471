/** Layers without memory: linear maps, softmax and its family, similarities, embeddings. */
import * as ad from '@adjoint/core'
import type { Attributes } from '../attributes.ts'
import { NotCovered } from '../errors.ts'
import type { Adapter, AdapterTable, Inputs, Outputs } from './adapter.ts'

const linear: Adapter = ([x, weight, bias]) => {
  const product = ad.matmul(x, weight.rank < 2 ? weight : ad.transpose(weight))
  return bias === undefined ? product : ad.add(product, bias)
}

const bilinear: Adapter = ([x, y, weight, bias]) => {
  const product = ad.einsum('...i,oij,...j->...o', x, weight, y)
  return bias === undefined ? product : ad.add(product, bias)
}

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

/** The row of the padding index is read, and gets no gradient. */
function embedding([indices, weight]: Inputs, a: Attributes): Outputs {
  if (a.boolean('scale_grad_by_freq', false)) throw new NotCovered('embedding with scale_grad_by_freq')
  a.boolean('sparse', false)
  const padding = a.optionalNumber('padding_idx')
  if (padding === undefined) return ad.embedding(weight, indices)
  const row = padding < 0 ? padding + weight.shape[0]! : padding
  const isPadding = ad.equal(ad.arange(0, weight.shape[0]!, 1, { dtype: 'int32' }), row)
  const mask = ad.unsqueeze(isPadding, 1) as ad.Tensor
  return ad.embedding(ad.where(mask, ad.stopGradient(weight), weight), indices)
}

/** Bags are the rows of the indices. */
function embeddingBag([indices, weight, ...more]: Inputs, a: Attributes): Outputs {
  const mode = a.word('mode', ['sum', 'mean', 'max'], 'mean')
  if (more.length > 0 || indices.rank !== 2) throw new NotCovered('embedding_bag with offsets or weights')
  const rows = ad.embedding(weight, indices)
  return { sum: ad.sum, mean: ad.mean, max: ad.max }[mode](rows, 1)
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
