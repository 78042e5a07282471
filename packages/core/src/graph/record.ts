/** Whether ops leave nodes in the graph, and whether those nodes remember the user's line. */

import { expectSynchronous } from '../shape/synchronous.ts'

/** The switches that `apply` reads for every op; change them through the functions below. */
export const recording: { enabled: boolean; sites: boolean } = {
  /** Ops on tensors that require gradients leave a node. */
  enabled: true,
  /** Nodes remember where they were recorded. */
  sites: developing(),
}

/** `NODE_ENV=development` switches development on; nothing else is read from the environment. */
function developing(): boolean {
  const host = globalThis as { process?: { env?: Record<string, string | undefined> } }
  return host.process?.env?.NODE_ENV === 'development'
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
  return withRecording(false, () => expectSynchronous('noGrad', body()))
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

/**
 * Runs `body` in development: every node remembers the user's line, which errors and pictures of the graph then show.
 * Costs about two microseconds per op. `NODE_ENV=development` does the same for a whole program.
 */
export function development<Result>(body: () => Result): Result {
  const previous = recording.sites
  recording.sites = true
  try {
    return expectSynchronous('development', body())
  } finally {
    recording.sites = previous
  }
}
