/** Ops that move, pick, place and sort elements, and those that make tensors from nothing. */
import * as ad from '@adjoint/core'
import type { Attributes } from '../attributes.ts'
import { NotCovered } from '../errors.ts'
import { type Adapter, type AdapterTable, both, type Inputs, type Outputs, unary } from './adapter.ts'

/** An axis counted from the front. */
const fromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)

/** A shape in which one -1 stands for what is left. */
function resolved(shape: readonly number[], size: number): number[] {
  const known = shape.filter(length => length !== -1).reduce((product, length) => product * length, 1)
  return shape.map(length => (length === -1 ? size / known : length))
}

/** In PyTorch -1 keeps the size of an axis. */
function expand([x]: Inputs, a: Attributes): Outputs {
  const shape = a.numbers(a.has('size') ? 'size' : 'shape')
  const added = shape.length - x.rank
  return ad.expand(
    x,
    shape.map((length, axis) => (length === -1 ? x.shape[axis - added]! : length)),
  )
}

/** PyTorch leaves an axis of another size alone where Adjoint refuses. */
function squeeze([x]: Inputs, a: Attributes): Outputs {
  const named = a.optionalNumbers('dim')
  if (named === undefined) return ad.squeeze(x)
  const isOther = (axis: number): boolean => (x.shape[fromFront(axis, x.rank)] ?? 1) !== 1
  // An axis of a 0-d tensor is no axis to Adjoint.
  return ad.squeeze(
    x,
    named.filter(axis => !isOther(axis) && !(x.rank === 0 && (axis === 0 || axis === -1))),
  )
}

const unsqueeze = (x: ad.Tensor, axis: number): ad.Tensor => ad.unsqueeze(x, axis) as ad.Tensor

/** Without axes the elements roll as one row. */
function roll([x]: Inputs, a: Attributes): Outputs {
  const shifts = a.numbers('shifts')
  const axes = a.optionalNumbers('dims')
  if (axes === undefined || axes.length === 0) return ad.reshape(ad.roll(ad.flatten(x), shifts, [0]), x.shape)
  return ad.roll(x, shifts, axes)
}

const moveAxes: Adapter = ([x], a) => ad.moveAxis(x, a.numbers('source'), a.numbers('destination'))

/** PyTorch lets an empty row stand beside tensors of any shape. */
function concat(inputs: readonly ad.Tensor[], axis: number): ad.Tensor {
  const others = inputs.filter(x => !(x.rank === 1 && x.size === 0))
  return ad.concat(others.length === 0 ? inputs.slice(0, 1) : others, axis)
}

/** Tensors of less than `rank` axes with axes of size 1, as the stacking functions of NumPy add them. */
const atLeast = (rank: number, x: ad.Tensor): ad.Tensor => {
  if (x.rank >= rank) return x
  const shape = x.shape as readonly number[]
  // A row is one row in two axes, and one row of one layer in three.
  return ad.reshape(
    x,
    [[1], [1, ...shape], rank === 3 && x.rank === 2 ? [...shape, 1] : [1, ...shape, 1]][rank - 1]!,
  )
}

/** Entries of an index as ranges: `{start, stop, step}`, a position, `"..."`, `"None"`. */
function slice([x]: Inputs, a: Attributes): Outputs {
  const ranges = a.list('index').map((entry): ad.SliceRange => {
    if (typeof entry === 'number' || entry === '...') return entry
    if (entry === 'None' || entry === null) return 'new'
    if (typeof entry !== 'object') throw new NotCovered(`an index of ${JSON.stringify(entry)}`)
    const { start, stop, step } = entry as Record<string, number | null>
    return [start ?? null, stop ?? null, step ?? null]
  })
  return ad.slice(x, ...ranges)
}

const narrow: Adapter = ([x], a) => {
  const [axis, length] = [fromFront(a.number('dim'), x.rank), a.number('length')]
  const start = fromFront(a.number('start'), x.shape[axis]!)
  // A range of Adjoint ends with its axis; this one must not reach beyond.
  if (!(length >= 0 && start >= 0 && start + length <= x.shape[axis]!))
    throw new ad.ArgumentError('narrow', `${length} positions from ${start} on are not all on axis ${axis}.`)
  const before = Array.from({ length: axis }, () => null)
  return ad.slice(x, ...before, [start, start + length])
}

const select: Adapter = ([x], a) => {
  const before = Array.from({ length: fromFront(a.number('dim'), x.rank) }, () => null)
  return ad.slice(x, ...before, a.number('index'))
}

