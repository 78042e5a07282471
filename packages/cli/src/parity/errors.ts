/** What can keep a case from being decided. */

/** A folder, a file or a record that is not what the format says; names the place. */
export class ParityInputError extends Error {
  override readonly name: string = 'ParityInputError'
}

/** The case asks for something that Adjoint does not have, or not in that form; says what. It counts neither way. */
export class NotCovered extends Error {
  override readonly name: string = 'NotCovered'
}
