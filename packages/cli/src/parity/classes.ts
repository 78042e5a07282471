/** How binding a case is, by its tags. */

/**
 * What a case leaves open; everything else is firm in every case, its values and dtypes above all (`promotion`, `wraparound`
 * and `rounding` are binding for the dtypes that Adjoint has, and cases with others cannot be loaded).
 */
export interface CaseClass {
  /** A derivative may be another one where there is a choice. */
  readonly convention: boolean
  /** NaN or 0 is acceptable where PyTorch's gradient is NaN. */
  readonly whereTrap: boolean
  /** The op may refuse, but not give a wrong finite number. */
  readonly optional: boolean
}

const CONVENTION = ['ties', 'kink', 'special', 'min>max']
const OPTIONAL = ['singular', 'nonfinite']

/** The class of a case; a tag that is unknown here does not make it less binding. */
export function classOf(tags: readonly string[]): CaseClass {
  const hasOneOf = (wanted: readonly string[]): boolean => tags.some(tag => wanted.includes(tag))
  const whereTrap = tags.includes('where-trap')
  return {
    // The tag 'special' of a where trap says where the trap is, not that the gradient is free.
    convention: hasOneOf(CONVENTION) && !whereTrap,
    whereTrap: whereTrap && tags.includes('special'),
    optional: hasOneOf(OPTIONAL),
  }
}
