/** A workload: the same work done by several subjects, which must come to the same result. */

/** One way to do the work. */
export interface Subject {
  readonly name: string
  /** Does the work once. The value is kept from being optimised away. */
  readonly run: () => unknown
  /** A number that every subject of the workload must agree on, read after the measurement. */
  readonly result: () => number
}

/** The same work, several ways. */
export interface Workload {
  readonly name: string
  readonly subjects: readonly Subject[]
  /** Largest relative difference between the subjects' results; they compute in float32. */
  readonly tolerance: number
}

/** Refuses to compare subjects that did different work. */
export function expectAgreement({ name, subjects, tolerance }: Workload): void {
  const [first, ...others] = subjects
  const expected = first!.result()
  for (const subject of others) {
    const result = subject.result()
    const difference = Math.abs(result - expected) / Math.max(Math.abs(expected), Number.MIN_VALUE)
    if (!(difference <= tolerance)) {
      throw new Error(`${name}: '${subject.name}' came to ${result}, '${first!.name}' to ${expected}.`)
    }
  }
}
