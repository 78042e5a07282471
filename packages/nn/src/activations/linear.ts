import { identity, type UnaryOp } from '@adjoint/core/functional'

/**
 * The identity as an activation, a = z: the output layer of a regression. The result is a tensor of its own, so that z and
 * a can be told apart in the graph. Lecture: formulas for regression.
 */
export const linear: UnaryOp = x => identity(x)
