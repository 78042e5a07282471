/** `@adjoint/testing/laws`: what holds for every primitive, checked on random calls. Needs fast-check. */

export { type CheckLawsOptions, checkLaws, LawError, type LawsReport } from './checkLaws.ts'
export { type KinkRow, kinkPolicy } from './kinkPolicy.ts'
export { drawFrom, type LawCall, lawCalls } from './lawCall.ts'
export { type Law, lawsOf } from './lawSuite.ts'
export type { Layout } from './layouts.ts'
