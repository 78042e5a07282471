/** Functions in, gradient functions out. */

import { isRecorded } from '../graph/interpret.ts'
import { topologicalOrder } from '../graph/order.ts'
import { recording, withRecording } from '../graph/record.ts'
import { identity } from '../ops/identity.ts'
import { expectFunction, expectOptions } from '../shape/arguments.ts'
import { ArgumentError, DTypeError, formatShape, GraphError } from '../shape/errors.ts'
import { isFloating } from '../storage/dtype.ts'
import { zerosLike } from '../tensor/create.ts'
import { Tensor, viewOf } from '../tensor/tensor.ts'
import { cotangentsOf, seedFor } from './backward.ts'
import {
  type FlatTree,
  flattenTree,
  type LikeTree,
  leavesLike,
  mapTensors,
  type TangentsOf,
  type TreeOf,
} from './tree.ts'

/** What {@link valueAndGrad} returns: a number, and the gradient as a tree like the argument. */
export interface ValueAndGrad<T> {
  value: Tensor<[]>
  grad: LikeTree<T>
}

/** Which arguments a gradient is taken with respect to: a position, or several. */
export type ArgumentPositions = number | readonly number[]

/** Settings of {@link grad} and {@link valueAndGrad}. */
export interface GradOptions<Wrt extends ArgumentPositions> {
  /** Positions of the arguments to differentiate with respect to. Default 0, the first one. */
  readonly wrt: Wrt
}

/** Settings for functions that return `[number, anything else]`; the second part is handed through. */
export interface AuxiliaryOptions<Wrt extends ArgumentPositions> extends Partial<GradOptions<Wrt>> {
  readonly auxiliary: true
}

/** The gradient of a chosen argument, or an array of those of several. */
export type GradientsOf<Arguments extends unknown[], Wrt extends ArgumentPositions> = Wrt extends number
  ? LikeTree<Arguments[Wrt]>
  : { -readonly [K in keyof Wrt]: Wrt[K] extends number ? LikeTree<Arguments[Wrt[K]]> : never }

/**
 * The function that computes the value of `f` and its gradient with respect to the first argument, a tree of tensors, or
 * to the arguments that `wrt` chooses. `f` returns a single number, or, with `auxiliary`, a single number and something
 * that is handed through. Other arguments are passed on as they are. No `.grad` is touched.
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
 *
 * const both = valueAndGrad((x: Tensor, y: Tensor) => x.mul(y).sum(), { wrt: [0, 1] })
 * both(tensor([1, 2]), tensor([3, 4])).grad.map((g) => g.toArray()) // => [[3, 4], [1, 2]]
 * ```
 * @throws GraphError when `f` does not return a single number; DTypeError when an input is int32 or bool; ArgumentError
 * for a position in `wrt` without argument.
 */
