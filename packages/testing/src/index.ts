/** `@adjoint/testing`: gradients checked against difference quotients, and against formulas derived by hand. */

export { BackpropReport, type BackpropRow } from './backpropReport.ts'
export { type CheckGradientsOptions, checkGradients } from './checkGradients.ts'
export { type CompareBackpropOptions, compareBackprop, type Tolerance } from './compareBackprop.ts'
export type { OneSidedSlopes, ScannedStep } from './differenceQuotient.ts'
export { type Distance, distance, ulpDistance } from './distance.ts'
export {
  type Diagnosis,
  type GradientCheck,
  GradientCheckError,
  GradientCheckReport,
  type GradientFailure,
  type GradientMode,
} from './gradientReport.ts'
export type { NestedNumbers, Numbers, ShapedNumbers } from './numbers.ts'
export { guardedValues, runTrace } from './runTrace.ts'
