/** Running statistics of norms: what they are made of, and how one pass of training moves them. */

import { groupMoments } from '@adjoint/core/engine'
import {
  add,
  cast,
  full,
  mean,
  mul,
  Parameter,
  reciprocal,
  reshape,
  slice,
  sub,
  type Tensor,
  zeros,
} from '@adjoint/core/functional'
import { isRemembering, remember } from './memory.ts'
import type { ForwardContext } from './module.ts'
import type { FloatingDType } from './newParameter.ts'

/** What a norm remembers; null when it does not. */
export interface RunningStatistics {
  readonly runningMean: Parameter | null
  readonly runningVariance: Parameter | null
  readonly batchesTracked: Parameter | null
  /** The share of a new batch; null for the average of all batches so far. */
  readonly momentum: number | null
}

/** PyTorch's names of what is not spelled as here. */
export const STATISTICS_IN_PYTORCH: Readonly<Record<string, string>> = /* @__PURE__ */ Object.freeze({
  runningVariance: 'running_var',
  batchesTracked: 'num_batches_tracked',
})

/** Statistics before the first batch: mean 0 and variance 1. */
export function freshStatistics(
  features: number,
  dtype: FloatingDType,
): { runningMean: Parameter; runningVariance: Parameter; batchesTracked: Parameter } {
  const constant = { trainable: false }
  return {
    runningMean: new Parameter(full([features], 0, { dtype }) as Tensor, 'runningMean', constant),
    runningVariance: new Parameter(full([features], 1, { dtype }) as Tensor, 'runningVariance', constant),
    batchesTracked: new Parameter(zeros([], { dtype: 'int32' }) as Tensor, 'batchesTracked', constant),
  }
}

/**
 * Moves running statistics by those of one batch, `running <- (1 - momentum) running + momentum * batch`, once for each
 * pass of training. The variance of the batch is the unbiased one, as in PyTorch.
 *
 * @param groups the input as `[outer, groups, inner]`
 * @param features number of channels; several groups of one channel, those of different examples, are averaged
 */
export function trackStatistics(
  layer: string,
  statistics: RunningStatistics,
  groups: Tensor,
  features: number,
  context: ForwardContext | undefined,
): void {
  const { runningMean, runningVariance, batchesTracked, momentum } = statistics
  if (runningMean === null || runningVariance === null || batchesTracked === null) return
  if (!isRemembering(context)) return
  const [outer, all, inner] = groups.shape as readonly [number, number, number]
  const count = outer * inner
  const moments = reshape(groupMoments(groups), [2, all / features, features])
  const ofBatch: Tensor = all === features ? reshape(moments, [2, features]) : mean(moments, 1)
  const unbiased = mul(slice(ofBatch, 1), count / (count - 1))
  const tracked = add(batchesTracked as Tensor, 1)
  const share: Tensor | number = momentum ?? reciprocal(cast(tracked, runningMean.dtype))
  const moved = (running: Tensor, found: Tensor): Tensor =>
    add(mul(running, typeof share === 'number' ? 1 - share : sub(1, share)), mul(found, share)) as Tensor
  const next = [
    [runningMean, moved(runningMean, slice(ofBatch, 0))],
    [runningVariance, moved(runningVariance, unbiased)],
    [batchesTracked, tracked],
  ] as const
  for (const [memory, value] of next) remember(layer, memory, value, context)
}
