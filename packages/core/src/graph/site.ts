/** The user's line that made a node. */

import { expectFunction } from '../shape/arguments.ts'
import { expectSynchronous } from '../shape/synchronous.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Site } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { recording } from './record.ts'

/** Frames of an installed package of this scope are not the user's. */
const INSTALLED = /[\\/]@adjoint[\\/]/

/** Where the packages stand beside each other when they are not installed: `.../packages/`; empty when unknown. */
const WORKSPACE = /* @__PURE__ */ (() =>
  ((import.meta as { url?: string }).url ?? '').replace('file://', '').replace(/core\/(src|dist)\/.*$/, ''))()

/** Packages that stand between the user's call and the op that it records. */
const BETWEEN = ['core', 'nn', 'testing']

function isOwnFrame(line: string): boolean {
  if (INSTALLED.test(line) || line.includes('node:internal')) return true
  return (
    WORKSPACE !== '' &&
    BETWEEN.some(name => ['src', 'dist'].some(part => line.includes(`${WORKSPACE}${name}/${part}/`)))
  )
}

/** Deep enough to get out of composed ops and modules. */
const FRAMES = 24

/** The stack of the moment; engines format it only when it is looked at. */
class RecordedSite implements Site {
  readonly #moment: Error

  constructor() {
    const host = Error as { stackTraceLimit?: number }
    const previous = host.stackTraceLimit
    host.stackTraceLimit = FRAMES
    this.#moment = new Error()
    if (previous !== undefined) host.stackTraceLimit = previous
  }

  toString(): string {
    const frames = (this.#moment.stack ?? '').split('\n').slice(1)
    const line = frames.find(frame => !isOwnFrame(frame)) ?? 'an unknown line'
    return line.replace(/^\s*at (?:.*\()?/, '').replace(/\)$/, '')
  }
}

const capture = (): Site => new RecordedSite()

/**
 * Runs `body` in development: every node remembers the user's line, which errors and pictures of the graph then show.
 * Costs a stack trace per op. `NODE_ENV=development` does the same for a whole program that imports
 * `@adjoint/core`.
 */
export function development<Result>(body: () => Result): Result {
  expectFunction('development', body)
  const previous = recording.site
  recording.site = capture
  try {
    return expectSynchronous('development', body())
  } finally {
    recording.site = previous
  }
}

/** Switches development on for good where the environment says so; nothing else is read from it. */
export function developFromEnvironment(): void {
  const host = globalThis as { process?: { env?: Record<string, string | undefined> } }
  if (host.process?.env?.NODE_ENV === 'development') recording.site = capture
}

/** `file:line:column` of the user's call that made a tensor, `undefined` outside of development. */
export function siteOf(x: Tensor): string | undefined {
  return expectTensor('siteOf', x).node?.site?.toString()
}
