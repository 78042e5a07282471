/** Functions in, gradient functions out. */

import { topologicalOrder } from '../graph/order.ts'
import { recording, withRecording } from '../graph/record.ts'
import { identity } from '../ops/identity.ts'
import { DTypeError, formatShape, GraphError } from '../shape/errors.ts'
import { isFloating } from '../storage/dtype.ts'
import { zerosLike } from '../tensor/create.ts'
import { Tensor, viewOf } from '../tensor/tensor.ts'
import { cotangentsOf, seedFor } from './backward.ts'
import { flattenTree, type LikeTree, type TreeOf } from './tree.ts'

/** What {@link valueAndGrad} returns: a number, and the gradient as a tree like the first argument. */
export interface ValueAndGrad<T> {
  value: Tensor<[]>
  grad: LikeTree<T>
}

/**
 * The function that computes the value of `f` and its gradient with respect to the first argument, a tree of tensors.
 * `f` returns a single number. Further arguments are passed on as they are. No `.grad` is touched.
 *
 * When `f` also depends on other tensors that require gradients, the parameters of a model, say, the results are recorded,
 * so that they can be differentiated with respect to those. Where that is not wanted, in a loop that optimises an input,
 * call it inside `noGrad`.
 *
 * @example
 * ```ts
 * import { type Tensor, tensor, valueAndGrad } from '@adjoint/core'
 * type Model = { w: Tensor<[2]>; b: Tensor<[]> }
 * const loss = valueAndGrad(({ w, b }: Model, x: Tensor<[2]>) => w.mul(x).add(b).square().sum())
 * const { value, grad } = loss({ w: tensor([1, 2]), b: tensor(1) }, tensor([3, 4]))
 * value.item() // => 97
 * grad.w.toArray() // => [24, 72]
 * grad.b.item() // => 26
 * ```
 * @throws GraphError when `f` does not return a single number; DTypeError when an input is int32 or bool.
 */
export function valueAndGrad<Rest extends unknown[]>(
  f: (x: Tensor, ...rest: Rest) => Tensor,
): (x: Tensor, ...rest: Rest) => ValueAndGrad<Tensor>
export function valueAndGrad<T extends TreeOf<T>, Rest extends unknown[]>(
  f: (tree: T, ...rest: Rest) => Tensor,
): (tree: T, ...rest: Rest) => ValueAndGrad<T>
export function valueAndGrad<T extends TreeOf<T>, Rest extends unknown[]>(
  f: (tree: T, ...rest: Rest) => Tensor,
): (tree: T, ...rest: Rest) => ValueAndGrad<T> {
  return (tree, ...rest): ValueAndGrad<T> => {
    const { leaves, rebuild } = flattenTree('grad', tree)
    const traced = traceInputs('grad', leaves)
    const output = expectTensor(
      'grad',
      withRecording(true, () => f(rebuild(traced.inputs) as unknown as T, ...rest)),
    )
    if (output.size !== 1) {
      throw new GraphError(
        'grad',
        `the function returned shape ${formatShape(output.shape)}; a gradient starts from a single number. Reduce it first (sum, mean), or use vjp.`,
      )
    }
    if (!output.requiresGrad) {
      return { value: output as unknown as Tensor<[]>, grad: rebuild(leaves.map(zerosLike)) }
    }
    const recorded = traced.isOuterRecorded(output)
    const grads = withRecording(recorded, () => cotangentsOf([seedFor('grad', output)], traced.inputs))
    return { value: (recorded ? output : withoutNode(output)) as unknown as Tensor<[]>, grad: rebuild(grads) }
  }
}

/**
 * The function that computes the gradient of `f` with respect to its first argument, a tree of tensors. Applied again, it
 * gives derivatives of any order.
 *
 * @example
 * ```ts
 * import { grad, type Tensor, tensor } from '@adjoint/core'
 * grad(x => x.square().sum())(tensor([1, 2])).toArray() // => [2, 4]
 * const cube = (x: Tensor) => x.mul(x).mul(x)
 * grad(cube)(tensor(2)).item() // => 12
 * grad(grad(cube))(tensor(2)).item() // => 12
 * grad(grad(grad(cube)))(tensor(2)).item() // => 6
 * ```
 * @throws GraphError when `f` does not return a single number; DTypeError when an input is int32 or bool.
 */
