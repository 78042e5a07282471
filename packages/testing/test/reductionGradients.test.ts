// The gradients of reductions, scans and sorting that are made of other ops: both orders, both modes, against quotients.
import * as ad from '@adjoint/core/functional'
import { checkGradients } from '@adjoint/testing'
import { describe, expect, test } from 'vitest'

type Tensor = ad.Tensor

const normal = (shape: readonly number[], seed: number): Tensor =>
  ad.normal(new ad.Rng(seed), shape, { dtype: 'float64' })

const matrix = normal([3, 4], 1)
const block = normal([2, 3, 4], 3)
const withZeros = ad.tensor(
  [
    [1, 0, 2, 3],
    [0, 0, 1, 2],
    [1, 2, 3, -1],
  ],
  { dtype: 'float64' },
)

const cases: readonly (readonly [string, (x: Tensor) => Tensor, Tensor])[] = [
  ['variance', x => ad.variance(x, 0, { correction: 1 }), matrix],
  ['standardDeviation', x => ad.standardDeviation(x, [0, 2], { keepDims: true }), block],
  ['varianceAndMean', x => ad.add(...(Object.values(ad.varianceAndMean(x, 1)) as [Tensor, Tensor])), matrix],
  ['prod', x => ad.prod(x, 1), withZeros],
  ['cumprod', x => ad.cumprod(x), withZeros],
  ['cumprod over axis 0', x => ad.cumprod(x, 0), withZeros],
  ['cummax', x => ad.square(ad.cummax(x, 0)), matrix],
  ['cummin', x => ad.square(ad.cummin(x)), matrix],
  ['diff', x => ad.square(ad.diff(x, 0, { times: 2 })), matrix],
  ['trapezoid', x => ad.trapezoid(ad.square(x), 0, { x: ad.exp(x) }), matrix],
  ['sort', x => ad.square(ad.sort(x, 1, { descending: true })), matrix],
  ['topk', x => ad.square(ad.topk(x, 2, 0).values), matrix],
  ['kthValue', x => ad.square(ad.kthValue(x, 2, 1).values), matrix],
  ['medianWithIndices', x => ad.square(ad.medianWithIndices(x, [0, 1]).values), block],
  ['maxWithIndices', x => ad.square(ad.maxWithIndices(x, [0, 2]).values), block],
  ['mode', x => ad.square(ad.mode(x, 1)), matrix],
  ['quantile', x => ad.square(ad.quantile(x, [0.1, 0.77], [0, 2])), block],
  ['nanMean', x => ad.square(ad.nanMean(x, 0)), matrix],
  ['unique', x => ad.square(ad.unique(x)), matrix],
  ['normalize', x => ad.normalize(x, [0, 1], { order: 3 }), matrix],
  ['cosineSimilarity', x => ad.cosineSimilarity(x, ad.exp(x), 0), matrix],
  ['pairwiseDistance', x => ad.pairwiseDistance(x, ad.exp(x), { order: 3 }), matrix],
  ['cdist', x => ad.cdist(x, ad.exp(ad.neg(x))), matrix],
  ['dist', x => ad.dist(x, ad.square(x), { order: 1.5 }), matrix],
  ['gradient of norm', x => ad.grad((y: Tensor) => ad.sum(ad.norm(y, 1)))(x), matrix],
  ['gradient of logCumSumExp', x => ad.grad((y: Tensor) => ad.sum(ad.logCumSumExp(y)))(x), matrix],
]

describe('both orders in both modes', () => {
  test.each(cases)('%s', (_, f, x) => {
    expect(checkGradients(f, x, { order: 2 }).passes).toBe(true)
  })
})
