import { expectSameShape, type Matrix, zerosLike } from './matrix.ts'

/**
 * One step of gradient descent with the rate α, for each named parameter:
 *
 *     W ← W − α dW
 *
 * The gradient of a parameter has its name with a d before it; other entries of `gradients` are left alone. Returns new
 * matrices, the old ones stay as they are.
 *
 * ```ts
 * import { gradientDescent, matrix } from '@adjoint/manual'
 *
 * const W = matrix([1, 2], [1, -2])
 * const dW = matrix([1, 2], [4, 8])
 * const next = gradientDescent({ W }, { dW }, 0.5)
 * Array.from(next.W.data) // => [-1, -6]
 * ```
 */
export function gradientDescent<Name extends string>(
  parameters: Readonly<Record<Name, Matrix>>,
  gradients: Readonly<Record<`d${Name}`, Matrix>>,
  alpha: number,
): Record<Name, Matrix> {
  const next: Partial<Record<Name, Matrix>> = {}
  for (const name of Object.keys(parameters) as Name[]) {
    const W = parameters[name]
    const dW = gradients[`d${name}`]
    if (dW === undefined) {
      throw new TypeError(`gradientDescent: ${name} has no gradient. Add d${name} to the gradients.`)
    }
    expectSameShape('gradientDescent', { [name]: W, [`d${name}`]: dW })
    const moved = zerosLike(W)
    for (let i = 0; i < moved.data.length; i++) moved.data[i] = W.data[i]! - alpha * dW.data[i]!
    next[name] = moved
  }
  // Every name has been visited: nothing is missing any more.
  return next as Record<Name, Matrix>
}
