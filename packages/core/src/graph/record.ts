/** Whether ops leave nodes in the graph. */

import { expectFunction } from '../shape/arguments.ts'
import { expectSynchronous } from '../shape/synchronous.ts'
import type { Site } from '../tensor/node.ts'
import type { Interpreter } from './interpret.ts'

/** The switches that `apply` reads for every op; change them through `noGrad` and `development`. */
export const recording: {
  enabled: boolean
  site: (() => Site) | undefined
  interpreter: Interpreter | undefined
  paused: number
} = {
  /** Ops on tensors that require gradients leave a node. */
  enabled: true,
  /** How nodes find out where they were recorded; in development only, see `site.ts`. */
  site: undefined,
  /** The innermost transform that takes part in every op, see `interpret.ts`. */
  interpreter: undefined,
  /** How many `noGrad` are open; `enabled` alone does not say, as walks switch it too. */
  paused: 0,
}

/**
 * Runs `body` without recording: results carry no graph and require no gradients.
 *
 * @example
 * ```ts
 * import { noGrad, tensor } from '@adjoint/core'
 * const w = tensor([1, 2], { requiresGrad: true })
 * noGrad(() => w.mul(2)).requiresGrad // => false
 * ```
 * @throws ArgumentError when `body` is asynchronous: the scope would end before it does.
 */
export function noGrad<Result>(body: () => Result): Result {
  expectFunction('noGrad', body)
  recording.paused++
  try {
    return withRecording(false, () => expectSynchronous('noGrad', body()))
  } finally {
    recording.paused--
  }
}

/** Runs `body` with recording switched on or off, and restores the previous state, also when `body` throws. */
export function withRecording<Result>(enabled: boolean, body: () => Result): Result {
  const previous = recording.enabled
  recording.enabled = enabled
  try {
    return body()
  } finally {
    recording.enabled = previous
  }
}