export function valueAndGrad<Rest extends unknown[]>(
  f: (x: Tensor, ...rest: Rest) => Tensor,
): (x: Tensor, ...rest: Rest) => ValueAndGrad<Tensor>
export function valueAndGrad<T extends TreeOf<T>, Rest extends unknown[]>(
  f: (tree: T, ...rest: Rest) => Tensor,
): (tree: T, ...rest: Rest) => ValueAndGrad<T>
export function valueAndGrad<Arguments extends unknown[], const Wrt extends ArgumentPositions>(
  f: (...args: Arguments) => Tensor,
  options: GradOptions<Wrt>,
): (...args: Arguments) => { value: Tensor<[]>; grad: GradientsOf<Arguments, Wrt> }
export function valueAndGrad<Arguments extends unknown[], Aux, const Wrt extends ArgumentPositions = 0>(
  f: (...args: Arguments) => readonly [Tensor, Aux],
  options: AuxiliaryOptions<Wrt>,
): (...args: Arguments) => { value: Tensor<[]>; grad: GradientsOf<Arguments, Wrt>; auxiliary: Aux }
export function valueAndGrad(
  f: unknown,
  options: Partial<AuxiliaryOptions<ArgumentPositions>> = {},
): unknown {
  expectOptions('valueAndGrad', options, ['auxiliary', 'wrt'])
  expectFunction('valueAndGrad', f)
  const { wrt = 0 } = options
  return (...args: unknown[]): unknown => {
    const positions = typeof wrt === 'number' ? [wrt] : wrt
    const chosen = positions.map(position => argumentAt(args, position))
    const { leaves, rebuild } = flattenTree('grad', typeof wrt === 'number' ? chosen[0] : chosen)
    const traced = traceInputs('grad', leaves)
    const inside = rebuild(traced.inputs)
    const all = [...args]
    for (const [i, position] of positions.entries()) {
      all[position] = typeof wrt === 'number' ? inside : (inside as unknown[])[i]
    }
    const returned = withRecording(true, () => (f as AnyFunction)(...all))
    const [result, auxiliary] = options.auxiliary ? expectPair(returned) : [returned]
    const output = expectTensor('grad', result)
    if (output.size !== 1) {
      throw new GraphError(
        'grad',
        `the function returned shape ${formatShape(output.shape)}; a gradient starts from a single number. Reduce it first (sum, mean), or use vjp.`,
      )
    }
    const recorded = output.requiresGrad && traced.isOuterRecorded(output)
    const grads = output.requiresGrad
      ? withRecording(recorded, () => cotangentsOf([seedFor('grad', output)], traced.inputs))
      : leaves.map(zerosLike)
    const value = recorded ? output : withoutNode(output)
    return options.auxiliary
      ? { value, grad: rebuild(grads), auxiliary: recorded ? auxiliary : mapTensors(auxiliary, withoutNode) }
      : { value, grad: rebuild(grads) }
  }
}

type AnyFunction = (...args: unknown[]) => unknown

function argumentAt(args: readonly unknown[], position: number): unknown {
  if (Number.isInteger(position) && position >= 0 && position < args.length) return args[position]
  throw new ArgumentError('grad', `wrt names argument ${position}, but the call has ${args.length}.`)
}

function expectPair(returned: unknown): readonly unknown[] {
  if (Array.isArray(returned) && returned.length === 2) return returned
  throw new GraphError(
    'grad',
    'with { auxiliary: true } the function must return [a single number, anything].',
  )
}

/**
 * The function that computes the gradient of `f` with respect to its first argument, a tree of tensors, or to the
 * arguments that `wrt` chooses. Applied again, it gives derivatives of any order.
 *
 * @example
 * ```ts
 * import { grad, type Tensor, tensor } from '@adjoint/core'
 * grad(x => x.square().sum())(tensor([1, 2])).toArray() // => [2, 4]
 * const cube = (x: Tensor) => x.mul(x).mul(x)
 * grad(cube)(tensor(2)).item() // => 12
 * grad(grad(cube))(tensor(2)).item() // => 12
 * grad(grad(grad(cube)))(tensor(2)).item() // => 6
 * grad((x: Tensor, y: Tensor) => x.mul(y.square()), { wrt: 1 })(tensor(2), tensor(3)).item() // => 12
 * ```
 * @throws GraphError when `f` does not return a single number; DTypeError when an input is int32 or bool; ArgumentError
 * for a position in `wrt` without argument.
 */
export function grad<Rest extends unknown[]>(
  f: (x: Tensor, ...rest: Rest) => Tensor,
): (x: Tensor, ...rest: Rest) => Tensor
export function grad<T extends TreeOf<T>, Rest extends unknown[]>(
  f: (tree: T, ...rest: Rest) => Tensor,
): (tree: T, ...rest: Rest) => LikeTree<T>
export function grad<Arguments extends unknown[], const Wrt extends ArgumentPositions>(
  f: (...args: Arguments) => Tensor,
  options: GradOptions<Wrt>,
): (...args: Arguments) => GradientsOf<Arguments, Wrt>
export function grad<Arguments extends unknown[], Aux, const Wrt extends ArgumentPositions = 0>(
  f: (...args: Arguments) => readonly [Tensor, Aux],
  options: AuxiliaryOptions<Wrt>,
): (...args: Arguments) => { grad: GradientsOf<Arguments, Wrt>; auxiliary: Aux }
export function grad(f: unknown, options?: Partial<AuxiliaryOptions<ArgumentPositions>>): unknown {
  expectOptions('grad', options, ['auxiliary', 'wrt'])
  expectFunction('grad', f)
  const both = valueAndGrad(f as () => Tensor, options as GradOptions<0>) as unknown as (
    ...args: unknown[]
  ) => { value: Tensor; grad: unknown }
  return (...args: unknown[]): unknown => {
    const { value: _, ...rest } = both(...args)
    return options?.auxiliary ? rest : rest.grad
  }
}

