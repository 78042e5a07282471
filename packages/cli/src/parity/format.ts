/** The files of a set of reference cases, as types. `readSet.ts` checks that the files are what these types say. */

/** Element types that a record may have; Adjoint has no int64 and no uint8. */
export const STORED_DTYPES = ['float64', 'float32', 'int64', 'int32', 'uint8', 'bool'] as const

export type StoredDType = (typeof STORED_DTYPES)[number]

/** A tensor: flat data, the last index running fastest. Numbers that JSON does not have are strings. */
export interface StoredTensor {
  readonly shape: readonly number[]
  readonly dtype: StoredDType
  readonly data: readonly (number | boolean | string)[]
  readonly name?: string
}

/** How far a number may be from the expected one: atol + rtol |expected|. */
export interface Tolerance {
  readonly rtol: number
  readonly atol: number
}

/** A case. What else it has depends on its kind, and is read by {@link Fields}. */
export interface ParityCase {
  readonly id: string
  readonly group: string
  readonly op: string
  readonly kind: string
  readonly attrs: Readonly<Record<string, unknown>>
  readonly tags: readonly string[]
  readonly note: string | undefined
  readonly tol: Tolerance | undefined
  /** The record as it stands in the file. */
  readonly record: Readonly<Record<string, unknown>>
}

export interface ParityGroup {
  readonly group: string
  readonly cases: readonly ParityCase[]
}

/** A folder of cases. */
export interface ParitySet {
  readonly set: string
  /** The version of PyTorch that computed the numbers. */
  readonly torch: string
  readonly groups: readonly ParityGroup[]
}
