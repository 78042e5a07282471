/**
 * The clock of assignments. Memory is never written after it was filled, so a recorded value stays what it was; only
 * which memory a parameter looks into changes. The clock counts those changes: a graph node remembers the time at which
 * it was recorded, a parameter the time of its last assignment, and a node that is older must not read that parameter.
 */

let clock = 0

/** Number of assignments to parameters so far. */
export function assignmentClock(): number {
  return clock
}

/** Moves the clock on and returns its new time. */
export function nextAssignment(): number {
  clock++
  return clock
}