export function grad<Rest extends unknown[]>(
  f: (x: Tensor, ...rest: Rest) => Tensor,
): (x: Tensor, ...rest: Rest) => Tensor
export function grad<T extends TreeOf<T>, Rest extends unknown[]>(
  f: (tree: T, ...rest: Rest) => Tensor,
): (tree: T, ...rest: Rest) => LikeTree<T>
export function grad<T extends TreeOf<T>, Rest extends unknown[]>(
  f: (tree: T, ...rest: Rest) => Tensor,
): (tree: T, ...rest: Rest) => LikeTree<T> {
  const both = valueAndGrad(f)
  return (tree, ...rest) => both(tree, ...rest).grad
}

/**
 * The value of `f` at a tree of tensors, and the function that sends a cotangent of the value back to the inputs:
 * the product of a row vector with the Jacobian. It may be called any number of times.
 *
 * @example
 * ```ts
 * import { type Tensor, tensor, vjp } from '@adjoint/core'
 * const { value, pullback } = vjp((x: Tensor) => x.square(), tensor([1, 2, 3]))
 * value.toArray() // => [1, 4, 9]
 * pullback(tensor([1, 0, 10])).toArray() // => [2, 0, 60]
 * ```
 * @throws ShapeError when the cotangent has another shape than the value; DTypeError when an input is int32 or bool.
 */
export function vjp<T extends TreeOf<T>, Out extends Tensor>(
  f: (tree: T) => Out,
  tree: T,
): { value: Out; pullback: (cotangent: Tensor) => LikeTree<T> } {
  const { leaves, rebuild } = flattenTree('vjp', tree)
  const traced = traceInputs('vjp', leaves)
  const output = expectTensor(
    'vjp',
    withRecording(true, () => f(rebuild(traced.inputs) as unknown as T)),
  )
  const recorded = output.requiresGrad && traced.isOuterRecorded(output)
  return {
    value: (recorded ? output : withoutNode(output)) as Out,
    pullback: cotangent => {
      if (!output.requiresGrad) return rebuild(leaves.map(zerosLike))
      const seed = seedFor('vjp', output, cotangent, true)
      return rebuild(
        withRecording(recorded || cotangent.requiresGrad, () => cotangentsOf([seed], traced.inputs)),
      )
    },
  }
}

/** Fresh tensors to differentiate with respect to, and whether anything outside of them wants gradients too. */
export interface TracedInputs {
  readonly inputs: Tensor[]
  /** Whether the result must itself be recorded, because an enclosing gradient is being taken. */
  readonly isOuterRecorded: (output: Tensor) => boolean
}

/** Stands in fresh tensors for the inputs: copies of nothing, connected to the originals when those are recorded. */
export function traceInputs(op: string, originals: readonly Tensor[]): TracedInputs {
  const inputs = originals.map(x => {
    if (!isFloating(x.dtype)) {
      throw new DTypeError(
        op,
        `an input of shape ${formatShape(x.shape)} has dtype ${x.dtype}; gradients need float32 or float64. Cast it, or pass it as a further argument.`,
        [x.dtype],
      )
    }
    if (x.requiresGrad) return withRecording(true, () => identity(x)).named(x.name ?? 'input')
    const fresh = viewOf(x, x.shape, x.strides, x.offset)
    fresh.requiresGrad = true
    fresh.name = x.name
    return fresh
  })
  const enabled = recording.enabled
  const connected = originals.some(x => x.requiresGrad)
  const own = new Set(inputs)
  return {
    inputs,
    isOuterRecorded: output =>
      enabled && (connected || topologicalOrder([output]).some(x => x.node === null && !own.has(x))),
  }
}

/** The same values without their graph. */
export function withoutNode(x: Tensor): Tensor {
  return x.node === null && !x.requiresGrad ? x : viewOf(x, x.shape, x.strides, x.offset)
}

/** Checks what a function to differentiate returned. */
export function expectTensor(op: string, value: unknown): Tensor {
  if (value instanceof Tensor) return value
  const promise = typeof (value as { then?: unknown } | null)?.then === 'function'
  const what = promise
    ? 'a promise; only synchronous functions can be recorded'
    : value === null
      ? 'null'
      : typeof value
  throw new GraphError(op, `the function must return a tensor, it returned ${what}.`)
}