/**
 * The value of `f`, a tensor or a tree of tensors, at a tree of tensors, and the function that sends a cotangent of the
 * value, in the same form, back to the inputs: the product of a row vector with the Jacobian. It may be called any number
 * of times.
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
export function vjp<T extends TreeOf<T>, Out extends TreeOf<Out>>(
  f: (tree: T) => Out,
  tree: T,
): { value: Out; pullback: (cotangent: TangentsOf<Out>) => LikeTree<T> } {
  expectFunction('vjp', f)
  const { leaves, rebuild } = flattenTree('vjp', tree)
  const traced = traceInputs('vjp', leaves)
  const outputs = expectTree(
    'vjp',
    withRecording(true, () => f(rebuild(traced.inputs) as unknown as T)),
  )
  const recorded = outputs.leaves.some(output => output.requiresGrad && traced.isOuterRecorded(output))
  const value = outputs.rebuild(outputs.leaves.map(output => (recorded ? output : withoutNode(output))))
  return {
    value: value as unknown as Out,
    pullback: cotangent => {
      const cotangents = leavesLike('vjp', 'cotangents', value, cotangent)
      const seeds = outputs.leaves.flatMap((output, i) =>
        output.requiresGrad ? [seedFor('vjp', output, cotangents[i]!, true)] : [],
      )
      const isWalkRecorded = recorded || cotangents.some(x => isRecorded(x, recording.interpreter))
      return rebuild(withRecording(isWalkRecorded, () => cotangentsOf(seeds, traced.inputs)))
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
  const { enabled, interpreter } = recording
  const inputs = originals.map(x => {
    expectFloating(op, x)
    if (x.requiresGrad) return withRecording(true, () => identity(x)).named(x.name ?? 'input')
    const fresh = interpreter === undefined ? viewOf(x, x.shape, x.strides, x.offset) : interpreter.lift(x)
    fresh.requiresGrad = true
    fresh.name = x.name
    return fresh
  })
  const connected = originals.some(x => isRecorded(x, interpreter))
  const own = new Set(inputs)
  const isForeign = (x: Tensor): boolean =>
    x.node === null
      ? !own.has(x)
      : interpreter !== undefined && x.node.inputs.some(interpreter.hides, interpreter)
  return {
    inputs,
    isOuterRecorded: output => enabled && (connected || topologicalOrder([output]).some(isForeign)),
  }
}

/** Refuses inputs that have no derivatives. */
export function expectFloating(op: string, x: Tensor): void {
  if (isFloating(x.dtype)) return
  throw new DTypeError(
    op,
    `an input of shape ${formatShape(x.shape)} has dtype ${x.dtype}; gradients need float32 or float64. Cast it, or pass it as a further argument.`,
    [x.dtype],
  )
}

/** The same values without their graph. */
export function withoutNode(x: Tensor): Tensor {
  if (x.node === null && !x.requiresGrad) return x
  return withRecording(false, () => identity(x))
}

/** Takes apart what a function to differentiate returned. */
export function expectTree<T>(op: string, value: T): FlatTree<T> {
  if (typeof value !== 'object' || value === null || isPromise(value)) expectTensor(op, value)
  return flattenTree(op, value)
}

/** Whether a function was asynchronous: its result is looked at before it is done. */
export function isPromise(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null)?.then === 'function'
}

/** Checks what a function to differentiate returned. */
export function expectTensor(op: string, value: unknown): Tensor {
  if (value instanceof Tensor) return value
  const what = isPromise(value)
    ? 'a promise; only synchronous functions can be recorded'
    : value === null
      ? 'null'
      : typeof value
  throw new GraphError(op, `the function must return a tensor, it returned ${what}.`)
}
