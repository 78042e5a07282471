/** Whole matrices of derivatives: every row of a Jacobian in one walk backward, or every column in one run forward. */

import { reshape } from '../ops/reshape.ts'
import { expectFunction } from '../shape/arguments.ts'
import { sizeOf } from '../shape/shape.ts'
import { eye, zerosLike } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { expectFloating, expectTree, gradientOf, pullbackOf } from './grad.ts'
import { directionsFor, jvp } from './jvp.ts'
import { flattenTree, type LikeTree, type TangentsOf, type TreeOf, type WideTree } from './tree.ts'
import { vmap } from './vmap.ts'

/** For each tensor of the result a tree like the argument: `[...shape of the result, ...shape of the input]`. */
export type JacobianOf<Out, T> = Out extends Tensor
  ? WideTree<T>
  : { readonly [Key in keyof Out]: JacobianOf<Out[Key], T> }

/**
 * The function that computes the Jacobian of `f` with respect to its first argument, by forward mode: one run of `f` with
 * a whole batch of tangents for each input tensor. The choice when there are fewer inputs than outputs; no graph is held.
 * For a tensor in and a tensor out the result has the shape `[...output, ...input]`; trees on either side give trees.
 *
 * @example
 * ```ts
 * import { jacfwd, type Tensor, tensor } from '@adjoint/core'
 * const f = (x: Tensor) => x.square().cumsum()
 * jacfwd(f)(tensor([1, 2, 3])).toArray() // => [[2, 0, 0], [2, 4, 0], [2, 4, 6]]
 * ```
 * @throws DTypeError when an input is int32 or bool.
 */
export function jacfwd<T extends TreeOf<T>, Rest extends unknown[], Out extends TreeOf<Out>>(
  f: (tree: T, ...rest: Rest) => Out,
): (tree: T, ...rest: Rest) => JacobianOf<Out, T> {
  expectFunction('jacfwd', f)
  return (tree, ...rest) => {
    const { leaves, rebuild } = flattenTree('jacfwd', tree)
    for (const leaf of leaves) expectFloating('jacfwd', leaf)
    const columns = leaves.map((leaf, at) => {
      const push = (direction: Tensor): Out => {
        const directions = leaves.map((other, i) => (i === at ? direction : zerosLike(other)))
        const tangents = rebuild(directions) as unknown as TangentsOf<T>
        return jvp((point: T) => f(point, ...rest), tree, tangents).tangent
      }
      return expectTree('jacfwd', vmap(push, { outAxes: -1 })(basisOf(leaf)))
    })
    // Of no inputs there is no column to show what `f` returns: it runs once for that.
    const outputs = columns[0] ?? expectTree('jacfwd', f(tree, ...rest))
    const blocks = outputs.leaves.map((_, row) =>
      rebuild(
        columns.map(({ leaves: parts }, i) => {
          const part = parts[row]!
          return reshape(part, [...part.shape.slice(0, -1), ...leaves[i]!.shape])
        }),
      ),
    )
    return outputs.rebuild(blocks as unknown as Tensor[]) as unknown as JacobianOf<Out, T>
  }
}

/**
 * The function that computes the Jacobian of `f` with respect to its first argument, by reverse mode: `f` runs once, and a
 * whole batch of cotangents walks back from each output tensor. The choice when there are fewer outputs than inputs. For a
 * tensor in and a tensor out the result has the shape `[...output, ...input]`; trees on either side give trees.
 *
 * @example
 * ```ts
 * import { jacrev, type Tensor, tensor } from '@adjoint/core'
 * const f = (x: Tensor) => x.square().sum().mul(tensor([1, 10]))
 * jacrev(f)(tensor([1, 2, 3])).toArray() // => [[2, 4, 6], [20, 40, 60]]
 * ```
 * @throws DTypeError when an input is int32 or bool.
 */
export function jacrev<T extends TreeOf<T>, Rest extends unknown[], Out extends TreeOf<Out>>(
  f: (tree: T, ...rest: Rest) => Out,
): (tree: T, ...rest: Rest) => JacobianOf<Out, T> {
  expectFunction('jacrev', f)
  return (tree, ...rest) => {
    const { value, pullback } = pullbackOf('jacrev', (point: T) => f(point, ...rest), tree)
    const outputs = expectTree('jacrev', value)
    const blocks = outputs.leaves.map((output, at) => {
      const pull = (cotangent: Tensor): LikeTree<T> => {
        const cotangents = outputs.leaves.map((other, i) => (i === at ? cotangent : zerosLike(other)))
        return pullback(outputs.rebuild(cotangents) as unknown as TangentsOf<Out>)
      }
      const rows = expectTree('jacrev', vmap(pull)(basisOf(output)))
      return rows.rebuild(rows.leaves.map(part => reshape(part, [...output.shape, ...part.shape.slice(1)])))
    })
    return outputs.rebuild(blocks as unknown as Tensor[]) as unknown as JacobianOf<Out, T>
  }
}

/**
 * The function that computes the matrix of second derivatives of `f`, a single number, with respect to its first
 * argument: forward mode over the gradient. For a tensor the result has the shape `[...input, ...input]`; for a tree, a
 * tree of trees.
 *
 * @example
 * ```ts
 * import { hessian, type Tensor, tensor } from '@adjoint/core'
 * hessian((x: Tensor) => x.prod())(tensor([2, 3, 5])).toArray() // => [[0, 5, 3], [5, 0, 2], [3, 2, 0]]
 * ```
 * @throws GraphError when `f` does not return a single number; DTypeError when an input is int32 or bool.
 */
export function hessian<T extends TreeOf<T>, Rest extends unknown[]>(
  f: (tree: T, ...rest: Rest) => Tensor,
): (tree: T, ...rest: Rest) => JacobianOf<T, T> {
  return jacfwd(gradientOf('hessian', f) as unknown as (tree: T, ...rest: Rest) => T)
}

/**
 * The product of the matrix of second derivatives with a vector, a tree like the first argument, without ever making the
 * matrix: forward mode over the gradient. Costs about two gradients. Further arguments are passed on as they are.
 *
 * @example
 * ```ts
 * import { hvp, type Tensor, tensor } from '@adjoint/core'
 * hvp((x: Tensor) => x.prod(), tensor([2, 3, 5]), tensor([1, 0, 0])).toArray() // => [0, 5, 3]
 * ```
 * @throws GraphError when `f` does not return a single number; ShapeError when the vector has another shape.
 */
export function hvp<T extends TreeOf<T>, Rest extends unknown[]>(
  f: (tree: T, ...rest: Rest) => Tensor,
  tree: T,
  vector: TangentsOf<T>,
  ...rest: Rest
): LikeTree<T> {
  const gradient = gradientOf('hvp', f) as unknown as (tree: T, ...rest: Rest) => T
  directionsFor('hvp', tree, vector)
  return jvp((point: T) => gradient(point, ...rest), tree, vector).tangent as unknown as LikeTree<T>
}

/** All unit vectors of the space of a tensor, along a new first axis. */
function basisOf(x: Tensor): Tensor {
  const count = sizeOf(x.shape)
  return reshape(eye(count, count, { dtype: x.dtype }), [count, ...x.shape])
}
