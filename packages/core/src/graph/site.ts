/** The user's line that made a node. */

import type { Tensor } from '../tensor/tensor.ts'

/** Frames of an installed package of this scope are not the user's. */
const INSTALLED = /[\\/]@adjoint[\\/]/

/** Where the packages stand beside each other when they are not installed: `.../packages/`; empty when unknown. */
const WORKSPACE = ((import.meta as { url?: string }).url ?? '')
  .replace('file://', '')
  .replace(/core\/(src|dist)\/.*$/, '')

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

/** Remembers the stack; engines format it only when it is looked at. */
export function captureSite(): Error {
  const host = Error as { stackTraceLimit?: number }
  const previous = host.stackTraceLimit
  host.stackTraceLimit = FRAMES
  const site = new Error()
  if (previous !== undefined) host.stackTraceLimit = previous
  return site
}

/** `file:line:column` of the user's call that made a tensor, `undefined` outside of development. */
export function siteOf(x: Tensor): string | undefined {
  const stack = x.node?.site?.stack
  if (stack === undefined) return undefined
  for (const line of stack.split('\n').slice(1)) {
    if (!isOwnFrame(line)) return line.replace(/^\s*at (?:.*\()?/, '').replace(/\)$/, '')
  }
  return undefined
}

/** ` (recorded at file:line:column)` for messages, empty outside of development. */
export function siteSuffix(x: Tensor): string {
  const site = siteOf(x)
  return site === undefined ? '' : ` (recorded at ${site})`
}
