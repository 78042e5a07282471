/** `@adjoint/blas`: matrix products by a BLAS of the system, when there is one. Importing it changes nothing yet. */

export { type BlasOptions, type BlasReport, blasInUse, stopBlas, useBlas } from './useBlas.ts'
