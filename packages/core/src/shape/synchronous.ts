/** Scopes such as `noGrad(() => ...)` cover synchronous code only. */

import { ArgumentError } from './errors.ts'

/** Refuses the promise that an asynchronous body returns: the scope would end before the body does. */
export function expectSynchronous<Result>(op: string, result: Result): Result {
  if (typeof (result as { then?: unknown } | null)?.then === 'function') {
    throw new ArgumentError(
      op,
      'the function returned a promise; the scope covers synchronous code only. Await outside of it.',
    )
  }
  return result
}
