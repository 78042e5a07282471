/** Pooling and resampling, with all settings that PyTorch has. */
import * as ad from '@adjoint/core'
import type { Attributes } from '../attributes.ts'
import { NotCovered } from '../errors.ts'
import { type Adapter, type AdapterTable, both } from './adapter.ts'

/** Settings of windows; a number stands for all axes. PyTorch takes an empty stride for none. */
function windows(a: Attributes, axes: number): ad.PoolOptions {
  const stride = perAxis(a, 'stride', axes)
  return {
    kernel: perAxis(a, 'kernel_size', axes) ?? new Array<number>(axes).fill(Number.NaN),
    ...(stride && { stride }),
    padding: perAxis(a, 'padding', axes) ?? 0,
    ceilMode: a.boolean('ceil_mode', false),
  }
}

/** One number for each axis, so that the rank of the input says whether there is a batch. */
function perAxis(a: Attributes, name: string, axes: number): number[] | undefined {
  const values = a.optionalNumbers(name)
  if (values === undefined || values.length === 0) return undefined
  return values.length === 1 ? new Array<number>(axes).fill(values[0]!) : values
}

const maxPool =
  (axes: number): Adapter =>
  ([x], a) => {
    a.boolean('return_indices', true)
    return both(
      ad.maxPoolWithIndices(x, { ...windows(a, axes), dilation: perAxis(a, 'dilation', axes) ?? 1 }),
    )
  }

const averagePool =
  (axes: number): Adapter =>
  ([x], a) => {
    const divisor = a.optionalNumber('divisor_override')
    return ad.averagePool(x, {
      ...windows(a, axes),
      countIncludePad: a.boolean('count_include_pad', true),
      ...(divisor !== undefined && { divisor }),
    })
  }

const lpPool =
  (axes: number): Adapter =>
  ([x], a) => {
    const { padding: _, ...options } = windows(a, axes)
    return ad.lpPool(x, { ...options, order: a.number('norm_type') })
  }

/** The size of the result; null in a list keeps the size of an axis. */
function outputSize(a: Attributes, axes: number): (number | null)[] {
  const value = a.raw('output_size')
  const sizes = Array.isArray(value) && value.length > 1 ? value : new Array(axes).fill([value].flat()[0])
  return sizes.map(size => {
    if (size === null || size === undefined) return null
    if (typeof size !== 'number') throw new NotCovered(`output_size ${JSON.stringify(value)}`)
    return size
  })
}

const adaptiveMaxPool =
  (axes: number): Adapter =>
  ([x], a) => {
    const pooled = ad.adaptiveMaxPoolWithIndices(x, outputSize(a, axes))
    return a.boolean('return_indices', false) ? both(pooled) : pooled.values
  }

const maxUnpool =
  (axes: number): Adapter =>
  ([x, indices], a) => {
    const { ceilMode: _, ...options } = windows(a, axes)
    const size = a.optionalNumbers('output_size')?.slice(-axes)
    return ad.maxUnpool(x, indices, { ...options, ...(size && { outputSize: size }) })
  }

const MODES = {
  nearest: 'nearest',
  'nearest-exact': 'nearestExact',
  linear: 'linear',
  bilinear: 'bilinear',
  trilinear: 'trilinear',
  bicubic: 'bicubic',
  area: 'area',
} as const

const interpolate: Adapter = ([x], a) => {
  const axes = x.rank - 2
  const mode = MODES[a.word('mode', Object.keys(MODES) as (keyof typeof MODES)[], 'nearest')]
  // PyTorch's linear modes each belong to one number of axes.
  if (mode === 'linear' && axes !== 1) throw new ad.ArgumentError('parity', 'mode linear is for signals.')
  const size = perAxis(a, 'size', axes)
  const scale = perAxis(a, 'scale_factor', axes)
  return ad.interpolate(x, {
    ...(size && { size }),
    ...(scale && { scale }),
    mode,
    alignCorners: a.boolean('align_corners', false),
    antialias: a.boolean('antialias', false),
    recomputeScale: a.boolean('recompute_scale_factor', false),
  })
}

/** `op1d`, `op2d` and `op3d`. */
const ofEveryRank = (op: string, adapter: (axes: number) => Adapter): AdapterTable =>
  Object.fromEntries([1, 2, 3].map(axes => [`${op}${axes}d`, adapter(axes)]))

export const POOLING: AdapterTable = {
  ...ofEveryRank('max_pool', maxPool),
  ...ofEveryRank('max_unpool', maxUnpool),
  ...ofEveryRank('avg_pool', averagePool),
  ...ofEveryRank('lp_pool', lpPool),
  ...ofEveryRank(
    'adaptive_avg_pool',
    axes =>
      ([x], a) =>
        ad.adaptiveAveragePool(x, outputSize(a, axes)),
  ),
  ...ofEveryRank('adaptive_max_pool', adaptiveMaxPool),
  interpolate,
  upsample: interpolate,
  channel_shuffle: ([x], a) => ad.channelShuffle(x, a.number('groups')),
}
