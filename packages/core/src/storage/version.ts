/**
 * When was this memory last assigned? Only parameters are ever written after creation. The clock counts
 * assignments of all parameters; a graph node remembers the time at which it was recorded. A node whose time
 * is not the current one is looked at more closely: which of the arrays that it reads were written since?
 * The record hangs on the typed array, so that views of a parameter are covered too.
 */

import type { TypedArray } from './dtype.ts'

/** The last assignment to one parameter's memory. */
export interface Assignment {
  /** Time on the clock, 0 when never assigned. */
  time: number
  /** Name of the parameter, for the error message. */
  readonly name: () => string
}

let clock = 0
const assignments = new WeakMap<TypedArray, Assignment>()

/** Number of assignments so far. */
export function assignmentClock(): number {
  return clock
}

/** Registers a parameter's memory; call {@link markAssigned} with the result at every write. */
export function trackAssignments(array: TypedArray, name: () => string): Assignment {
  const assignment: Assignment = { time: 0, name }
  assignments.set(array, assignment)
  return assignment
}

/** Moves the clock on and stamps the memory with it. */
export function markAssigned(assignment: Assignment): void {
  clock++
  assignment.time = clock
}

/** The assignment of an array that belongs to a parameter, `undefined` for any other array. */
export function assignmentOf(array: TypedArray): Assignment | undefined {
  return assignments.get(array)
}
