/** How binding a case is, by its tags. */

/**
 * - `values`: outputs must agree in every case.
 * - a difference in a derivative is a documented choice where {@link convention} holds;
 * - NaN or 0 is acceptable where PyTorch's gradient is NaN under {@link whereTrap};
 * - {@link dtypes}: about element types, binding for those that Adjoint has;
 * - {@link optional}: the op may refuse, but not give a wrong finite number.
 */
export interface CaseClass {
  readonly convention: boolean
  readonly whereTrap: boolean
  readonly dtypes: boolean
  readonly optional: boolean
}

const CONVENTION = ['ties', 'kink', 'special', 'min>max']
const DTYPES = ['promotion', 'wraparound', 'rounding']
const OPTIONAL = ['singular', 'nonfinite']

/** The class of a case; a tag that is unknown here does not make it less binding. */
export function classOf(tags: readonly string[]): CaseClass {
  const hasOneOf = (wanted: readonly string[]): boolean => tags.some(tag => wanted.includes(tag))
  const whereTrap = tags.includes('where-trap')
  return {
    // The tag 'special' of a where trap says where the trap is, not that the gradient is free.
    convention: hasOneOf(CONVENTION) && !whereTrap,
    whereTrap: whereTrap && tags.includes('special'),
    dtypes: hasOneOf(DTYPES),
    optional: hasOneOf(OPTIONAL),
  }
}