/** The source of a scatter may be larger than its indices: the part at their positions counts. */
function sourceFor(indices: ad.Tensor, source: ad.Tensor): ad.Tensor {
  return source.rank === 0 ? source : ad.slice(source, ...indices.shape.map(size => [0, size] as const))
}

function scatter([x, indices, source]: Inputs, a: Attributes): Outputs {
  const axis = a.number('dim')
  const part =
    source === undefined
      ? ad.full(indices.shape, a.number('value'), { dtype: x.dtype })
      : sourceFor(indices, source)
  if (!a.has('reduce')) return ad.scatter(x, axis, indices, part)
  const reduction = a.word('reduce', ['add', 'multiply'])
  return ad.scatterReduce(x, axis, indices, part, reduction === 'add' ? 'sum' : 'prod')
}

/** Padding is listed from the last axis on; a negative width cuts off. */
function pad([x]: Inputs, a: Attributes): Outputs {
  const listed = a.numbers('pad')
  if (listed.length % 2 === 1 || listed.length > 2 * x.rank)
    throw new ad.ArgumentError('pad', `${listed.length} widths are not a pair for some of ${x.rank} axes.`)
  const mode = a.word('mode', ['constant', 'reflect', 'replicate', 'circular'], 'constant')
  const value = a.number('value', 0)
  const widths = x.shape.map((_, axis): readonly [number, number] => {
    const at = 2 * (x.rank - 1 - axis)
    return [listed[at] ?? 0, listed[at + 1] ?? 0]
  })
  if (widths.some(([before, after], axis) => before + after + x.shape[axis]! < 0))
    throw new ad.ArgumentError('pad', `widths of ${listed.join(', ')} cut off more than there is.`)
  const cut = ad.slice(
    x,
    ...widths.map(
      ([before, after], axis) => [Math.max(0, -before), x.shape[axis]! + Math.min(0, after)] as const,
    ),
  )
  const added = widths.map(([before, after]): readonly [number, number] => [
    Math.max(0, before),
    Math.max(0, after),
  ])
  return ad.pad(cut, added, { mode, value })
}

function repeatInterleave([x, counts]: Inputs, a: Attributes): Outputs {
  const repeats = counts ?? a.raw('repeats')
  const axis = a.optionalNumber('dim')
  const times =
    typeof repeats === 'number' || Array.isArray(repeats)
      ? repeats
      : Array.from((repeats as ad.Tensor).data())
  return axis === undefined
    ? ad.repeatInterleave(ad.flatten(x), times, 0)
    : ad.repeatInterleave(x, times, axis)
}

/** Sizes of one or two axes; a single number stands for both. */
const pair = (a: Attributes, name: string, fallback?: number): [number, number] => {
  const [first, second] = a.has(name) || fallback === undefined ? a.numbers(name) : [fallback]
  return [first!, second ?? first!]
}

const windows = (
  a: Attributes,
): {
  kernel: [number, number]
  dilation: [number, number]
  padding: [number, number]
  stride: [number, number]
} => ({
  kernel: pair(a, 'kernel_size'),
  dilation: pair(a, 'dilation', 1),
  padding: pair(a, 'padding', 0),
  stride: pair(a, 'stride', 1),
})

const sorted: Adapter = ([x], a) => {
  // Adjoint's order is always stable.
  a.boolean('stable', true)
  const [axis, options] = [a.number('dim', -1), { descending: a.boolean('descending', false) }]
  return [ad.sort(x, axis, options), ad.sortWithIndices(x, axis, options).indices]
}

/** The largest or smallest, in order; unsorted ones may come in any order, and so in this one. */
const topk: Adapter = ([x], a) => {
  a.boolean('sorted', true)
  return both(ad.topk(x, a.number('k'), a.number('dim', -1), { largest: a.boolean('largest', true) }))
}

/** The side on which equal values are inserted; `right` says the same in another way. */
const sideOf = (a: Attributes): { side: 'left' | 'right' } => ({
  side: a.word('side', ['left', 'right'], a.boolean('right', false) ? 'right' : 'left'),
})

function oneHot([x]: Inputs, a: Attributes): Outputs {
  const classes = a.number('num_classes', -1)
  return ad.oneHot(x, classes === -1 ? Math.max(-1, ...x.data()) + 1 : classes, { dtype: 'int32' })
}

function indexPut([x, values, ...indices]: readonly ad.Tensor[], a: Attributes): Outputs {
  return ad.indexPut(x!, indices, values!, { accumulate: a.boolean('accumulate', false) })
}

/** Creation: float64 unless a case says otherwise, as the cases were computed with that default. */
const dtypeOf = (a: Attributes): { readonly dtype: ad.DType } => ({ dtype: a.dtype() ?? 'float64' })

