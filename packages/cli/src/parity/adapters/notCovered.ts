/** Why an op has no adapter. */

/** Ops that Adjoint does not have, by what they would need. */
const REASONS: readonly (readonly [reason: string, ops: readonly string[]])[] = [
  ['complex numbers do not exist in Adjoint', ['eig', 'eigvals']],
]

const REASON_OF: ReadonlyMap<string, string> = new Map(
  REASONS.flatMap(([reason, ops]) => ops.map(op => [op, reason] as const)),
)

/** The reason for an op without an adapter. */
export function reasonFor(op: string): string {
  return REASON_OF.get(op) ?? `no adapter for ${op}`
}
