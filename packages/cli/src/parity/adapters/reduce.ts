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
  const axes = a.axes()
  return ad.norm(casting(x, a), { order, ...(axes === undefined ? {} : { axis: axes }), ...a.keepDims() })
}

/** The Frobenius norm of all elements is the norm of order 2. */
const orderOf = (a: Attributes, name: string): number => (a.raw(name) === 'fro' ? 2 : a.number(name, 2))

/** One quantile, or several in front. */
const quantile =
  (op: (x: ad.Tensor, q: number, axis: number | undefined) => ad.Tensor): Adapter =>
  ([x, q], a) => {
    const list = q === undefined ? a.raw('q') : Array.from(q.data())
    const single = q === undefined ? !Array.isArray(list) : q.rank === 0
    const axis = a.optionalNumber('dim')
    const { keepDims } = a.keepDims()
    const found = (q === undefined ? a.numbers('q') : (list as number[])).map(one => {
      const value = op(x, one, axis)
      if (!keepDims) return value
      return axis === undefined
        ? ad.reshape(
            value,
            x.shape.map(() => 1),
          )
        : (ad.unsqueeze(value, axis < 0 ? axis + x.rank : axis) as ad.Tensor)
    })
    return single ? found[0]! : ad.stack(found, 0)
  }

const interpolationOf = (
  a: Attributes,
): { interpolation: 'linear' | 'lower' | 'higher' | 'nearest' | 'midpoint' } => ({
  interpolation: a.word('interpolation', ['linear', 'lower', 'higher', 'nearest', 'midpoint'], 'linear'),
})

function difference([x]: Inputs, a: Attributes): Outputs {
  return ad.diff(x, { order: a.number('n', 1), axis: a.number('dim', -1) })
}

/** The lower median of all elements, as PyTorch has it for an even count. */
const median = (x: ad.Tensor): ad.Tensor => ad.medianWithIndices(ad.flatten(x), 0).values

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
  median: choice(median, ad.medianWithIndices),
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
  quantile: (inputs, a) => {
    const options = interpolationOf(a)
    return quantile((x, q, axis) => ad.quantile(x, q, axis, options))(inputs, a)
  },
  trapezoid: ([y, x], a) =>
    ad.trapezoid(y, {
      ...(x === undefined ? { spacing: a.number('dx', 1) } : { x }),
      axis: a.number('dim', -1),
    }),
  bincount: ([x, weights], a) =>
    ad.bincount(x, { ...(weights === undefined ? {} : { weights }), minLength: a.number('minlength', 0) }),
}
