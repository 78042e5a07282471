/** Whether ops leave nodes in the graph. */

import { expectFunction } from '../shape/arguments.ts'
import { expectSynchronous } from '../shape/synchronous.ts'
import type { Site } from '../tensor/node.ts'
import type { Interpreter } from './interpret.ts'
import type { StandIns } from './standIns.ts'
import type { Tracing } from './tracing.ts'

/** The switches that `apply` reads for every op; change them through `noGrad` and `development`. */
export const recording: {
  enabled: boolean
  site: (() => Site) | undefined
  interpreter: Interpreter | undefined
  standIns: StandIns | undefined
  tracing: Tracing | undefined
  paused: number
  isAgain: boolean
} = {
  /** Ops on tensors that require gradients leave a node. */
  enabled: true,
  /** How nodes find out where they were recorded; in development only, see `site.ts`. */
  site: undefined,
  /** The innermost transform that takes part in every op, see `interpret.ts`. */
  interpreter: undefined,
  /** What ops read in the place of other tensors, see `standIns.ts`. */
  standIns: undefined,
  /** The trace that is being made, for what the host does besides ops, see `tracing.ts`. */
  tracing: undefined,
  /** How many `noGrad` are open; `enabled` alone does not say, as walks switch it too. */
  paused: 0,
  /** Whether what runs has run before, with the same results, see {@link isRunningAgain}. */
  isAgain: false,
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

/**
 * Whether the present function runs once more only because a gradient walks through `checkpoint` or `scan`. What happens
 * once per pass, such as collecting statistics, has happened already.
 */
export function isRunningAgain(): boolean {
  return recording.isAgain
}

/** Runs `body` as something that has run before. */
export function runningAgain<Result>(body: () => Result): Result {
  const previous = recording.isAgain
  recording.isAgain = true
  try {
    return body()
  } finally {
    recording.isAgain = previous
  }
}

/**
 * Whether functions simply run here: no transform, no trace and no stand-ins take part, and nothing runs for the second
 * time. Only then can something else, a compiled program, say, do what a function does.
 */
export function isPlainRun(): boolean {
  const { interpreter, tracing, standIns, isAgain } = recording
  return interpreter === undefined && tracing === undefined && standIns === undefined && !isAgain
}

/** Whether ops on tensors that require gradients are recorded at present. */
export function isRecording(): boolean {
  return recording.enabled
}
