/** Reductions, scans and what finds positions. */
import * as ad from '@adjoint/core'
import type { Attributes } from '../attributes.ts'
import { type Adapter, type AdapterTable, both, type Inputs, type Outputs } from './adapter.ts'

type Axes = number | readonly number[] | undefined
interface Keep {
  readonly keepDims: boolean
}

/** A reduction over `dim`: one axis, several, or all. */
const reduction =
  (op: (x: ad.Tensor, axes: Axes, keep: Keep) => ad.Tensor): Adapter =>
  ([x], a) =>
    op(casting(x, a), a.axes(), a.keepDims())

/** The `dtype` of a reduction is that of its operand. */
function casting(x: ad.Tensor, a: Attributes): ad.Tensor {
  const dtype = a.dtype()
  return dtype === undefined ? x : ad.cast(x, dtype)
}

/** One output over everything; values and indices along an axis. */
const choice =
  (
    over: (x: ad.Tensor) => ad.Tensor,
    along: (x: ad.Tensor, axis: number, keep: Keep) => { values: ad.Tensor; indices: ad.Tensor },
  ): Adapter =>
  ([x], a) =>
    a.has('dim') ? both(along(x, a.number('dim'), a.keepDims())) : over(x)

const scan =
  (op: (x: ad.Tensor, axis: number) => ad.Tensor): Adapter =>
  ([x], a) =>
    op(casting(x, a), a.number('dim'))

/** What is subtracted from the count: `correction`, or 1 for `unbiased`, which is the default. */
function correctionOf(a: Attributes): { readonly correction: number } {
  const unbiased = a.boolean('unbiased', true)
  return { correction: a.number('correction', unbiased ? 1 : 0) }
}

function norm([x]: Inputs, a: Attributes): Outputs {
  const order = orderOf(a, a.has('ord') ? 'ord' : 'p')
  return ad.norm(casting(x, a), a.axes(), { order, ...a.keepDims() })
}

/** The Frobenius norm of all elements is the norm of order 2. */
const orderOf = (a: Attributes, name: string): number => (a.raw(name) === 'fro' ? 2 : a.number(name, 2))

/** One quantile, or several in front; the shares are numbers, or a tensor of them. */
function quantile([x, shares]: Inputs, a: Attributes): Outputs {
  const axis = a.optionalNumber('dim')
  const options = {
    interpolation: a.word('interpolation', ['linear', 'lower', 'higher', 'nearest', 'midpoint'], 'linear'),
    ...a.keepDims(),
  }
  const single = shares === undefined ? !Array.isArray(a.raw('q')) : shares.rank === 0
  const q = shares === undefined ? a.numbers('q') : Array.from(shares.data())
  return single ? ad.quantile(x, q[0]!, axis, options) : ad.quantile(x, q, axis, options)
}

/** Counts in bins of equal width, in the dtype of the elements; equal bounds are those of the elements. */
function histc([x]: Inputs, a: Attributes): Outputs {
  const [low, high] = [a.number('min', 0), a.number('max', 0)]
  const range = low === 0 && high === 0 ? {} : { low, high }
  return ad.cast(ad.histogram(x, { bins: a.number('bins', 100), ...range }).counts, x.dtype)
}

/** The different elements in order, and what else is asked for. */
function unique([x]: Inputs, a: Attributes): Outputs {
  // The order is always that of the elements.
  a.boolean('sorted', true)
  const { values, inverse, counts } = ad.uniqueWithCounts(x)
  const inverted = a.boolean('return_inverse', false) ? [ad.reshape(inverse, x.shape)] : []
  return [values, ...inverted, ...(a.boolean('return_counts', false) ? [counts] : [])]
}

function difference([x]: Inputs, a: Attributes): Outputs {
  return ad.diff(x, a.number('dim', -1), { times: a.number('n', 1) })
}

export const REDUCE: AdapterTable = {
  sum: reduction(ad.sum),
  mean: reduction(ad.mean),
  prod: reduction(ad.prod),
  var: ([x], a) => ad.variance(x, a.axes(), { ...correctionOf(a), ...a.keepDims() }),
  std: ([x], a) => ad.standardDeviation(x, a.axes(), { ...correctionOf(a), ...a.keepDims() }),
  var_mean: ([x], a) => {
    const { variance, mean } = ad.varianceAndMean(x, a.axes(), { ...correctionOf(a), ...a.keepDims() })
    return [variance, mean]
  },
  std_mean: ([x], a) => {
    const options = { ...correctionOf(a), ...a.keepDims() }
    return [ad.standardDeviation(x, a.axes(), options), ad.mean(x, a.axes(), options)]
  },
  max: choice(ad.max, ad.maxWithIndices),
  min: choice(ad.min, ad.minWithIndices),
  amax: reduction(ad.max),
  amin: reduction(ad.min),
  aminmax: ([x], a) => [ad.min(x, a.axes(), a.keepDims()), ad.max(x, a.axes(), a.keepDims())],
  argmax: reduction(ad.argmax),
  argmin: reduction(ad.argmin),
  logsumexp: reduction(ad.logSumExp),
  norm,
  vector_norm: norm,
  median: choice(ad.median, ad.medianWithIndices),
  // Adjoint names no position of it.
  nanmedian: ([x], a) => {
    const value = ad.nanMedian(x, a.axes(), a.keepDims())
    return a.has('dim') ? [value, null] : value
  },
  mode: ([x], a) => both(ad.modeWithIndices(x, a.number('dim', -1), a.keepDims())),
  nansum: reduction(ad.nanSum),
  nanmean: reduction(ad.nanMean),
  all: reduction(ad.all),
  any: reduction(ad.any),
  count_nonzero: ([x], a) => ad.countNonzero(x, a.axes()),
  cumsum: scan(ad.cumsum),
  cumprod: scan(ad.cumprod),
  logcumsumexp: scan(ad.logCumSumExp),
  cummax: ([x], a) => both(ad.cummaxWithIndices(x, a.number('dim'))),
  cummin: ([x], a) => both(ad.cumminWithIndices(x, a.number('dim'))),
  diff: difference,
  quantile,
  histc,
  unique,
  trapezoid: ([y, x], a) =>
    ad.trapezoid(y, a.number('dim', -1), x === undefined ? { spacing: a.number('dx', 1) } : { x }),
  bincount: ([x, weights], a) =>
    ad.bincount(x, { ...(weights === undefined ? {} : { weights }), minLength: a.number('minlength', 0) }),
}