/** Steps that lead away from the end are no numbers in Adjoint and a mistake in PyTorch. */
const arange: Adapter = (_, a) => {
  const [start, end, step] = [a.number('start', 0), a.number('end'), a.number('step', 1)]
  if ((end - start) * step < 0)
    throw new ad.ArgumentError('arange', `steps of ${step} do not lead from ${start} to ${end}.`)
  return ad.arange(start, end, step, dtypeOf(a))
}

export const SHAPE: AdapterTable = {
  reshape: ([x], a) => ad.reshape(x, a.numbers('shape')),
  view: ([x], a) => ad.reshape(x, a.numbers('shape')),
  view_as: ([x, y]) => ad.reshape(x, y.shape),
  reshape_as: ([x, y]) => ad.reshape(x, y.shape),
  ravel: ([x]) => ad.flatten(x),
  flatten: ([x], a) => ad.flatten(x, a.number('start_dim', 0), a.number('end_dim', -1)),
  unflatten: ([x], a) => {
    const axis = fromFront(a.number('dim'), x.rank)
    const shape = x.shape as readonly number[]
    const sizes = resolved(a.numbers(a.has('sizes') ? 'sizes' : 'unflattened_size'), shape[axis]!)
    return ad.reshape(x, [...shape.slice(0, axis), ...sizes, ...shape.slice(axis + 1)])
  },
  permute: ([x], a) => ad.permute(x, a.numbers('dims')),
  transpose: ([x], a) => ad.swapAxes(x, a.number('dim0'), a.number('dim1')),
  swapaxes: ([x], a) => ad.swapAxes(x, a.number('axis0'), a.number('axis1')),
  swapdims: ([x], a) => ad.swapAxes(x, a.number('dim0'), a.number('dim1')),
  mT: unary(x => ad.matrixTranspose(x)),
  t: ([x]) => (x.rank < 2 ? ad.identity(x) : ad.transpose(x)),
  expand,
  expand_as: ([x, y]) => ad.expand(x, y.shape),
  broadcast_to: expand,
  squeeze,
  unsqueeze: ([x], a) => unsqueeze(x, a.number('dim')),
  flip: ([x], a) => ad.flip(x, a.numbers('dims')),
  fliplr: ([x]) => ad.flip(x, 1),
  flipud: ([x]) => ad.flip(x, 0),
  roll,
  rot90: ([x], a) => ad.rot90(x, a.number('k', 1), (a.optionalNumbers('dims') ?? [0, 1]) as [number, number]),
  movedim: moveAxes,
  moveaxis: moveAxes,
  cat: (inputs, a) => concat(inputs, a.number('dim', 0)),
  concat: (inputs, a) => concat(inputs, a.number('dim', 0)),
  stack: (inputs, a) => ad.stack(inputs, a.number('dim', 0)),
  hstack: inputs =>
    concat(
      inputs.map(x => atLeast(1, x)),
      inputs[0].rank < 2 ? 0 : 1,
    ),
  vstack: inputs =>
    concat(
      inputs.map(x => atLeast(2, x)),
      0,
    ),
  dstack: inputs =>
    concat(
      inputs.map(x => atLeast(3, x)),
      2,
    ),
  split: ([x], a) => {
    const sizes = a.raw('split_size_or_sections')
    return ad.split(
      x,
      Array.isArray(sizes) ? a.numbers('split_size_or_sections') : a.number('split_size_or_sections'),
      a.number('dim', 0),
    )
  },
  chunk: ([x], a) => ad.chunk(x, a.number('chunks'), a.number('dim', 0)),
  unbind: ([x], a) => ad.unbind(x, a.number('dim', 0)),
  slice,
  narrow,
  select,
  index_select: ([x, indices], a) => ad.indexSelect(x, a.number('dim'), indices),
  gather: ([x, indices], a) => ad.gather(x, a.number('dim'), indices),
  take_along_dim: ([x, indices], a) =>
    a.has('dim') ? ad.takeAlongAxis(x, indices, a.number('dim')) : ad.take(x, ad.flatten(indices)),
  scatter_add: ([x, indices, source], a) =>
    ad.scatterAdd(x, a.number('dim'), indices, sourceFor(indices, source)),
  scatter,
  scatter_reduce: ([x, indices, source], a) =>
    ad.scatterReduce(
      x,
      a.number('dim'),
      indices,
      sourceFor(indices, source),
      a.word('reduce', ['sum', 'prod', 'mean', 'amax', 'amin']),
      { includeSelf: a.boolean('include_self', true) },
    ),
  masked_fill: ([x, mask, value], a) =>
    ad.maskedFill(x, mask, value === undefined ? a.number('value') : value.item()),
  masked_select: ([x, mask]) => ad.maskedSelect(x, mask),
  masked_scatter: ([x, mask, source]) => ad.maskedScatter(x, mask, source),
  take: ([x, indices]) => ad.take(x, indices),
  index_tensor: ([x, ...indices]) => ad.at(x, ...indices),
  index_add: ([x, indices, source], a) => {
    const alpha = a.number('alpha', 1)
    return ad.indexAdd(x, a.number('dim'), indices, alpha === 1 ? source : ad.mul(source, alpha))
  },
  index_copy: ([x, indices, source], a) => ad.indexCopy(x, a.number('dim'), indices, source),
  index_fill: ([x, indices, value], a) =>
    ad.indexFill(x, a.number('dim'), indices, value === undefined ? a.number('value') : value.item()),
  index_put: indexPut,
  tril: ([x], a) => ad.tril(x, a.number('diagonal', 0)),
  triu: ([x], a) => ad.triu(x, a.number('diagonal', 0)),
  diag: ([x], a) => ad.diag(x, a.number('diagonal', 0)),
  diagonal: ([x], a) =>
    ad.diagonal(x, { offset: a.number('offset', 0), axes: [a.number('dim1', 0), a.number('dim2', 1)] }),
  diag_embed: ([x], a) =>
    ad.diagonalEmbed(x, {
      offset: a.number('offset', 0),
      axes: [a.number('dim1', -2), a.number('dim2', -1)],
    }),
  diagflat: ([x], a) => ad.diag(ad.flatten(x), a.number('offset', 0)),
  pad,
  repeat: ([x], a) => ad.repeat(x, a.numbers('repeats')),
  repeat_interleave: repeatInterleave,
  tile: ([x], a) => ad.tile(x, a.numbers('dims')),
  tensor_unfold: ([x], a) =>
    ad.unfold(x, a.number(a.has('dimension') ? 'dimension' : 'dim'), a.number('size'), a.number('step')),
  unfold: ([x], a) => ad.unfoldImages(x, windows(a)),
  fold: ([x], a) => ad.foldImages(x, { outputSize: pair(a, 'output_size'), ...windows(a) }),
  sort: sorted,
  msort: ([x]) => ad.sort(x, 0),
  argsort: ([x], a) => {
    a.boolean('stable', true)
    return ad.argsort(x, a.number('dim', -1), { descending: a.boolean('descending', false) })
  },
  topk,
  kthvalue: ([x], a) => both(ad.kthValue(x, a.number('k'), a.number('dim', -1), a.keepDims())),
  one_hot: oneHot,
  nonzero: unary(x => ad.nonzero(x)),
  meshgrid: (inputs, a) => ad.meshgrid([...inputs], { indexing: a.word('indexing', ['ij', 'xy'], 'ij') }),
  broadcast_tensors: inputs => ad.broadcastTensors(...inputs),
  searchsorted: ([order, values], a) => ad.searchSorted(order, values, sideOf(a)),
  // The boundaries come second.
  bucketize: ([values, boundaries], a) => ad.searchSorted(boundaries, values, sideOf(a)),
  pixel_shuffle: ([x], a) => ad.pixelShuffle(x, a.number('upscale_factor')),
  pixel_unshuffle: ([x], a) => ad.pixelUnshuffle(x, a.number('downscale_factor')),
  arange,
  linspace: (_, a) => ad.linspace(a.number('start'), a.number('end'), a.number('steps'), dtypeOf(a)),
  logspace: (_, a) =>
    ad.logspace(a.number('start'), a.number('end'), a.number('steps'), {
      base: a.number('base', 10),
      ...dtypeOf(a),
    }),
  eye: (_, a) => ad.eye(a.number('n'), a.number('m', a.number('n')), dtypeOf(a)),
  zeros: (_, a) => ad.zeros(a.numbers('size'), dtypeOf(a)),
  ones: (_, a) => ad.ones(a.numbers('size'), dtypeOf(a)),
  full: (_, a) => ad.full(a.numbers('size'), a.number('fill_value'), dtypeOf(a)),
  full_like: ([x], a) => ad.fullLike(ad.cast(x, a.dtype() ?? x.dtype), a.number('fill_value')),
  zeros_like: ([x], a) => ad.zerosLike(ad.cast(x, a.dtype() ?? x.dtype)),
  ones_like: ([x], a) => ad.onesLike(ad.cast(x, a.dtype() ?? x.dtype)),
}
