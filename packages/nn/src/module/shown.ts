/** What somebody passed, in the words of a message. */

import { ArgumentError, Tensor } from '@adjoint/core/functional'

/** `3`, `'a'`, `null`, `nothing`, `an array`, `an object`, `a tensor`, `a function`: safe for anything that JSON can hold. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return `'${value}'`
  if (Object(value) !== value) return String(value)
  if (value instanceof Tensor) return 'a tensor'
  return Array.isArray(value) ? 'an array' : typeof value === 'function' ? 'a function' : 'an object'
}

/** Throws an ArgumentError unless a value is a tensor; plain JavaScript may pass anything. */
export function expectTensor(op: string, what: string, value: unknown): asserts value is Tensor {
  if (value instanceof Tensor) return
  throw new ArgumentError(op, `the ${what} must be a tensor, got ${shown(value)}; make one with tensor(...).`)
}
