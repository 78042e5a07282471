/** What an activation is, and the loops that all activations of one number share. */
import { expectSameShape, type Layout, type Matrix, zerosFor, zerosLike } from '../matrix.ts'

/** What `backward` starts from: da is the derivative of L with respect to a, z and a come from the forward pass. */
export interface ActivationBackwardInputs {
  readonly da: Matrix
  readonly z: Matrix
  readonly a: Matrix
  readonly layout: Layout
}

/**
 * An activation a = g(z), with the derivative of L carried from a to z.
 *
 * Where g takes one number at a time, the Jacobian of a layer is diagonal and backward is dz = da ∗ g'(z). Softmax mixes
 * the units of an example; its backward is the product with the whole Jacobian. Any object of this type can be used as
 * the activation of a layer.
 */
export interface Activation {
  readonly name: string
  /** a = g(z), in the shape of z. */
  forward(z: Matrix, layout: Layout): Matrix
  /** dz = (∂a/∂z)ᵀ da, in the shape of z. */
  backward(inputs: ActivationBackwardInputs): Matrix
}

/** a = g(z), entry by entry. */
export function mapEntries(z: Matrix, g: (z: number) => number): Matrix {
  const a = zerosLike(z)
  for (let i = 0; i < z.data.length; i++) a.data[i] = g(z.data[i]!)
  return a
}

/** dz = da ∗ g'(z), entry by entry; g' may be written with z or with a = g(z), whichever is shorter. */
export function chainRule(
  operation: string,
  { da, z, a }: ActivationBackwardInputs,
  derivative: (z: number, a: number) => number,
): Matrix {
  expectSameShape(operation, { z, a, da })
  const dz = zerosFor(z.shape, [da, z, a])
  for (let i = 0; i < dz.data.length; i++) dz.data[i] = da.data[i]! * derivative(z.data[i]!, a.data[i]!)
  return dz
}
